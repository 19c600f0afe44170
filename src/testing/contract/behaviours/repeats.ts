import { expect } from 'vitest';
import type { Contract, OperationName, RequestOf } from '../../../protocol/contract/contract.ts';
import { mcpTeam } from '../../mcp/fixture.ts';
import { skillText, writeFiles } from '../skills-of.ts';
import { notesTeam, protectedServer, REDIRECT } from '../protected.ts';
import { calls, refused, teamOf, Watcher, type Behaviours } from '../support.ts';
import { collect, type World } from '../world.ts';

const TEAM = teamOf(['shell', 'filesystem'], {
  agent: ['commands: {plain: Say hello., other: Say no more.}', 'skills: true'],
}).replace(
  'agents:\n',
  'agents:\n  other:\n    model: openai/gpt-4o-mini\n    description: Another\n    instruction: Be other.\n',
);

/** Two MCP servers, which end at once where somebody starts them. */
const SERVED = mcpTeam(['one', 'two'].map((name) => ['- type: mcp', `  name: ${name}`, '  command: "true"']));

/** Every operation that changes something and is built; one that is added has to stand here too. */
type Changing = {
  [Name in OperationName]: Contract[Name] extends { changes: true; built: true } ? Name : never;
}[OperationName];

/** What is sent twice under one key, and what is sent under it after that. */
interface Repeat {
  session_id?: string;
  request: object;
  other: object;
}

async function fresh(world: World): Promise<string> {
  return (await world.session(TEAM)).session_id;
}

/** A session with one turn behind it. */
async function spoken(world: World, request: RequestOf<'session/create'> = {}): Promise<string> {
  const runtime = await world.session(TEAM, request);
  await world.run(runtime, 'go');
  return runtime.session_id;
}

/** A session whose run waits for an answer. */
async function held(world: World): Promise<{ session_id: string; request_id: string; run_id: string }> {
  const runtime = await world.session(TEAM, { unattended: 'wait' });
  const run = await runtime.run(world.context, { messages: [{ content: 'go' }] });
  const watcher = new Watcher(run);
  const { request_id } = await watcher.until('tool_call_confirmation');
  await watcher.close();
  return { session_id: runtime.session_id, request_id: String(request_id), run_id: run.run_id };
}

/** Two requests to a session that nothing was said in. */
const plain =
  (request: object, other: object) =>
  async (world: World): Promise<Repeat> => ({ session_id: await fresh(world), request, other });
const message = (content: string) => ({ messages: [{ content }] });
const source = { kind: 'inline', entry: 'team.yaml', files: { 'team.yaml': teamOf() } };

const REPEATS: Record<Changing, (world: World) => Promise<Repeat>> = {
  'session/create': async (world) => ({
    request: { source, working_dir: world.folder },
    other: { source, working_dir: world.folder, title: 'another' },
  }),
  'session/delete': async (world) => ({
    request: { session_id: await fresh(world) },
    other: { session_id: await fresh(world) },
  }),
  'upload/create': async () => ({ request: { name: 'a' }, other: { name: 'b' } }),
  'session/run': plain(message('go'), message('stop')),
  'session/steer': plain(message('go'), message('stop')),
  'session/follow_up': plain(message('go'), message('stop')),
  'session/answer': async (world) => {
    const { session_id, request_id } = await held(world);
    return {
      session_id,
      request: { request_id, decision: 'reject' },
      other: { request_id, decision: 'approve' },
    };
  },
  'session/claim': async (world) => {
    const server = await protectedServer();
    const runtime = await world.session(notesTeam(server.url), { unattended: 'wait' });
    const watcher = new Watcher(await runtime.run(world.context, { messages: [{ content: 'go' }] }));
    const { request_id } = await watcher.until('authorization_event');
    await watcher.close();
    const request = { request_id, redirect_url: REDIRECT };
    return {
      session_id: runtime.session_id,
      request,
      other: { ...request, redirect_url: `${REDIRECT}/other` },
    };
  },
  'mcp/login': async () => {
    const server = (await protectedServer()).url;
    return {
      request: { server, redirect_url: REDIRECT },
      other: { server, redirect_url: `${REDIRECT}/other` },
    };
  },
  'mcp/finish': async (world) => {
    const { url: server } = await protectedServer();
    const begun = await world.backend.loginMcp(world.context, { server, redirect_url: REDIRECT });
    const { login_id } = begun;
    return {
      request: { login_id, decision: 'cancel' },
      other: { login_id, decision: 'accept', content: { code: 'a', state: 'b' } },
    };
  },
  'mcp/logout': async () => ({
    request: { server: 'https://one.example/mcp' },
    other: { server: 'https://two.example/mcp' },
  }),
  'session/interrupt': async (world) => {
    const { session_id, run_id } = await held(world);
    return { session_id, request: { run_id }, other: { run_id, include_background: true } };
  },
  'session/pause': plain({ paused: true }, { paused: false }),
  'session/compact': async (world) => ({
    session_id: await spoken(world),
    request: {},
    other: { instruction: 'briefly' },
  }),
  'session/skill': async (world) => {
    await writeFiles(world.folder, {
      '.agents/skills/a/SKILL.md': skillText('a', 'Do a.'),
      '.agents/skills/b/SKILL.md': skillText('b', 'Do b.'),
    });
    return { session_id: await fresh(world), request: { name: 'a' }, other: { name: 'b' } };
  },
  'session/prompt': async (world) => ({
    session_id: (await world.session(SERVED)).session_id,
    request: { name: 'a' },
    other: { name: 'b' },
  }),
  'session/toolset_restart': async (world) => ({
    session_id: (await world.session(SERVED)).session_id,
    request: { toolset: 'one' },
    other: { toolset: 'two' },
  }),
  'session/command': plain({ name: 'plain' }, { name: 'other' }),
  'session/shell': plain({ command: 'echo 1' }, { command: 'echo 2' }),
  'session/agent': plain({ agent_name: 'other' }, { agent_name: 'root' }),
  'session/set_model': plain({ model: 'openai/gpt-4o-mini' }, { model: '' }),
  'session/set_permissions': plain({ permissions: { deny: ['shell'] } }, { permissions: {} }),
  'session/set_safety': plain({ safety: 'strict' }, { safety: 'balanced' }),
  'session/title': plain({ title: 'one' }, { title: 'two' }),
  'session/regenerate_title': async (world) => ({ session_id: await spoken(world), request: {}, other: {} }),
  'session/star': plain({ starred: true }, { starred: false }),
  'session/fork': async (world) => ({
    session_id: await spoken(world),
    request: {},
    other: { title: 'mine' },
  }),
  'session/undo': async (world) => ({
    session_id: await spoken(world, { snapshots_enabled: true }),
    request: {},
    other: { at: '1' },
  }),
  'session/reset': async (world) => ({
    session_id: await spoken(world, { snapshots_enabled: true }),
    request: {},
    other: { at: '1' },
  }),
};

/** Sends it under the key, and waits for the run that it began. */
async function send(
  world: World,
  name: OperationName,
  key: string,
  { session_id }: Repeat,
  fields: object,
): Promise<unknown> {
  const context = { ...world.context, idempotency_key: key };
  const request = session_id === undefined ? fields : { session_id, ...fields };
  if (name === 'session/run') {
    const run = await world.transport.run(context, request as RequestOf<'session/run'>);
    const events = await collect(run);
    return {
      run_id: run.run_id,
      input_id: run.input_id,
      events: events.filter(({ seq }) => seq !== undefined),
    };
  }
  if (name === 'upload/create') {
    return world.transport.upload(
      context,
      { ...request, media_type: 'text/plain' },
      new TextEncoder().encode('x'),
    );
  }
  const answer = (await world.transport.call(name, context, request)) as {
    run_id?: string;
    started_run?: string;
  };
  const run_id = answer.run_id ?? answer.started_run;
  if (session_id !== undefined && run_id !== undefined)
    await collect(world.backend.session(session_id).follow(world.context, { run_id }));
  return answer;
}

/** How much there is: of the sessions, and of the log of this one. */
async function state(world: World, name: OperationName, { session_id }: Repeat): Promise<unknown> {
  const { sessions } = await world.backend.listSessions(world.context, {});
  if (session_id === undefined || name === 'session/delete') return sessions.length;
  const runtime = world.backend.session(session_id);
  // A run that waits for a sign-in goes on waiting.
  if (name === 'session/claim') return [sessions.length, (await runtime.open(world.context, {})).as_of];
  // What was under way is over: a run that was answered or interrupted, a title that a model was asked for.
  await expect.poll(async () => (await runtime.open(world.context, {})).active_run).toBeUndefined();
  return [sessions.length, (await runtime.open(world.context, {})).as_of];
}

function repeated(name: Changing): Behaviours[string] {
  return async ({ open }) => {
    const asking = name === 'session/answer' || name === 'session/interrupt';
    const begin = asking ? [calls('shell', { cmd: 'touch a' })] : [];
    const world = await open([...begin, ...Array.from({ length: 4 }, () => ({ text: 'Done.' }))]);
    const repeat = await REPEATS[name](world);
    const first = await send(world, name, 'key-1', repeat, repeat.request);
    const before = await state(world, name, repeat);
    expect(await send(world, name, 'key-1', repeat, repeat.request)).toEqual(first);
    expect(await state(world, name, repeat)).toEqual(before);
    if (JSON.stringify(repeat.other) === JSON.stringify(repeat.request)) return;
    await refused(send(world, name, 'key-1', repeat, repeat.other), 'idempotency_conflict', /key/);
    expect(await state(world, name, repeat)).toEqual(before);
  };
}

/** R18, operation by operation. */
export const repeatBehaviours: Behaviours = Object.fromEntries(
  (Object.keys(REPEATS) as Changing[]).map((name) => [
    `${name}: a repeat with its key is the first outcome, and another body under it a conflict`,
    repeated(name),
  ]),
);
