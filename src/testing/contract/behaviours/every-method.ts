import { expect } from 'vitest';
import { bindBackend, type Runtime, type Transport } from '../../../protocol/backend.ts';
import { OPERATIONS, type OperationName } from '../../../protocol/contract/contract.ts';
import { INLINE, calls, failure, refused, teamOf, Watcher, type Behaviours } from '../support.ts';
import { collect, type World } from '../world.ts';

const TEAM = teamOf(['filesystem', 'shell'], { agent: ['commands:', '  plain: Say hello.', 'skills: true'] });

/** A transport that notes which operations are asked of it. */
function noting(inner: Transport, called: Set<OperationName>): Transport {
  const note = <Result>(name: OperationName, result: Result): Result => {
    called.add(name);
    return result;
  };
  return {
    call: (name, context, request) => note(name, inner.call(name, context, request)),
    follow: (name, context, request) => note(name, inner.follow(name, context, request)),
    bytes: (name, context, request) => note(name, inner.bytes(name, context, request)),
    run: (context, request) => note('session/run', inner.run(context, request)),
    upload: (context, request, bytes) => note('upload/create', inner.upload(context, request, bytes)),
    close: () => inner.close(),
  };
}

/** A run that stands at a question, is steered, paused and answered, and brings a file along. */
async function liveRun(world: World, runtime: Runtime, upload_id: string): Promise<void> {
  const { context, backend } = world;
  const part = { type: 'file', upload_id, name: 'note.txt', media_type: 'text/plain' } as const;
  const stream = await runtime.run(context, { messages: [{ content: 'go', parts: [part] }] });
  const watcher = new Watcher(stream);
  const { request_id } = await watcher.until('tool_call_confirmation');
  expect((await backend.listRuns(context, {})).runs).toMatchObject([{ run_id: stream.run_id }]);
  await runtime.steer(context, { messages: [{ content: 'mind this' }] });
  await runtime.followUp(context, { messages: [{ content: 'then that' }] });
  expect((await runtime.queue(context, {})).followup).toMatchObject({ depth: 1 });
  await runtime.pause(context, { paused: true });
  await runtime.pause(context, { paused: false });
  await runtime.answer(context, { request_id: String(request_id), decision: 'approve' });
  const events = await watcher.rest();
  expect(events.at(-1)).toMatchObject({ type: 'stream_stopped', reason: 'normal' });
  const followed = await collect(backend.followRun(context, { run_id: stream.run_id }));
  expect(followed.at(-1)).toEqual(events.at(-1));
  const said = events.find((event) => event['multi_content'] !== undefined);
  const [stored] = (said?.['multi_content'] ?? []) as { blob_id: string }[];
  expect((await runtime.blob(context, { id: stored?.blob_id ?? '' })).bytes).toHaveLength(6);
}

/** Signing in to a server that is not there; that it works is for `sign-ins.ts`. */
async function signIns({ backend, context }: World, runtime: Runtime): Promise<void> {
  const redirect_url = 'http://127.0.0.1:4567/callback';
  expect((await backend.listMcp(context, {})).servers).toEqual([]);
  await failure(backend.loginMcp(context, { server: 'http://127.0.0.1:9/mcp', redirect_url }));
  await refused(backend.finishMcp(context, { login_id: 'none', decision: 'cancel' }), 'not_found', /./);
  await backend.logoutMcp(context, { server: 'http://127.0.0.1:9/mcp' });
  await refused(runtime.claim(context, { request_id: 'req_none', redirect_url }), 'not_found', /no question/);
}

/** What can be asked about a session that stands still. */
async function looks({ context }: World, runtime: Runtime): Promise<void> {
  expect((await runtime.open(context, {})).session.session_id).toBe(runtime.session_id);
  expect((await runtime.transcript(context, {})).messages.length).toBeGreaterThan(3);
  expect((await collect(runtime.follow(context, { follow: false }))).length).toBeGreaterThan(10);
  expect((await runtime.agentInfo(context, {})).name).toBe('root');
  expect((await runtime.tools(context, {})).tools.length).toBeGreaterThan(3);
  expect((await runtime.toolsets(context, {})).toolsets).toHaveLength(2);
  expect((await runtime.models(context, {})).models).toMatchObject([{ name: 'openai/gpt-4o' }]);
  expect((await runtime.commands(context, {})).commands).toMatchObject([{ name: 'plain' }]);
  expect((await runtime.skills(context, {})).skills).toEqual([]);
  expect((await runtime.prompts(context, {})).prompts).toEqual([]);
  expect(await runtime.permissions(context, {})).toMatchObject({});
  expect(await runtime.usage(context, {})).toMatchObject({});
  expect((await runtime.cassette(context, {})).bytes.length).toBeGreaterThan(100);
  expect((await runtime.snapshots(context, {})).snapshots.length).toBeGreaterThan(0);
  const exported = await runtime.exportSession(context, { format: 'markdown' });
  expect(JSON.stringify(exported)).toContain('then that');
}

async function changes(world: World, runtime: Runtime): Promise<void> {
  const { context } = world;
  await runtime.setAgent(context, { agent_name: 'root' });
  await runtime.setModel(context, { model: 'openai/gpt-4o-mini' });
  await runtime.setPermissions(context, { permissions: { allow: ['shell:cmd=ls'] } });
  await runtime.setSafety(context, { safety: 'autonomous' });
  await runtime.setTitle(context, { title: 'Every method' });
  await runtime.setStarred(context, { starred: true });
  expect(await runtime.interrupt(context, {})).toEqual({ was_running: false });
  const ends = async ({ run_id }: { run_id: string }): Promise<void> => {
    const events = await collect(runtime.follow(context, { run_id }));
    expect(events.at(-1)?.type).toBe('stream_stopped');
  };
  await ends(await runtime.shell(context, { command: 'true' }));
  await ends(await runtime.command(context, { name: 'plain', arguments: [] }));
  await refused(runtime.prompt(context, { name: 'none' }), 'not_found', /no prompt "none"/);
  await refused(runtime.restartToolset(context, { toolset: 'none' }), 'not_found', /called "none"/);
  await refused(runtime.skill(context, { name: 'none' }), 'not_found', /no skill "none"/);
  await ends(await runtime.compact(context, {}));
  await runtime.regenerateTitle(context, {});
  expect((await runtime.fork(context, {})).session_id).not.toBe(runtime.session_id);
  await runtime.undo(context, {});
  await runtime.reset(context, {});
}

export const everyMethod: Behaviours = {
  'every method of both interfaces answers, or says that it is unsupported': async ({ open }) => {
    const called = new Set<OperationName>();
    const opened = await open([
      calls('write_file', { path: 'a.txt', content: 'one\n' }),
      { text: 'Written.' },
      { text: 'That too.' },
      { text: 'Hello.' },
      { text: 'A summary.' },
      { text: 'A title' },
    ]);
    const backend = bindBackend(noting(opened.transport, called));
    const world: World = { ...opened, backend };
    const { context } = world;
    expect((await backend.capabilities(context, {})).features.length).toBeGreaterThan(30);
    expect((await backend.listTeams(context, {})).teams.length).toBeGreaterThan(0);
    expect((await backend.hostModels(context, {})).models.length).toBeGreaterThan(0);
    expect((await backend.doctor(context, {})).checks.length).toBeGreaterThan(0);
    const { needs_trust } = await backend.loadTeam(context, { source: INLINE(TEAM) });
    const note = new TextEncoder().encode('a note');
    const { upload_id } = await backend.upload(context, { media_type: 'text/plain' }, note);
    const { session_id } = await backend.createSession(context, {
      source: INLINE(TEAM),
      ...(needs_trust === undefined ? {} : { trust: { digest: needs_trust.digest } }),
      working_dir: world.folder,
      unattended: 'wait',
      snapshots_enabled: true,
      runtime_config: { cassette: { mode: 'record' } },
    });
    const runtime = backend.session(session_id);
    await liveRun(world, runtime, upload_id);
    await looks(world, runtime);
    await changes(world, runtime);
    await signIns(world, runtime);
    expect((await backend.listSessions(context, {})).sessions.length).toBe(2);
    expect((await backend.searchSessions(context, { query: 'mind' })).sessions.length).toBeGreaterThan(0);
    expect(await backend.deleteSessions(context, { session_id })).toEqual({ deleted: [session_id] });
    // An operation that nothing above asks for has no proof in any place.
    expect(OPERATIONS.filter((name) => !called.has(name))).toEqual([]);
  },
};
