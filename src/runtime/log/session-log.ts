import { YonderError, toYonderError } from '../../protocol/errors.ts';
import type { PreviewType, YonderEvent } from '../../protocol/events/events.ts';
import type { Redaction } from '../../protocol/secrets.ts';
import type { AppendRequest, AppendResult, SessionPatch, Store, StoredEvent } from '../../protocol/store.ts';
import { foldEvent } from '../fold/fold.ts';
import { emptyState, type LogState } from '../fold/state.ts';
import { PreviewBuffer, type OpenText } from './previews.ts';
import { LogReader } from './reader.ts';
import { waitingAfter } from './waiting.ts';

type Append = Omit<AppendRequest, 'root_id' | 'epoch' | 'session'> & {
  session?: Omit<SessionPatch, 'waiting'> | undefined;
};

/**
 * The log of one root session in this process: the fold of what is stored, the readers, and, while this Host holds the
 * lease, the one place that appends. The order is always append, commit, fold, publish (R6).
 */
export class SessionLog {
  readonly root_id: string;
  readonly store: Store;
  readonly state: LogState;
  readonly #readers = new Set<LogReader>();
  readonly #redaction: Redaction | undefined;
  readonly #previews: PreviewBuffer;
  #appends: Promise<unknown> = Promise.resolve();
  #watchers = new Set<() => void>();
  #failed: YonderError | undefined;
  #closed = false;
  /** The lease's epoch while this Host is the owner. */
  epoch: number | undefined;

  /** @param redaction takes secrets out of previews; what is stored, the store's own guard cleans */
  constructor(store: Store, root_id: string, redaction?: Redaction) {
    this.#redaction = redaction;
    this.#previews = new PreviewBuffer(redaction);
    this.store = store;
    this.root_id = root_id;
    this.state = emptyState(root_id);
  }

  /** Folds what others stored since; called at opening, when a lease is taken, and by followers. */
  async catchUp(): Promise<void> {
    for (;;) {
      const page = await this.store.readEvents(this.root_id, this.state.head, 500);
      for (const event of page) this.#take(event);
      if (page.length < 500) return;
    }
  }

  /** Commits events as the owner, in the order of the calls. Throws `store_failed` or `conflict`; then nothing happened. */
  append(request: Append): Promise<AppendResult> {
    const turn = this.#appends.then(() => this.#commit(request));
    this.#appends = turn.catch(() => undefined);
    return turn;
  }

  async #commit(request: Append): Promise<AppendResult> {
    if (this.#failed !== undefined) throw this.#failed;
    if (this.epoch === undefined)
      throw new YonderError('conflict', `session ${this.root_id} is not driven from here`);
    // Counted when its turn has come: of two questions at once the second knows of the first.
    const waiting = waitingAfter(this.state, request.events);
    const result = await this.#store({
      ...request,
      ...(waiting === undefined ? {} : { session: { ...request.session, waiting } }),
      root_id: this.root_id,
      epoch: this.epoch,
    });
    try {
      if (result.kind === 'appended') for (const event of result.events) this.#take(event);
      return result;
    } catch (thrown) {
      throw this.fail(thrown);
    }
  }

  async #store(request: AppendRequest): Promise<AppendResult> {
    try {
      return await this.store.append(request);
    } catch (thrown) {
      throw this.fail(toYonderError(thrown, 'store_failed'));
    }
  }

  /** What stopped this log from being written, if anything did; readers are told by `stream_closing`. */
  get failure(): YonderError | undefined {
    return this.#failed;
  }

  /** Stops the log from being written and tells every reader why. What is no error of ours to report is a fault of ours: `internal`. */
  fail(thrown: unknown): YonderError {
    const failure = this.#failed ?? toYonderError(thrown, 'internal');
    this.#failed = failure;
    for (const watcher of this.#watchers) watcher();
    this.wakeReaders();
    return failure;
  }

  /** This process lets the log go: readers end with a word, and nothing more is read. */
  close(): void {
    this.#closed = true;
    this.wakeReaders();
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** A new owner may find the disk free and the lock gone: nothing of a commit that failed is left. */
  tryAgain(): void {
    this.#failed = undefined;
  }

  /** Changes with every commit of another connection. A store that cannot say so any more has failed. */
  dataVersion(): number | undefined {
    try {
      return this.store.dataVersion();
    } catch (thrown) {
      this.fail(toYonderError(thrown, 'store_failed'));
      return undefined;
    }
  }

  #take(event: StoredEvent): void {
    if (event.seq <= this.state.head) return;
    const parsed = foldEvent(this.state, event);
    const closes = this.#closes(parsed);
    for (const reader of this.#readers) reader.durable(event, closes);
    for (const watcher of this.#watchers) watcher();
  }

  /** The durable events that replace a text which was previewed (R2). */
  #closes(event: YonderEvent): OpenText[] {
    switch (event.type) {
      case 'message_added':
        return this.#previews.close(`message/${event.message?.message_id ?? ''}/`);
      case 'tool_call_response':
        return this.#previews.close(`call/${String(event.run_id)}/${event.tool_call_id}/`);
      case 'model_call':
        return this.#previews.close(`message/${String(event.message_id)}/`);
      case 'stream_stopped':
      case 'run_recovered':
        return this.#closeRun(String(event.run_id));
      default:
        return [];
    }
  }

  #closeRun(run_id: string): OpenText[] {
    return [...this.#previews.open()]
      .filter((text) => text.fields['run_id'] === run_id)
      .flatMap((text) => this.#previews.close(text.key));
  }

  /** A text as it would be stored (R30), for what is used before it is. */
  clean(text: string): string {
    return this.#redaction?.text(text) ?? text;
  }

  /** Adds to an open text; readers get it when they pull. */
  preview(
    key: string,
    type: PreviewType,
    text: string,
    fields: Record<string, unknown>,
    place: OpenText['place'],
  ): void {
    const open = this.#previews.add(key, text, { type, fields, place });
    for (const reader of this.#readers) reader.preview(open);
  }

  /** Registers a reader; what is open now is offered to it at once. */
  read(after: number): LogReader {
    const reader = new LogReader(after);
    this.#readers.add(reader);
    return reader;
  }

  /** Offers the open texts to a reader that has caught up. */
  offerPreviews(reader: LogReader): void {
    for (const text of this.#previews.open()) reader.preview(text);
  }

  release(reader: LogReader): void {
    this.#readers.delete(reader);
  }

  get readers(): number {
    return this.#readers.size;
  }

  /** Calls back after every event that was folded; returns how to stop that. */
  watch(callback: () => void): () => void {
    this.#watchers.add(callback);
    return () => this.#watchers.delete(callback);
  }

  wakeReaders(): void {
    for (const reader of this.#readers) reader.wake();
  }
}
