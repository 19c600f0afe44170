import { YonderError } from '../../protocol/errors.ts';
import type { SessionRow } from '../../protocol/store.ts';
import type { OpenSession } from './open-session.ts';

interface Entry {
  opening: Promise<OpenSession>;
  /** Absent while it is made. */
  session: OpenSession | undefined;
  /** The number of its last use, among all uses and calls. */
  used: number;
  /** When it was last seen to do something, in milliseconds of the process's own clock. */
  at: number;
}

export interface OpenSessionsParts {
  build(row: SessionRow): Promise<OpenSession>;
  /** After a session was let go: nothing of it is held any more but what cannot be read again. */
  forget(session_id: string): void;
  /** Milliseconds; absent: sessions stay until the Host closes. */
  idle_ms?: number | undefined;
  max_sessions?: number | undefined;
  /** So many are kept though nothing happens in them; with more, those that were used last stay. */
  max_idle?: number | undefined;
}

/** How often idle sessions are looked for, as a part of the time after which they go. */
const LOOKS = 4;

/**
 * The sessions that a Host has open: made at their first use, one at a time for each id, let go when nothing has happened in them for a while, and made
 * again from their log at the next use. One that a call may still have in its hands is not let go.
 */
export class OpenSessions {
  readonly #parts: OpenSessionsParts;
  /** Those that were used last stand last. */
  readonly #entries = new Map<string, Entry>();
  readonly #closing = new Map<string, Promise<void>>();
  /** The numbers of the calls that are under way, oldest first. */
  readonly #calls = new Set<number>();
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: OpenSessionsParts) {
    this.#parts = parts;
    if (parts.idle_ms === undefined) return;
    this.#timer = setInterval(() => this.#sweep(), Math.max(1, parts.idle_ms / LOOKS));
    this.#timer.unref();
  }

  get size(): number {
    return this.#entries.size;
  }

  /** In how many a run goes on. */
  get driven(): number {
    return [...this.#entries.values()].filter(({ session }) => session?.isDriven === true).length;
  }

  /** A call begins; what it opens stays open until the returned function is called. */
  enter(): () => void {
    const number = (this.#count += 1);
    this.#calls.add(number);
    return () => this.#calls.delete(number);
  }

  has(session_id: string): boolean {
    return this.#entries.has(session_id);
  }

  /** `rate_limited` where no more may be open and none can go. */
  async open(row: SessionRow): Promise<OpenSession> {
    const id = row.session_id;
    for (;;) {
      const known = this.#entries.get(id);
      if (known !== undefined) {
        this.#use(id, known);
        const session = await known.opening;
        if (session.log.epoch === undefined) await session.log.catchUp();
        return session;
      }
      const leaving = this.#closing.get(id);
      if (leaving === undefined) break;
      await leaving;
    }
    this.#makeRoom();
    const entry: Entry = { opening: this.#parts.build(row), session: undefined, used: 0, at: 0 };
    this.#use(id, entry);
    this.#thinOut();
    try {
      entry.session = await entry.opening;
      return entry.session;
    } catch (thrown) {
      if (this.#entries.get(id) === entry) this.#entries.delete(id);
      throw thrown;
    }
  }

  #use(id: string, entry: Entry): void {
    this.#entries.delete(id);
    this.#entries.set(id, entry);
    entry.used = this.#count += 1;
    entry.at = performance.now();
  }

  /** Those that are open and could be made. */
  async opened(): Promise<OpenSession[]> {
    const settled = await Promise.allSettled([...this.#entries.values()].map(({ opening }) => opening));
    return settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  }

  /** Closes a session, open or not, in whatever it is; the next use makes it anew. */
  async letGo(session_id: string): Promise<void> {
    const entry = this.#entries.get(session_id);
    if (entry === undefined) return this.#closing.get(session_id);
    this.#entries.delete(session_id);
    const closing = entry.opening
      .then(
        (session) => session.close(),
        () => undefined, // whoever opened it was told
      )
      .finally(() => {
        this.#closing.delete(session_id);
        this.#parts.forget(session_id);
      });
    this.#closing.set(session_id, closing);
    return closing;
  }

  /** Lets all go. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#closing.values());
    for (const id of this.#entries.keys()) await this.letGo(id);
  }

  #makeRoom(): void {
    const { max_sessions } = this.#parts;
    if (max_sessions === undefined || this.#entries.size < max_sessions) return;
    const [first] = this.#idle();
    if (first === undefined) {
      throw new YonderError(
        'rate_limited',
        `${this.#entries.size} sessions are open here, as many as may be (--max-sessions), and something goes on in each; try again when one has ended`,
        { details: { max_sessions, retry_after_s: 5 } },
      );
    }
    void this.#letIdleGo(first);
  }

  /** What was read from a log is read again in no time: the memory is for what is in use. */
  #thinOut(): void {
    const { max_idle } = this.#parts;
    if (max_idle === undefined || this.#entries.size <= max_idle) return;
    const idle = this.#idle();
    for (const id of idle.slice(0, Math.max(0, idle.length - max_idle))) void this.#letIdleGo(id);
  }

  /** Ids of those that may go, the least recently used first. */
  #idle(): string[] {
    return [...this.#entries].filter(([, entry]) => this.#mayGo(entry)).map(([id]) => id);
  }

  #sweep(): void {
    const now = performance.now();
    for (const [id, entry] of this.#entries) {
      if (!this.#mayGo(entry)) entry.at = now;
      else if (now - entry.at >= (this.#parts.idle_ms ?? Infinity)) void this.#letIdleGo(id);
    }
  }

  /** An idle session has nothing to end that could fail; what does anyway is said by its readers and its next use. */
  async #letIdleGo(id: string): Promise<void> {
    try {
      await this.letGo(id);
    } catch {
      // Its workspace could not be closed: the process holds a descriptor more, and everything else of it is gone.
    }
  }

  #mayGo({ session, used }: Entry): boolean {
    const [oldest] = this.#calls;
    return session !== undefined && session.isIdle && (oldest === undefined || used < oldest);
  }
}
