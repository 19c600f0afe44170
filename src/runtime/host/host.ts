import type { AcceptedSession } from '../../protocol/contract/payloads.ts';
import { shortened } from '../../protocol/shortened.ts';
import type { RequestContext } from '../../protocol/context.ts';
import { YonderError } from '../../protocol/errors.ts';
import type { SecretKeeper } from '../../protocol/secrets.ts';
import type { SignInStore } from '../../protocol/sign-ins.ts';
import type { SessionRow, Store } from '../../protocol/store.ts';
import { resolvedTeamSchema, type ResolvedTeam } from '../../protocol/team.ts';
import { memorySignIns } from '../../tools/mcp/oauth/kept.ts';
import type { Models } from '../../model/models.ts';
import { withheldLine } from '../prompt/system.ts';
import { guardedStore } from '../redact/guarded-store.ts';
import { Secrets } from '../redact/secrets.ts';
import { wireWords } from '../redact/wire-words.ts';
import { addGivenValues, addProviderKeys, addTeamValues } from '../redact/sources.ts';
import { Logins } from '../sign-in/logins.ts';
import { openCassette } from './cassette.ts';
import { lostVariables, refuseLost } from './given-variables.ts';
import { Once } from './once.ts';
import { OpenSession } from './open-session.ts';
import { keyLookup } from './key-lookup.ts';
import type { HostOptions, WorkspaceOptions } from './options.ts';
import { OpenSessions } from './open-sessions.ts';
import { storedSettings } from './serving.ts';
import { readySkills } from '../skills/pin.ts';

/** Drives the sessions of one process: owns the store handle, opens sessions from their rows and lets them go. */
export class Host {
  readonly options: HostOptions & { secrets: SecretKeeper; signIns: SignInStore };
  readonly #sessions: OpenSessions;
  /** Values of `runtime_config.env`: in memory only (WIRE.md). */
  readonly #environments = new Map<string, Record<string, string>>();
  /** Gateways whose address has a password: in memory only, what is stored has none. */
  readonly #gateways = new Map<string, string>();
  /** Sign-ins at MCP servers that people began outside of sessions. */
  readonly logins: Logins;
  readonly once: Once;
  #closed = false;
  #draining = false;

  constructor(options: HostOptions) {
    const secrets = options.secrets ?? new Secrets().reserve(wireWords);
    addProviderKeys(secrets, options.env);
    const signIns = options.signIns ?? memorySignIns();
    this.options = { ...options, secrets, signIns, store: guardedStore(options.store, secrets) };
    const milliseconds = (): number => options.now().getTime();
    this.logins = new Logins(milliseconds);
    this.once = new Once(milliseconds);
    this.#sessions = new OpenSessions({
      build: (row) => this.#build(row),
      forget: (session_id) => this.#forget(session_id),
      idle_ms: options.serving?.idle_ms,
      max_sessions: options.serving?.max_sessions,
      max_idle: options.serving?.max_idle,
    });
  }

  /** What may not leave this process (R30). */
  get secrets(): SecretKeeper {
    return this.options.secrets;
  }

  get store(): Store {
    return this.options.store;
  }

  /** The row that an id, an unambiguous prefix or `-N` names, as far as this principal may see it (R12). */
  async row(context: RequestContext, reference: string): Promise<SessionRow> {
    const row = await this.#find(context, reference);
    if (row !== undefined && this.sees(context, row)) return row;
    throw new YonderError(
      'not_found',
      `there is no session ${shortened(reference)}; list them with: yonder sessions list`,
    );
  }

  /** One's own, or all for `admin` (R12). */
  sees(context: RequestContext, row: { principal: string }): boolean {
    return context.scopes.includes('admin') || row.principal === context.principal;
  }

  /** The principal whose sessions are shown; undefined: all, for `admin` (R12). */
  seenBy(context: RequestContext): string | undefined {
    return context.scopes.includes('admin') ? undefined : context.principal;
  }

  async #find(context: RequestContext, reference: string): Promise<SessionRow | undefined> {
    const principal = this.seenBy(context);
    if (/^-\d+$/.test(reference)) {
      const offset = Number(reference.slice(1)) - 1;
      const [row] =
        offset < 0 || !Number.isSafeInteger(offset)
          ? []
          : await this.store.sessions({ principal, limit: 1, offset });
      if (row === undefined) {
        throw new YonderError(
          'not_found',
          `there is no session ${shortened(reference)}: fewer are stored; list them with: yonder sessions list`,
        );
      }
      return row;
    }
    const exact = await this.store.session(reference);
    if (reference === '' || (exact !== undefined && this.sees(context, exact))) return exact;
    const matches = await this.store.sessionsByPrefix(reference, principal);
    if (matches.length < 2) return matches[0];
    const ids = matches.map((match) => match.session_id);
    throw new YonderError(
      'ambiguous_target',
      `${reference} may be any of ${ids.join(', ')}; write more of it`,
      { details: { ids } },
    );
  }

  /** The session behind a row, opened at its first use; its log is folded up to now. `unavailable` while the Host ends. */
  async open(row: SessionRow): Promise<OpenSession> {
    if (this.#closed || (this.#draining && !this.#sessions.has(row.session_id))) throw isEnding();
    return this.#sessions.open(row);
  }

  /** A call begins; sessions that it opens stay open until the returned function is called. */
  enter(): () => void {
    return this.#sessions.enter();
  }

  /** How many sessions are open. */
  get size(): number {
    return this.#sessions.size;
  }

  async #build(row: SessionRow): Promise<OpenSession> {
    const settings = storedSettings(this.options.serving, row);
    const team = await this.team(row.team_digest);
    const env = (name: string): string | undefined =>
      this.environment(row.session_id)?.[name] ?? this.options.env(name);
    addTeamValues(this.secrets, team, env, row.session_id);
    const session = new OpenSession({
      options: this.options,
      row,
      team,
      settings,
      working_dir: row.working_dir,
      models: this.#noModels(),
      openWorkspace: () => this.#openWorkspace(session),
      hostVariables: () => this.options.variables(workspaceRules(session, session.settings)),
      openFolder: (root) => this.#openFolder(row.session_id, root),
      env,
      toolsets: this.options.toolsets ?? [],
    });
    await session.log.catchUp();
    if (session.log.state.skills !== undefined) await readySkills(session);
    session.change({ models: await this.modelsFor(session, settings) });
    return session;
  }

  #noModels(): Models {
    return this.options.models({ env: () => undefined, cassette: undefined });
  }

  /** The models of a session under these settings: its environment and its cassette. */
  async modelsFor(session: OpenSession, settings: AcceptedSession): Promise<Models> {
    const withheld = this.options.withheld(workspaceRules(session, settings));
    const cassette = await openCassette({
      store: this.store,
      root_id: session.root_id,
      settings,
      placeholders: [
        { value: session.working_dir, name: 'workspace' },
        { value: `Today's date: ${this.options.now().toISOString().slice(0, 10)}`, name: 'date' },
        { value: `Operating system: ${this.options.platform}`, name: 'system' },
        { value: withheldLine(withheld), name: '' },
      ],
      used: session.log.state.played,
    });
    session.plays_in_order = cassette?.mode === 'replay' && cassette.match === 'order';
    return this.options.models({
      ...keyLookup(this.options, () => this.environment(session.root_id)),
      cassette,
      secrets: this.secrets,
      gateway: this.#gateways.get(session.root_id) ?? settings.runtime_config?.models_gateway,
    });
  }

  /** The gateway as it was said, for as long as this Host has the session. */
  setGateway(root_id: string, address: string): void {
    const password = URL.parse(address)?.password ?? '';
    if (password !== '') this.secrets.add('models_gateway', decodeURIComponent(password), root_id);
    this.#gateways.set(root_id, address);
  }

  environment(root_id: string): Record<string, string> | undefined {
    return this.#environments.get(root_id);
  }

  setEnvironment(root_id: string, values: Record<string, string>): void {
    addGivenValues(this.secrets, values, root_id);
    this.#environments.set(root_id, values);
  }

  /** `env_missing` where what the session was given is gone and its team needs it; `given` is what is given now. */
  checkVariables(
    { session_id, team, settings }: { session_id: string; team: ResolvedTeam; settings: AcceptedSession },
    given: Readonly<Record<string, string>> = {},
  ): void {
    const { env, keys } = this.options;
    const held = this.environment(session_id);
    const has = (name: string): boolean =>
      [given[name], held?.[name], env(name), keys?.value(name)].some((value) => (value ?? '') !== '');
    refuseLost(session_id, lostVariables(team, settings, has));
  }

  /** `rate_limited` where a run would be one too many; a session in which one goes on has its place. */
  checkRoomForRun(session: OpenSession): void {
    const max_runs = this.options.serving?.max_runs;
    if (max_runs === undefined || session.isDriven || this.#sessions.driven < max_runs) return;
    throw new YonderError(
      'rate_limited',
      `${max_runs} runs go on here, as many as may be; try again when one has ended`,
      { details: { max_runs, retry_after_s: 5 } },
    );
  }

  /** Another look at a session's workspace, for the caller to close. */
  openWorkspaceOf(session: OpenSession): ReturnType<HostOptions['openWorkspace']> {
    return this.#openWorkspace(session);
  }

  #openWorkspace(session: OpenSession): ReturnType<HostOptions['openWorkspace']> {
    const config = session.settings.runtime_config;
    return this.options.openWorkspace({
      root_id: session.root_id,
      working_dir: session.working_dir,
      add_dirs: config?.add_dirs ?? [],
      read_roots: [...(config?.read_dirs ?? []), ...session.team.read_roots],
      ...workspaceRules(session, session.settings),
    });
  }

  /** A folder of this Host that is only read, as those of a user's skills. */
  #openFolder(root_id: string, root: string): ReturnType<HostOptions['openWorkspace']> {
    const nothing = { add_dirs: [], read_roots: [], pass_env: [], token_keys: [] };
    return this.options.openWorkspace({ root_id, working_dir: root, ...nothing });
  }

  /** A pinned team by its digest (R22). */
  async team(digest: string): Promise<ResolvedTeam> {
    const text = await this.store.team(digest);
    if (text === undefined)
      throw new YonderError('not_found', `the team ${digest} that the session pinned is not in the store`);
    return resolvedTeamSchema.parse(JSON.parse(text));
  }

  /** Sessions that are open here. */
  opened(): Promise<OpenSession[]> {
    return this.#sessions.opened();
  }

  /** Forgets a session, e.g. after it was deleted. */
  async release(session_id: string): Promise<void> {
    this.#environments.delete(session_id);
    this.#gateways.delete(session_id);
    await this.#sessions.letGo(session_id);
    this.secrets.forget(session_id);
  }

  /** Of a session that is let go, what only this process knows stays: what it was given, and which values may not leave. */
  #forget(session_id: string): void {
    if (!this.#environments.has(session_id) && !this.#gateways.has(session_id))
      this.secrets.forget(session_id);
  }

  /** Whether work is taken; false from the first moment of `drain` on. */
  get takesWork(): boolean {
    return !this.#draining && !this.#closed;
  }

  /**
   * Takes no more work and lets every run come to a boundary, for at most so many milliseconds or until the signal. What is still under way then is cut when
   * the Host closes, and is for recovery. Gives how many were cut off.
   */
  async drain(milliseconds: number, signal?: AbortSignal): Promise<number> {
    this.#draining = true;
    const until = AbortSignal.any([
      AbortSignal.timeout(milliseconds),
      ...(signal === undefined ? [] : [signal]),
    ]);
    const sessions = await this.opened();
    const reached = await Promise.all(
      sessions.map(async (session) => {
        if (!(await session.boundary(until))) return false;
        await this.#sessions.letGo(session.root_id);
        return true;
      }),
    );
    return reached.filter((isThere) => !isThere).length;
  }

  /** Lets every session go and closes the store; runs that are under way stay open in their logs. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#sessions.close();
    await this.logins.close();
    await this.store.close();
  }
}

function isEnding(): YonderError {
  return new YonderError('unavailable', 'this Host is closing; try again when it is back');
}

/** What says which variables commands get. */
function workspaceRules(
  session: OpenSession,
  settings: AcceptedSession,
): Pick<WorkspaceOptions, 'pass_env' | 'token_keys'> {
  const keys = Object.values(session.team.models).map((model) => model.token_key);
  return {
    pass_env: settings.runtime_config?.pass_env ?? [],
    token_keys: keys.filter((key) => key !== undefined),
  };
}
