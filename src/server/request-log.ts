import { OPERATIONS, routeOf } from '../protocol/contract/contract.ts';

/** What is said of a request when its answer is over. No content, no query, no token, and no path that is none of ours. */
export interface RequestEntry {
  /** ISO 8601, of the end. */
  time: string;
  request_id: string;
  method: string;
  /** Name of the operation, or a plain path of ours; `-` for anything else. */
  route: string;
  status: number;
  duration_ms: number;
  principal?: string;
  /** Its error, where there was one. */
  code?: string;
  /** Where a fault of ours came from; only when asked for. */
  stack?: string;
}

export type RequestLog = (entry: RequestEntry) => void;

/** One line per request. */
export function requestLog(format: 'json' | 'text', write: (line: string) => void): RequestLog {
  return (entry) => write(`${format === 'json' ? JSON.stringify(entry) : asText(entry)}\n`);
}

function asText({
  time,
  request_id,
  method,
  route,
  status,
  duration_ms,
  principal,
  code,
  stack,
}: RequestEntry) {
  const words = [
    time,
    request_id,
    method,
    route,
    String(status),
    `${duration_ms}ms`,
    principal ?? '-',
    code ?? '',
  ];
  return `${words.join(' ').trimEnd()}${stack === undefined ? '' : `\n${stack}`}`;
}

const ROUTES = new Map<string, string>([
  ...OPERATIONS.map((name) => [routeOf(name), name] as const),
  ...['/health', '/ready', '/openapi.json'].map((path) => [path, path] as const),
]);

export function routeNameOf(path: string): string {
  return ROUTES.get(path) ?? '-';
}

const METHODS: ReadonlySet<string> = new Set(['GET', 'POST', 'OPTIONS', 'HEAD', 'PUT', 'PATCH', 'DELETE']);

/** A method is whatever a client says; only those that everybody knows are written down. */
export function methodNameOf(method: string): string {
  return METHODS.has(method) ? method : '-';
}
