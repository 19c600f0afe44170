import { YonderError, toYonderError } from '../../protocol/errors.ts';
import type { InputKind, InputRow, SessionRow } from '../../protocol/store.ts';
import type { ResolvedModel } from '../../protocol/team.ts';
import type { RunState } from '../fold/run-state.ts';
import type { Snapshots } from '../snapshots/snapshots.ts';
import type { HttpAnswer, HttpRequest } from '../../tools/tool.ts';
import { agentOf, type LoopContext } from '../loop/context.ts';
import type { ServersParts } from '../mcp/servers.ts';
import { fail } from '../loop/report.ts';
import { finish } from '../loop/finish.ts';
import { driveRun } from '../loop/run-loop.ts';
import { readingEnv } from '../redact/sources.ts';
import { SessionLog } from '../log/session-log.ts';
import { SignIns } from '../sign-in/sign-ins.ts';
import { Drive } from './drive.ts';
import { eventsOfInput, isImmediate, STARTERS, TAKERS } from './inbox.ts';
import { makeTitle } from './make-title.ts';
import { nextBoundary } from './next-boundary.ts';
import type { HostOptions, WorkspaceOptions } from './options.ts';
import { checkModel } from '../policy/team.ts';
import { RunSignals } from './run-signals.ts';
import { SessionJobs } from './session-jobs.ts';
import { SessionParts, type PartsInput } from './session-parts.ts';
import { resolveSecret } from './secret-reference.ts';
import { serverPartsOf } from './server-parts.ts';
import { openRun } from './start-run.ts';
import { readySkills } from '../skills/pin.ts';
import { Waiters } from './waiters.ts';

/**
 * One root session in this Host: its log, its live things (workspace, models, tools), and what its drive does: taking the inbox
 * row by row and the runs step by step (R1, R7).
 */
export class OpenSession extends SessionParts implements LoopContext {
  readonly log: SessionLog;
  readonly options: HostOptions;
  readonly platform: string;
  readonly own_folders: readonly string[];
  /** Those that wait for a person. */
  readonly signIns = new SignIns();
  readonly #principal: string;
  #rows: InputRow[] = [];
  #pumping: Promise<void> = Promise.resolve();
  readonly #drive: Drive;
  readonly #jobs: SessionJobs;
  readonly #queues = new Map<string, Promise<void>>();
  readonly #waiters = new Waiters();
  readonly #signals = new RunSignals();
  readonly #closing = new AbortController();

  constructor(input: PartsInput & { options: HostOptions; row: SessionRow }) {
    super(input);
    this.options = input.options;
    this.log = new SessionLog(input.options.store, input.row.session_id, input.options.secrets);
    this.#principal = input.row.principal;
    this.platform = input.options.platform;
    this.own_folders = input.options.own_folders;
    this.#jobs = new SessionJobs({
      log: this.log,
      workspace: () => this.workspace(),
      anyWorkspace: () => input.options.openWorkspace(elsewhere(input)),
      wake: () => this.wake(),
    });
    this.#drive = new Drive({
      log: this.log,
      poll_ms: input.options.poll_ms,
      closing: this.#closing.signal,
      look: () => this.pump(),
      isDriven: () => this.#isDriven(),
      changed: (signal) => this.changed(signal),
      wakeWaiters: () => this.#waiters.wake(),
      work: (recover) => this.#work(recover),
      broken: (thrown) => this.#broken(toYonderError(thrown)),
      failed: () => this.#signals.letGo(),
      // An idle session holds no descriptor of its folder: a process may have thousands open.
      // Output of jobs is kept within its bound only while somebody looks.
      idle: async () => {
        if (!this.hasJobs() && !this.hasServers) await this.closeWorkspace();
      },
    });
    this.log.watch(() => this.#onEvent());
  }

  get root_id(): string {
    return this.log.root_id;
  }

  snapshots(): Promise<Snapshots> {
    return this.options.snapshots();
  }

  now(): Date {
    return this.options.now();
  }

  random(): number {
    return this.options.random();
  }

  waiting(session_id: string, ...kinds: InputKind[]): InputRow[] {
    return this.#rows.filter((row) => row.session_id === session_id && kinds.includes(row.kind));
  }

  signalOf(run_id: string): AbortSignal {
    const signal = this.#signals.of(run_id);
    this.#signals.follow(this.log.state);
    return signal;
  }

  async driveChild(run: RunState): Promise<void> {
    await driveRun(this, run, this.#closing.signal);
    this.#signals.forget(run.run_id);
  }

  http(request: HttpRequest): Promise<HttpAnswer> {
    return this.options.egress(request);
  }

  /** What `auto` and the session's own choice come to is judged too: nothing else stands between a policy and the call. */
  override async model(name: string): Promise<ResolvedModel> {
    const model = await super.model(name);
    const { models } = this.log.state.bounds;
    if (models !== undefined) checkModel({ where: 'the policy of this session', models }, model);
    return model;
  }

  /** What is named like a secret is kept out of all that leaves this process. */
  override variable(name: string): string | undefined {
    const { secrets } = this.options;
    const plain = (wanted: string): string | undefined => super.variable(wanted);
    return secrets === undefined ? plain(name) : readingEnv(secrets, plain)(name);
  }

  secret(reference: string): Promise<string> {
    return resolveSecret(reference, this, this.options);
  }

  async ready(run: RunState, signal: AbortSignal): Promise<void> {
    // What servers offer is noted whole, whatever a skill leaves of it to this run.
    const { narrowed: _left, ...agent } = agentOf(this, run);
    const servers = await this.servers(agent);
    await servers?.ready(this, run, agent, signal, () => this.forgetToolsets());
  }

  protected override serverParts(): ServersParts {
    return serverPartsOf(this, this.#principal);
  }

  oneAtATime(name: string, act: () => Promise<void>): Promise<void> {
    const turn = (this.#queues.get(name) ?? Promise.resolve()).then(act);
    this.#queues.set(
      name,
      turn.catch(() => undefined),
    );
    return turn;
  }

  /** Carries out what needs no boundary and remembers the rest; calls are served one after the other. */
  pump(): Promise<void> {
    const turn = this.#pumping.then(() => this.#pumpOnce());
    this.#pumping = turn.catch(() => undefined);
    return turn;
  }

  async #pumpOnce(): Promise<void> {
    const rows = await this.options.store.pendingInputs(this.root_id);
    for (const row of rows.filter(isImmediate)) {
      await this.log.append({
        events: eventsOfInput(this.log.state, row),
        taken: [row.input_id],
        session: {
          ...(row.kind === 'title' ? { title: String(row.payload['title']) } : {}),
          ...(row.kind === 'star' ? { starred: row.payload['starred'] === true } : {}),
          ...(typeof row.payload['agent'] === 'string' ? { agent_name: row.payload['agent'] } : {}),
        },
      });
    }
    for (const row of rows) if (row.kind === 'toolset_restart') void this.#restart(row);
    this.#rows = rows.filter((row) => !isImmediate(row));
  }

  /** Never rejects: what goes wrong is a warning of the next run. */
  async #restart({ payload }: InputRow): Promise<void> {
    for (const agent of this.team.agents)
      await (await this.servers(agent))?.all.restart(agent, String(payload['toolset']));
  }

  changed(signal: AbortSignal): Promise<void> {
    return this.#waiters.changed(signal);
  }

  #onEvent(): void {
    if (this.log.failure !== undefined) this.#signals.abortAll();
    this.#signals.follow(this.log.state);
    this.#waiters.wake();
  }

  /** Something came into the inbox: the drive looks at it, or begins. */
  wake(): void {
    this.#drive.wake();
  }

  /** See `Drive.inPlaceOf`. */
  inPlaceOfDrive<Result>(
    act: () => Promise<{ result: Result; drive: boolean }>,
  ): Promise<Result | undefined> {
    return this.#drive.inPlaceOf(act);
  }

  #isDriven(): boolean {
    const run = this.log.state.conversations.get(this.root_id)?.run;
    return run !== undefined && this.#signals.has(run.run_id);
  }

  async #work(recover: boolean): Promise<void> {
    await this.#runAll(recover);
    if (this.hasJobs() && !this.#closing.signal.aborted) await this.#jobs.settle();
  }

  async #runAll(recover: boolean): Promise<void> {
    for (;;) {
      await this.pump();
      if (this.#closing.signal.aborted) return;
      if (this.log.state.stop_jobs) await this.#jobs.settle();
      const run = this.log.state.conversations.get(this.root_id)?.run;
      if (run !== undefined) {
        // A run that another process left behind is gone on with only by the one that was asked to (R11).
        if (!recover && !this.#signals.has(run.run_id)) return;
        await this.#driveRoot(run);
        continue;
      }
      const [row] = this.waiting(this.root_id, ...STARTERS, ...TAKERS);
      const [title] = row === undefined ? this.waiting(this.root_id, 'title') : [];
      if (title !== undefined) {
        await this.#title(title);
        continue;
      }
      if (row === undefined) return;
      if (TAKERS.includes(row.kind)) await this.#takeBack(row);
      else await openRun(this, row);
    }
  }

  async #takeBack(row: InputRow): Promise<void> {
    const { takeBack } = await import('./take-back.ts');
    await takeBack(this, row, this.#closing.signal);
  }

  /** A title gives way as soon as a person wants something. */
  async #title(row: InputRow): Promise<void> {
    const giveWay = new AbortController();
    const stop = this.#waiters.each(() => {
      if (this.waiting(this.root_id, ...STARTERS).length > 0) giveWay.abort();
    });
    try {
      await makeTitle(this, row, AbortSignal.any([this.#closing.signal, giveWay.signal]));
    } finally {
      stop();
    }
  }

  async #driveRoot(run: RunState): Promise<void> {
    this.#signals.of(run.run_id);
    await readySkills(this);
    const timer = this.#limitTime(run);
    try {
      await driveRun(this, run, this.#closing.signal);
    } finally {
      clearTimeout(timer);
      if (run.stopped !== undefined) this.#signals.forget(run.run_id);
    }
  }

  #limitTime(run: RunState): NodeJS.Timeout | undefined {
    const limit = this.settings.runtime_config?.timeout_ms;
    if (limit === undefined) return undefined;
    return setTimeout(() => {
      const error = new YonderError('timeout', `the run took longer than ${limit} ms and was ended`);
      fail(this, run, error).catch(() => this.#waiters.wake());
    }, limit);
  }

  /** A fault of ours ends the run with its words, where the log can still be written; else readers are told. */
  async #broken(error: YonderError): Promise<void> {
    const run = this.log.state.conversations.get(this.root_id)?.run;
    if (this.log.failure !== undefined || run === undefined) {
      this.log.wakeReaders();
      return;
    }
    try {
      await fail(this, run, error);
      await finish(this, run, 'error');
    } catch {
      this.log.wakeReaders();
    }
  }

  /** Marks a run as one that this drive may go on with. */
  adopt(run_id: string): void {
    this.#signals.of(run_id);
  }

  /** Tells every reader that the session is gone; the last thing that its log says. */
  async endReaders(): Promise<void> {
    const lease = await this.options.store.acquireLease(this.root_id);
    if (lease.kind === 'held') return;
    this.log.epoch = lease.epoch;
    await this.log.append({ events: [{ type: 'session_deleted', fields: { session_id: this.root_id } }] });
  }

  /** Ends the background jobs of the session; `forget` deletes what is kept of them too. Nothing where another process owns it. */
  async endJobs(by: string, forget = false): Promise<void> {
    if (!this.#jobs.any() || (!forget && !this.hasJobs())) return;
    const lease = await this.options.store.acquireLease(this.root_id);
    if (lease.kind === 'held') return;
    this.log.epoch = lease.epoch;
    try {
      await this.log.catchUp();
      await this.#jobs.endAll(by, forget);
    } finally {
      this.log.epoch = undefined;
      await this.options.store.releaseLease(this.root_id, lease.epoch);
    }
  }

  hasJobs(): boolean {
    return this.#jobs.live().length > 0;
  }

  /** A run goes on here, or is about to. */
  get isDriven(): boolean {
    return this.#drive.isBusy;
  }

  /** Nothing goes on here and nobody reads: it can be let go and made again from its log. */
  get isIdle(): boolean {
    return !this.#drive.isBusy && this.log.readers === 0 && !this.hasJobs();
  }

  /** Resolves to true at the next boundary, from which on nothing begins here; to false where none is reached in time. */
  boundary(until: AbortSignal): Promise<boolean> {
    return nextBoundary(this.log, until, () => this.#closing.abort());
  }

  /** Lets go of everything; runs that are under way stay open in the log. Any number of times. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#signals.abortAll();
    this.#waiters.wake();
    await this.#drive.ended();
    try {
      if (this.#drive.hadLease && this.settings.runtime_config?.keep_jobs !== true)
        await this.endJobs('the end of the process that owned the session');
    } finally {
      await this.closeServers();
      await this.closeWorkspace();
      this.log.close();
    }
  }
}

/** Where commands are found by their id when the session's own folder is gone. */
function elsewhere({ options, row }: { options: HostOptions; row: SessionRow }): WorkspaceOptions {
  const { default_working_dir: working_dir } = options;
  return { root_id: row.session_id, working_dir, add_dirs: [], read_roots: [], pass_env: [], token_keys: [] };
}
