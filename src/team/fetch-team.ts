import type { Egress } from '../process/egress/egress.ts';
import type { EgressAnswer } from '../process/egress/request.ts';
import { YonderError } from '../protocol/errors.ts';
import type { TeamWarning } from '../protocol/team.ts';
import { MAX_TEAM_BYTES } from './document.ts';
import { invalidFile } from './problem.ts';
import { decode, type InlineSource } from './source.ts';
import { keepTeam, readCachedTeam, type CachedTeam } from './url-cache.ts';

export interface FetchTeamOptions {
  egress: Egress;
  /** Where copies are kept; made when it is needed. */
  cacheFolder: string;
  now: () => Date;
  /** Default 10 s, for everything. */
  timeoutMs?: number | undefined;
  signal?: AbortSignal | undefined;
}

export interface FetchedTeam {
  source: InlineSource;
  warnings: TeamWarning[];
}

const TIMEOUT_MS = 10_000;

/**
 * A team file by its https URL: at most 1 MiB, asked for anew each time by what its server called the last state of it (`ETag`). Where the server
 * cannot be reached, or answers that it has a fault, the copy of last time is used, and a warning says so. Throws what the egress throws, `not_found`
 * for an address that has nothing, and `invalid_team` for what is no team file.
 */
export async function fetchTeam(url: string, options: FetchTeamOptions): Promise<FetchedTeam> {
  const kept = await readCachedTeam(options.cacheFolder, url);
  let answer: EgressAnswer;
  try {
    answer = await options.egress({
      url,
      httpsOnly: true,
      maxBytes: MAX_TEAM_BYTES,
      timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
      headers: {
        accept: 'application/yaml, text/yaml, text/plain, */*;q=0.1',
        'user-agent': 'yonder',
        ...(kept?.etag === undefined ? {} : { 'if-none-match': kept.etag }),
        ...(kept?.last_modified === undefined ? {} : { 'if-modified-since': kept.last_modified }),
      },
      signal: options.signal,
    });
  } catch (thrown) {
    if (kept !== undefined && isAbsence(thrown)) return copyOf(kept, thrown.message);
    throw thrown;
  }
  if (answer.status === 304 && kept !== undefined) return { source: inline(url, kept.text), warnings: [] };
  if (answer.status >= 500 && kept !== undefined) return copyOf(kept, `${url} answers ${answer.status}`);
  refuseStatus(url, answer);
  const text = decode(url, answer.body);
  refusePage(url, answer, text);
  return { source: inline(url, text), warnings: await keep(url, text, answer, options) };
}

function inline(url: string, text: string): InlineSource {
  return { kind: 'inline', entry: url, files: { [url]: text } };
}

/** Nobody was there to say anything; a refused address or too large an answer is an answer. */
function isAbsence(thrown: unknown): thrown is YonderError {
  return thrown instanceof YonderError && ['unavailable', 'timeout'].includes(thrown.code);
}

function copyOf(kept: CachedTeam, why: string): FetchedTeam {
  return {
    source: inline(kept.url, kept.text),
    warnings: [warning(kept.url, `${why}; the copy of ${kept.fetched_at} is used`)],
  };
}

function warning(url: string, message: string): TeamWarning {
  return { where: { file: url, line: 1, column: 1 }, message };
}

function refuseStatus(url: string, { status, url: last, redirects }: EgressAnswer): void {
  if (status === 200) return;
  const at = redirects.length === 0 ? url : `${url} (redirected to ${last})`;
  if (status === 404 || status === 410)
    throw new YonderError('not_found', `${at} answers ${status}: there is no team; check the address`);
  if (status === 401 || status === 403)
    throw new YonderError(
      'invalid_team',
      `${at} answers ${status}: it wants a login, and none is sent; download the file and name it`,
    );
  if (status >= 500 || status === 429)
    throw new YonderError('unavailable', `${at} answers ${status}; try again later`);
  throw new YonderError('invalid_team', `${at} answers ${status} instead of a team file`);
}

function refusePage(url: string, { headers }: EgressAnswer, text: string): void {
  const isPage =
    /^text\/html\b|xhtml/i.test(headers['content-type'] ?? '') || /^\s*<(?:!doctype|html)\b/i.test(text);
  if (isPage)
    throw invalidFile(
      url,
      'is a web page (HTML), not a team file; use the address of the file itself ("raw")',
    );
}

async function keep(
  url: string,
  text: string,
  { headers }: EgressAnswer,
  options: FetchTeamOptions,
): Promise<TeamWarning[]> {
  try {
    await keepTeam(options.cacheFolder, {
      url,
      text,
      fetched_at: options.now().toISOString(),
      etag: headers['etag'],
      last_modified: headers['last-modified'],
    });
    return [];
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    return [warning(url, `no copy of it could be kept in ${options.cacheFolder} (${code})`)];
  }
}
