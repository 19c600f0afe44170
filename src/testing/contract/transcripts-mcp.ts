import { fixtureToolset, mcpTeam } from '../mcp/fixture.ts';
import { calls, Watcher } from './support.ts';
import type { Scenario } from './transcripts.ts';
import type { Event, World } from './world.ts';

const TEAM = mcpTeam([fixtureToolset({ more: ['lifecycle: {backoff: {initial: 1ms}}'] })]);

/** A run whose server asks something once: the question is answered, and the rest is read. */
async function asked(world: World, type: string, answer: object): Promise<Event[]> {
  const permissions = { allow: ['fix/ask', 'fix/think'] };
  const runtime = await world.session(TEAM, { unattended: 'wait', permissions });
  const watcher = new Watcher(await runtime.run(world.context, { messages: [{ content: 'do it' }] }));
  const { request_id } = await watcher.until(type);
  await runtime.answer(world.context, {
    request_id: String(request_id),
    decision: 'accept',
    ...answer,
  });
  return watcher.rest();
}

const THINK = calls('fix_think', { about: 'Why?' });

/** Runs with a server that draws, asks the person, asks the model, and dies. */
export const MCP_SCENARIOS: Readonly<Record<string, Scenario>> = {
  'mcp picture': {
    command: { team: TEAM, flags: ['--yolo'], exit: 0 },
    turns: [calls('fix_picture', {}), { text: 'I see it.' }],
    play: async (world) => world.run(await world.session(TEAM, { safety: 'autonomous' }), 'do it'),
  },
  'mcp form accepted': {
    turns: [calls('fix_ask', {}), { text: 'Blue.' }],
    play: (world) => asked(world, 'elicitation_request', { content: { colour: 'blue' } }),
  },
  'mcp form declined': {
    turns: [calls('fix_ask', {}), { text: 'No colour.' }],
    play: (world) => asked(world, 'elicitation_request', { decision: 'decline' }),
  },
  'mcp sampling asked': {
    turns: [THINK, { text: 'Because.' }, { text: 'It knows.' }],
    play: (world) => asked(world, 'tool_call_confirmation', { decision: 'approve' }),
  },
  'mcp sampling refused': {
    turns: [THINK, { text: 'It may not know.' }],
    play: (world) => asked(world, 'tool_call_confirmation', { decision: 'reject', reason: 'no' }),
  },
  'mcp server dies': {
    turns: [calls('fix_die', {}), calls('fix_echo', { text: 'back' }), { text: 'It is back.' }],
    play: async (world) => world.run(await world.session(TEAM, { safety: 'autonomous' }), 'do it'),
  },
};
