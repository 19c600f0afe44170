import { expect } from 'vitest';
import { failure, refused, teamOf, Watcher, type Behaviours } from '../support.ts';

const TEAM = teamOf(['think']);

/** The fourteen subtests of the peer's runtime contract, by their names, against what we promise instead of "does not panic". */
export const peerBehaviours: Behaviours = {
  'CurrentAgentName not empty': async ({ open }) => {
    const world = await open();
    const runtime = await world.session(TEAM);
    expect((await runtime.open(world.context, {})).session.agent_name).toBe('root');
  },
  'CurrentAgentInfo carries the current name': async ({ open }) => {
    const world = await open();
    const runtime = await world.session(TEAM);
    const { session } = await runtime.open(world.context, {});
    expect((await runtime.agentInfo(world.context, {})).name).toBe(session.agent_name);
  },
  'SetCurrentAgent rejects unknown agents': async ({ open }) => {
    const world = await open();
    const runtime = await world.session(TEAM);
    await refused(runtime.setAgent(world.context, { agent_name: 'nobody' }), 'not_found', /nobody/);
    expect((await runtime.agentInfo(world.context, {})).name).toBe('root');
  },
  'CurrentAgentTools returns slice or ErrUnsupported': async ({ open }) => {
    const world = await open();
    const runtime = await world.session(TEAM);
    const { tools } = await runtime.tools(world.context, {});
    expect(tools.map(({ name, category }) => `${category}/${name}`)).toEqual(['think/think']);
  },
  'CurrentAgentToolsetStatuses does not panic': async ({ open }) => {
    const world = await open();
    const runtime = await world.session(TEAM);
    const { toolsets } = await runtime.toolsets(world.context, {});
    expect(toolsets).toMatchObject([{ name: 'think', type: 'think', state: 'ready', tools: ['think'] }]);
  },
  'RestartToolset on unknown name returns error': async ({ open }) => {
    const world = await open();
    const runtime = await world.session(TEAM);
    await refused(
      runtime.restartToolset(world.context, { toolset: 'none' }),
      'not_found',
      /no toolset that can be restarted is called "none"/,
    );
  },
  'CurrentMCPPrompts returns a non-nil map': async ({ open }) => {
    const world = await open();
    const runtime = await world.session(TEAM);
    expect((await runtime.prompts(world.context, {})).prompts).toEqual([]);
  },
  'ExecuteMCPPrompt for unknown prompt returns error': async ({ open }) => {
    const world = await open();
    const runtime = await world.session(TEAM);
    await refused(runtime.prompt(world.context, { name: 'none' }), 'not_found', /no prompt "none"/);
  },
  'Steer accepts a message': async ({ open }) => {
    const world = await open([{ text: 'ok' }]);
    const runtime = await world.session(TEAM);
    const { input_id, started_run } = await runtime.steer(world.context, { messages: [{ content: 'x' }] });
    expect(input_id).toMatch(/^inp_/);
    await new Watcher(runtime.follow(world.context, { run_id: started_run ?? '' })).rest();
  },
  'FollowUp accepts a message': async ({ open }) => {
    const world = await open([{ text: 'ok' }]);
    const runtime = await world.session(TEAM);
    const { input_id, started_run } = await runtime.followUp(world.context, { messages: [{ content: 'x' }] });
    expect(input_id).toMatch(/^inp_/);
    await new Watcher(runtime.follow(world.context, { run_id: started_run ?? '' })).rest();
  },
  'ResetStartupInfo is idempotent': async ({ open }) => {
    // What the peer says once at its start is an event of each run here: reading it changes nothing, any number of times.
    const world = await open();
    const runtime = await world.session(TEAM);
    const first = await runtime.open(world.context, {});
    expect(await runtime.open(world.context, {})).toEqual(first);
  },
  'Close is idempotent': async ({ open }) => {
    const world = await open([{ text: 'ok' }]);
    const runtime = await world.session(TEAM);
    await runtime.close();
    await runtime.close();
    const again = world.backend.session(runtime.session_id);
    expect((await world.run(again, 'hello')).at(-1)).toMatchObject({ reason: 'normal' });
  },
  'Resume on a fresh runtime is non-blocking': async ({ open }) => {
    const world = await open();
    const runtime = await world.session(TEAM);
    const again = await world.backend.createSession(world.context, {
      resume_session_id: runtime.session_id,
    });
    expect(again.session_id).toBe(runtime.session_id);
    expect(again.recovered).toBeUndefined();
    await refused(
      runtime.answer(world.context, { request_id: 'req_none', decision: 'approve' }),
      'not_found',
      /req_none/,
    );
  },
  'ResumeElicitation outside an elicitation does not panic': async ({ open }) => {
    const world = await open();
    const runtime = await world.session(TEAM);
    const error = await failure(
      runtime.answer(world.context, { request_id: 'req_none', decision: 'accept', content: { a: 1 } }),
    );
    expect(error.code).toBe('not_found');
  },
};
