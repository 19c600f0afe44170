import { expect } from 'vitest';
import type { Backend, Runtime } from '../../../protocol/backend.ts';
import type { RequestContext } from '../../../protocol/context.ts';
import { CONTRACT, type OperationName } from '../../../protocol/contract/contract.ts';
import { YonderError } from '../../../protocol/errors.ts';
import { calls, INLINE, logOf, only, teamOf, Watcher, type Behaviours } from '../support.ts';
import { collect, type World } from '../world.ts';

interface Caller {
  backend: Backend;
  context: RequestContext;
}

/** What somebody else has, by its ids; or ids of the same look that nobody has. */
interface Things {
  session_id: string;
  run_id: string;
  request_id: string;
  upload_id: string;
  blob_id: string;
}

/** One way to reach a thing by its id. `own` is a session of the caller. */
type Way = (caller: Caller, things: Things, own: Runtime) => Promise<unknown>;

const messages = [{ content: 'mine now' }];
const on =
  (act: (runtime: Runtime, context: RequestContext, things: Things) => Promise<unknown>): Way =>
  ({ backend, context }, things) =>
    act(backend.session(things.session_id), context, things);
const file = ({ upload_id }: Things) =>
  ({ type: 'file', upload_id, name: 'x', media_type: 'text/plain' }) as const;
const cassette = ({ upload_id }: Things) => ({ mode: 'replay', upload_id }) as const;

/** `alone`: nobody else's thing can be named in it, and what it shows of others is checked beside the table. */
type Row = 'alone' | readonly Way[];

/** Every operation of the contract; a new one without a row does not compile. */
const WAYS: Record<OperationName, Row> = {
  capabilities: 'alone',
  'team/list': 'alone',
  'host/models': 'alone',
  'mcp/list': 'alone',
  'mcp/login': 'alone',
  'mcp/finish': 'alone',
  'mcp/logout': 'alone',
  'host/doctor': 'alone',
  'upload/create': 'alone',
  'session/list': 'alone',
  'session/search': 'alone',
  'run/list': 'alone',
  'team/load': [
    ({ backend, context }, { upload_id }) =>
      backend.loadTeam(context, { source: INLINE(TEAM), prompt_files: [{ name: 'x', upload_id }] }),
    ({ backend, context }, things) =>
      backend.loadTeam(context, { source: INLINE(TEAM), runtime_config: { cassette: cassette(things) } }),
  ],
  'session/create': [
    ({ backend, context }, { session_id }) =>
      backend.createSession(context, { resume_session_id: session_id }),
    ({ backend, context }, { session_id }) =>
      backend.createSession(context, { resume_session_id: session_id.slice(0, -4), safety: 'autonomous' }),
    ({ backend, context }, { upload_id }) =>
      backend.createSession(context, { source: INLINE(TEAM), prompt_files: [{ name: 'x', upload_id }] }),
    ({ backend, context }, things) =>
      backend.createSession(context, {
        source: INLINE(TEAM),
        runtime_config: { cassette: cassette(things) },
      }),
    ({ backend, context }, things) =>
      backend.createSession(context, { source: INLINE(TEAM), first_files: [file(things)] }),
  ],
  'session/delete': [
    ({ backend, context }, { session_id }) => backend.deleteSessions(context, { session_id }),
    ({ backend, context }, { session_id }, own) =>
      backend.deleteSessions(context, { session_ids: [own.session_id, session_id] }),
  ],
  'session/open': [
    on((runtime, context) => runtime.open(context, {})),
    ({ backend, context }, { session_id }) => backend.session(session_id.slice(0, -4)).open(context, {}),
  ],
  'session/transcript': [on((runtime, context) => runtime.transcript(context, { include_children: true }))],
  'session/events': [
    on((runtime, context) => collect(runtime.follow(context, { follow: false }))),
    on((runtime, context, { run_id }) => collect(runtime.follow(context, { run_id, after: 3 }))),
  ],
  'session/agent_info': [on((runtime, context) => runtime.agentInfo(context, {}))],
  'session/tools': [on((runtime, context) => runtime.tools(context, {}))],
  'session/toolsets': [on((runtime, context) => runtime.toolsets(context, {}))],
  'session/models': [on((runtime, context) => runtime.models(context, {}))],
  'session/commands': [on((runtime, context) => runtime.commands(context, {}))],
  'session/skills': [on((runtime, context) => runtime.skills(context, {}))],
  'session/prompts': [on((runtime, context) => runtime.prompts(context, {}))],
  'session/permissions': [on((runtime, context) => runtime.permissions(context, {}))],
  'session/queue': [on((runtime, context) => runtime.queue(context, {}))],
  'session/usage': [on((runtime, context) => runtime.usage(context, {}))],
  'session/cassette': [on((runtime, context) => runtime.cassette(context, {}))],
  'session/snapshots': [on((runtime, context) => runtime.snapshots(context, {}))],
  'session/export': [
    on((runtime, context) => runtime.exportSession(context, { format: 'json' })),
    on((runtime, context) => runtime.exportSession(context, { format: 'markdown' })),
  ],
  blob: [
    on((runtime, context, { blob_id }) => runtime.blob(context, { id: blob_id })),
    (caller, { blob_id }, own) => own.blob(caller.context, { id: blob_id }),
  ],
  'session/run': [
    on((runtime, context) => runtime.run(context, { messages })),
    ({ context }, things, own) =>
      own.run(context, { messages: [{ content: 'read', parts: [file(things)] }] }),
  ],
  'session/steer': [
    on((runtime, context) => runtime.steer(context, { messages })),
    ({ context }, things, own) => own.steer(context, { messages: [{ content: 'x', parts: [file(things)] }] }),
  ],
  'session/follow_up': [
    on((runtime, context) => runtime.followUp(context, { messages })),
    ({ context }, things, own) =>
      own.followUp(context, { messages: [{ content: 'x', parts: [file(things)] }] }),
  ],
  'session/answer': [
    on((runtime, context, { request_id }) => runtime.answer(context, { request_id, decision: 'approve' })),
    ({ context }, { request_id }, own) => own.answer(context, { request_id, decision: 'approve' }),
  ],
  'session/claim': [
    on((runtime, context, { request_id }) =>
      runtime.claim(context, { request_id, redirect_url: 'http://127.0.0.1:4567/' }),
    ),
  ],
  'session/interrupt': [
    on((runtime, context) => runtime.interrupt(context, {})),
    on((runtime, context, { run_id }) => runtime.interrupt(context, { run_id, include_background: true })),
  ],
  'session/pause': [on((runtime, context) => runtime.pause(context, { paused: true }))],
  'session/compact': [on((runtime, context) => runtime.compact(context, {}))],
  'session/prompt': [on((runtime, context) => runtime.prompt(context, { name: 'x' }))],
  'session/skill': [on((runtime, context) => runtime.skill(context, { name: 'x' }))],
  'session/command': [on((runtime, context) => runtime.command(context, { name: 'x' }))],
  'session/shell': [on((runtime, context) => runtime.shell(context, { command: 'true' }))],
  'session/agent': [on((runtime, context) => runtime.setAgent(context, { agent_name: 'root' }))],
  'session/toolset_restart': [on((runtime, context) => runtime.restartToolset(context, { toolset: 'x' }))],
  'session/set_model': [on((runtime, context) => runtime.setModel(context, { model: 'openai/o3' }))],
  'session/set_permissions': [
    on((runtime, context) => runtime.setPermissions(context, { permissions: { allow: ['shell'] } })),
  ],
  'session/set_safety': [on((runtime, context) => runtime.setSafety(context, { safety: 'autonomous' }))],
  'session/title': [on((runtime, context) => runtime.setTitle(context, { title: 'mine' }))],
  'session/regenerate_title': [on((runtime, context) => runtime.regenerateTitle(context, {}))],
  'session/star': [on((runtime, context) => runtime.setStarred(context, { starred: true }))],
  'session/fork': [
    on((runtime, context) => runtime.fork(context, {})),
    on((runtime, context) => runtime.fork({ ...context, idempotency_key: 'fork-it' }, {})),
  ],
  'session/undo': [on((runtime, context) => runtime.undo(context, {}))],
  'session/reset': [on((runtime, context) => runtime.reset(context, {}))],
  'run/follow': [({ backend, context }, { run_id }) => collect(backend.followRun(context, { run_id }))],
};

const TEAM = teamOf(['shell', 'think']);
const SECRET = 'heliotrope';

/** A session of alice: with a message, a file, a recording, a fork's key, and a run that waits for her. */
async function hers(world: World, alice: Caller): Promise<Things & { runtime: Runtime; watcher: Watcher }> {
  const { backend, context } = alice;
  const bytes = new TextEncoder().encode(SECRET);
  const { upload_id } = await backend.upload(context, { media_type: 'text/plain' }, bytes);
  const { session_id } = await backend.createSession(context, {
    source: INLINE(TEAM),
    working_dir: world.folder,
    unattended: 'wait',
    runtime_config: { cassette: { mode: 'record' } },
  });
  const runtime = backend.session(session_id);
  const part = { type: 'file', upload_id, name: 'x.txt', media_type: 'text/plain' } as const;
  const first = await collect(await runtime.run(context, { messages: [{ content: SECRET, parts: [part] }] }));
  const [{ blob_id } = { blob_id: '' }] = only(first, 'user_message')['multi_content'] as {
    blob_id: string;
  }[];
  await runtime.fork({ ...context, idempotency_key: 'fork-it' }, {});
  const stream = await runtime.run(context, { messages: [{ content: 'go' }] });
  const watcher = new Watcher(stream);
  const request_id = String((await watcher.until('tool_call_confirmation'))['request_id']);
  return { session_id, run_id: stream.run_id, request_id, upload_id, blob_id, runtime, watcher };
}

/** The same ids in the same form, which nobody has. */
function nobodys({ session_id, run_id, request_id, upload_id, blob_id }: Things): Things {
  const other = (id: string): string => `${id.slice(0, -8)}${id.slice(-8).replaceAll(/[0-9a-z]/g, 'z')}`;
  return {
    session_id: other(session_id),
    run_id: other(run_id),
    request_id: other(request_id),
    upload_id: other(upload_id),
    blob_id: other(blob_id),
  };
}

/** What a call says, with the ids that it was asked about left out. */
async function said(call: Promise<unknown>, things: Things): Promise<string> {
  try {
    return `an answer: ${JSON.stringify(await call)}`;
  } catch (thrown) {
    if (!(thrown instanceof YonderError)) throw thrown;
    const text = `${thrown.code}: ${thrown.message} ${JSON.stringify(thrown.details ?? {})}`;
    return Object.entries(things)
      .flatMap(([name, id]) => [
        { name, id },
        { name, id: id.slice(0, -4) },
      ])
      .reduce((left, { name, id }) => left.replaceAll(id, `<${name}>`), text);
  }
}

/** By its declaration: what is not built is that for everybody, and what needs `admin` is refused before any id is looked at. */
function expectedCode(name: OperationName): RegExp {
  const { built, scope } = CONTRACT[name];
  if (scope === 'admin') return /^forbidden: /;
  if (!built) return /^unsupported: /;
  return name === 'run/follow' ? /^no_run: / : /^not_found: /;
}

export const ownerBehaviours: Behaviours = {
  'of every operation: what is somebody else’s answers as what nobody has, and stays as it was': async ({
    open,
  }) => {
    const world = await open([{ text: 'read' }, calls('shell', { cmd: 'touch a' }), { text: 'done' }]);
    const alice = world.as('alice', ['read', 'run', 'approve'], { approve_own: true });
    const bob = world.as('bob', ['read', 'run', 'approve'], { approve_own: true });
    const { runtime, watcher, ...things } = await hers(world, alice);
    const made = await bob.backend.createSession(bob.context, {
      source: INLINE(TEAM),
      working_dir: world.folder,
    });
    const own = bob.backend.session(made.session_id);
    const before = await logOf(world, things.session_id);
    const nobody = nobodys(things);
    const wrong: string[] = [];
    for (const [name, ways] of Object.entries(WAYS) as [OperationName, Row][]) {
      if (ways === 'alone') continue;
      for (const [index, way] of ways.entries()) {
        const hersSays = await said(way(bob, things, own), things);
        const nobodySays = await said(way(bob, nobody, own), nobody);
        const differs = hersSays === nobodySays ? '' : `, and of nobody's: ${nobodySays}`;
        if (differs !== '' || !expectedCode(name).test(hersSays))
          wrong.push(`${name} ${index}: ${hersSays}${differs}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(await logOf(world, things.session_id)).toEqual(before);
    // Bob's own session is there still: a deletion that names another's deletes none.
    expect((await own.open(bob.context, {})).session.session_id).toBe(made.session_id);
    await runtime.answer(alice.context, { request_id: things.request_id, decision: 'approve' });
    await watcher.rest();
  },

  'lists, searches, counts and numbers show their own alone': async ({ open }) => {
    const world = await open([{ text: 'read' }, calls('shell', { cmd: 'touch a' }), { text: 'done' }]);
    const alice = world.as('alice', ['read', 'run', 'approve'], { approve_own: true });
    const bob = world.as('bob', ['read', 'run', 'approve'], { approve_own: true });
    const { runtime, watcher, session_id, request_id } = await hers(world, alice);
    const seen = async ({ backend, context }: Caller) => ({
      sessions: (await backend.listSessions(context, {})).sessions.length,
      named: (await backend.listSessions(context, { query: SECRET })).sessions.length,
      found: (await backend.searchSessions(context, { query: SECRET })).sessions.length,
      page: (await backend.listSessions(context, { limit: 1 })).next_page,
      runs: (await backend.listRuns(context, {})).runs.length,
    });
    expect(await seen(bob)).toEqual({ sessions: 0, named: 0, found: 0, page: undefined, runs: 0 });
    expect(await seen(alice)).toEqual({ sessions: 2, named: 2, found: 2, page: '1', runs: 1 });
    expect(await seen(world)).toEqual({ sessions: 2, named: 2, found: 2, page: '1', runs: 1 });
    const first = await said(
      bob.backend.session('-1').open(bob.context, {}),
      nobodys({
        session_id,
        run_id: session_id,
        request_id,
        upload_id: session_id,
        blob_id: session_id,
      }),
    );
    expect(first).toMatch(/^not_found: there is no session -1/);
    await runtime.answer(alice.context, { request_id, decision: 'reject' });
    await watcher.rest();
  },

  'an id that somebody else has is no hindrance to one of one’s own that begins with it': async ({
    open,
  }) => {
    const world = await open();
    const alice = world.as('alice', ['read', 'run']);
    const bob = world.as('bob', ['read', 'run']);
    const make = ({ backend, context }: Caller, session_id: string) =>
      backend.createSession(context, { source: INLINE(TEAM), working_dir: world.folder, session_id });
    await make(alice, 'review-2026');
    await make(bob, 'review-2026-b');
    const { session } = await bob.backend.session('review-2026').open(bob.context, {});
    expect(session.session_id).toBe('review-2026-b');
  },
};
