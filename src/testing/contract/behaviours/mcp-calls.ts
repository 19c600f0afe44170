import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { fixtureToolset, mcpTeam } from '../../mcp/fixture.ts';
import { calls, lastRequest, ofType, only, stopReason, types, type Behaviours } from '../support.ts';

const TEAM = mcpTeam([fixtureToolset()]);

export const mcpCallBehaviours: Behaviours = {
  'a tool of a stdio server is offered under its prefix, called, and its result goes to the model': async ({
    open,
  }) => {
    const world = await open([calls('fix_echo', { text: 'hello' }), { text: 'Done.' }]);
    const events = await world.run(await world.session(TEAM, { safety: 'autonomous' }), 'do it');
    expect(stopReason(events)).toBe('normal');
    expect(only(events, 'tool_call_response')).toMatchObject({ response: 'echo: hello', outcome: 'done' });
    expect(types(events)).toContain('mcp_init_started');
    expect(types(events)).toContain('mcp_init_finished');
    expect(lastRequest(world).at(-1)).toMatchObject({ text: 'echo: hello' });
  },

  'a list that was kept starts no process for a run that calls no tool': async ({ open }) => {
    const world = await open([
      { text: 'One.' },
      { text: 'Two.' },
      calls('fix_echo', { text: 'x' }),
      { text: 'Three.' },
    ]);
    const trace = join(world.data, 'trace');
    const team = mcpTeam([fixtureToolset({ trace })]);
    await world.run(await world.session(team, { safety: 'autonomous' }), 'begin');
    expect(await readFile(trace, 'utf8')).toBe('start\n');
    const events = await world.run(await world.session(team, { safety: 'autonomous' }), 'again');
    expect(ofType(events, 'mcp_init_started')).toEqual([]);
    expect(await readFile(trace, 'utf8')).toBe('start\n');
    await world.run(await world.session(team, { safety: 'autonomous' }), 'now call');
    expect(await readFile(trace, 'utf8')).toBe('start\nstart\necho x\n');
  },
};
