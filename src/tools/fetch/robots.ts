import { YonderError } from '../../protocol/errors.ts';
import type { HttpAnswer, HttpRequest } from '../tool.ts';

/** As robots.txt files name us (RFC 9309). */
export const PRODUCT = 'Yonder';
const ROBOTS_BYTES = 512 * 1024;
const ROBOTS_MS = 10_000;

type Robots = (url: string) => boolean;
type Ask = (request: Omit<HttpRequest, 'check'>) => Promise<HttpAnswer>;

/** What the sites of one call say in robots.txt; each is asked once. */
export class RobotsRules {
  readonly #ask: Ask;
  readonly #known = new Map<string, Promise<Robots>>();

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** Throws `forbidden` where the site does not want this URL to be read by programs. */
  async check(url: URL): Promise<void> {
    const known = this.#known.get(url.origin) ?? this.#load(url.origin);
    this.#known.set(url.origin, known);
    if ((await known)(url.href)) return;
    throw new YonderError('forbidden', `${url.href} is not read: ${url.origin}/robots.txt disallows it`);
  }

  /** RFC 9309, 2.3.1: no file allows all; a server that fails allows nothing. */
  async #load(origin: string): Promise<Robots> {
    const url = `${origin}/robots.txt`;
    const answer = await this.#ask({
      url,
      maxBytes: ROBOTS_BYTES,
      overLimit: 'cut',
      timeoutMs: ROBOTS_MS,
    });
    if (answer.status >= 500)
      throw new YonderError(
        'unavailable',
        `${origin} is not read: its robots.txt answers with status ${answer.status}, so nobody knows what it allows`,
      );
    if (answer.status >= 300) return () => true;
    const { robotsParser } = await import('./robots-parser.ts');
    const rules = robotsParser(url, new TextDecoder().decode(answer.body));
    return (wanted) => rules.isAllowed(wanted, PRODUCT) !== false;
  }
}
