import { OPERATIONS, routeOf } from '../protocol/contract/contract.ts';
import { ERRORS, type YonderError } from '../protocol/errors.ts';
import { GONE, type Answered } from './listen/node-requests.ts';

/** What is said of a request when its answer is over. No content, no query, no token, and no path that is none of ours. */
export interface RequestEntry {
  /** ISO 8601, of the end. */
  time: string;
  request_id: string;
  method: string;
  /** Name of the operation, or a plain path of ours; `-` for anything else. */
  route: string;
  /** 499 where the client went away before it had one. */
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

function routeNameOf(path: string): string {
  return ROUTES.get(path) ?? '-';
}

const METHODS: ReadonlySet<string> = new Set(['GET', 'POST', 'OPTIONS', 'HEAD', 'PUT', 'PATCH', 'DELETE']);

/** A method is whatever a client says; only those that everybody knows are written down. */
function methodNameOf(method: string): string {
  return METHODS.has(method) ? method : '-';
}

interface Exchange {
  begun: number;
  principal?: string | undefined;
  error?: YonderError;
}

/** What is known of each request while it goes on, for the line at its end. */
export class Exchanges {
  readonly #log: RequestLog | undefined;
  readonly #debug: boolean;
  readonly #open = new WeakMap<Request, Exchange>();

  constructor(log: RequestLog | undefined, debug: boolean) {
    this.#log = log;
    this.#debug = debug;
  }

  begin(request: Request): void {
    if (this.#log !== undefined) this.#open.set(request, { begun: performance.now() });
  }

  from(request: Request, principal: string | undefined): void {
    const exchange = this.#open.get(request);
    if (exchange !== undefined) exchange.principal = principal;
  }

  failed(request: Request, error: YonderError): void {
    const exchange = this.#open.get(request);
    if (exchange !== undefined) exchange.error = error;
  }

  end({ request, method, path, status, request_id, error: own }: Answered): void {
    if (this.#log === undefined) return;
    const exchange = request === undefined ? undefined : this.#open.get(request);
    const error = status === GONE ? undefined : (own ?? exchange?.error);
    this.#log({
      time: new Date().toISOString(),
      request_id,
      method: methodNameOf(method),
      route: routeNameOf(path),
      status,
      duration_ms: exchange === undefined ? 0 : Math.round(performance.now() - exchange.begun),
      ...(exchange?.principal === undefined ? {} : { principal: exchange.principal }),
      ...(error === undefined ? {} : { code: error.code }),
      ...(error === undefined || !this.#debug || ERRORS[error.code].status < 500
        ? {}
        : { stack: stackOf(error) }),
    });
  }
}

/** Where it came from, down to its first cause: lines of code alone, since a message can hold what somebody said. */
function stackOf(error: Error): string {
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const cause =
    error.cause instanceof Error ? `\n  caused by ${error.cause.name}\n${stackOf(error.cause)}` : '';
  return `${frames.join('\n')}${cause}`;
}
