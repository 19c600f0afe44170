import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { fixtureToolset, mcpTeam } from '../../mcp/fixture.ts';
import { calls, ofType, only, refused, stopReason, uncut, Watcher, type Behaviours } from '../support.ts';
import { collect } from '../world.ts';

const message = { messages: [{ content: 'do it' }] };
const lines = async (path: string): Promise<string[]> => (await readFile(path, 'utf8')).trim().split('\n');

export const mcpLifeBehaviours: Behaviours = {
  'a server that dies in a call is a result and a warning, the next call starts it, as often as its lifecycle says':
    async ({ open }) => {
      const world = await open([
        calls('fix_die', {}),
        calls('fix_echo', { text: 'again' }),
        calls('fix_die', {}),
        calls('fix_echo', { text: 'never' }),
        { text: 'Done.' },
        calls('fix_echo', { text: 'by hand' }),
        { text: 'Done.' },
      ]);
      const lifecycle = 'lifecycle: {max_restarts: 1, backoff: {initial: 1ms}}';
      const runtime = await world.session(mcpTeam([fixtureToolset({ more: [lifecycle] })]), {
        safety: 'autonomous',
      });
      const events = await world.run(runtime, 'do it');
      const died =
        'The MCP server fix ended with exit code 3 while it worked on this call; what it had done stays done.';
      expect(ofType(events, 'tool_call_response').map(({ response }) => response)).toEqual([
        died,
        'echo: again',
        died,
        expect.stringMatching(
          /^the MCP server fix has ended \(it ended with exit code 3; its stderr: giving up\) and is not started again: it was started again 1 times \(max_restarts\)/,
        ),
      ]);
      const warned = 'the MCP server fix ended with exit code 3 by itself; its stderr: giving up';
      expect(ofType(events, 'warning').map(({ message: words }) => words)).toEqual([warned, warned]);
      expect(stopReason(events)).toBe('normal');
      expect((await runtime.toolsets(world.context, {})).toolsets).toMatchObject([
        { name: 'fix', type: 'mcp', restarts: 1, last_error: expect.stringMatching(/exit code 3/) },
      ]);
      await refused(
        runtime.restartToolset(world.context, { toolset: 'other' }),
        'not_found',
        /called "other"; there are fix/,
      );
      await runtime.restartToolset(world.context, { toolset: 'fix' });
      const after = await world.run(runtime, 'once more');
      expect(only(after, 'tool_call_response')['response']).toBe('echo: by hand');
    },

  'a server that cannot be started is a warning, and where it is required the run fails with its words':
    async ({ open }) => {
      const world = await open([{ text: 'Without it.' }]);
      const missing = ['- type: mcp', '  name: gone', '  command: no-such-program-here'];
      const exits = fixtureToolset({ name: 'exits', behaviour: 'exits' });
      const events = await world.run(await world.session(mcpTeam([missing, exits])), 'do it');
      expect(
        ofType(events, 'warning')
          .map(({ message: words }) => String(words))
          .toSorted(),
      ).toEqual([
        'the MCP server exits could not be started: it ended with exit code 4; its stderr: no licence found; the run goes on without its tools',
        expect.stringMatching(
          /^the MCP server gone could not be started: there is no program no-such-program-here/,
        ),
      ]);
      expect(stopReason(events)).toBe('normal');
      const required = mcpTeam([[...missing, '  version: 1.2.3', '  lifecycle: {profile: strict}']]);
      const failed = await world.run(await world.session(required), 'do it');
      expect(only(failed, 'error')['error']).toMatch(
        /MCP server gone could not be started: installing no-such-program-here \(its `version`: 1\.2\.3\) is not supported in this version; install the program yourself/,
      );
      expect(stopReason(failed)).toBe('error');
    },

  "a server's prompt is listed, and is the message of a run, as it is": async ({ open }) => {
    const world = await open([{ text: 'One.' }, { text: 'Hello, Ada.' }]);
    const runtime = await world.session(mcpTeam([fixtureToolset()]));
    await world.run(runtime, 'begin');
    expect((await runtime.prompts(world.context, {})).prompts).toEqual([
      {
        name: 'greet',
        toolset: 'fix',
        description: 'A greeting',
        arguments: [{ name: 'who', required: true }],
      },
    ]);
    await refused(runtime.prompt(world.context, { name: 'greet' }), 'invalid_request', /greet needs who/);
    await refused(
      runtime.prompt(world.context, { name: 'nope' }),
      'not_found',
      /no prompt "nope"; there are greet/,
    );
    const { run_id } = await runtime.prompt(world.context, { name: 'greet', arguments: { who: 'Ada' } });
    const events = await collect(runtime.follow(world.context, { run_id }));
    expect(
      only(
        events.filter((event) => event['run_id'] === run_id),
        'user_message',
      ),
    ).toMatchObject({
      message: 'Greet Ada. ${env.HOME} !shell(cmd="id")',
      source: 'command',
    });
    expect(stopReason(events)).toBe('normal');
  },

  'parent and sub-agent share one server': async ({ open }) => {
    const world = await open([
      calls('fix_echo', { text: 'parent' }),
      calls('transfer_task', { agent: 'helper', task: 'echo' }),
      calls('fix_echo', { text: 'child' }),
      { text: 'Helped.' },
      { text: 'Done.' },
    ]);
    const trace = join(world.data, 'trace');
    const toolset = fixtureToolset({ trace });
    const team = mcpTeam(
      [toolset],
      [
        '    sub_agents: [helper]',
        '  helper:',
        '    model: openai/gpt-4o',
        '    description: Helps',
        '    instruction: Help.',
        '    toolsets:',
        ...toolset.map((line) => `      ${line}`),
      ],
    );
    const events = await world.run(await world.session(team, { safety: 'autonomous' }), 'do it');
    expect(stopReason(events)).toBe('normal');
    expect(await lines(trace)).toEqual(['start', 'echo parent', 'echo child']);
  },

  'an interrupt is told to the server, and a call that takes too long is ended with words': uncut(
    async ({ open }) => {
      const world = await open([calls('fix_wait', {}), calls('fix_wait', {})]);
      const trace = join(world.data, 'trace');
      const runtime = await world.session(
        mcpTeam([fixtureToolset({ trace, more: ['lifecycle: {call_timeout: 50ms}'] })]),
        { safety: 'autonomous' },
      );
      const watcher = new Watcher(await runtime.run(world.context, message));
      const late = await watcher.until('tool_call_response');
      expect(late['response']).toMatch(/did not answer within 0\.05 s \(call_timeout\) and was told to stop/);
      await runtime.interrupt(world.context, {});
      expect(stopReason(await watcher.rest())).toMatch(/canceled|normal|error/);
      await expect.poll(() => lines(trace)).toContain('wait cancelled');
    },
  ),

  'a team by an mcps entry, and what of one is refused': async ({ open }) => {
    const world = await open([calls('fix_echo', { text: 'by name' }), { text: 'Done.' }]);
    const [, name, command, args] = fixtureToolset();
    const entry = ['mcps:', '  fix:', '    type: mcp', ...[name, command, args].map((line) => `  ${line}`)];
    const team = mcpTeam([['- type: mcp', '  ref: fix']], entry);
    const events = await world.run(await world.session(team, { safety: 'autonomous' }), 'do it');
    expect(only(events, 'tool_call_response')['response']).toBe('echo: by name');
    const load = (toolset: readonly string[]) =>
      world.session(mcpTeam([['- type: mcp', ...toolset.map((line) => `  ${line}`)]], entry));
    await refused(load(['ref: fox']), 'invalid_team', /no MCP server "fox" under mcps; did you mean "?fix/);
    await refused(
      load(['ref: docker:duckduckgo']),
      'unsupported',
      /MCP catalogue of Docker \(docker:duckduckgo\)/,
    );
    await refused(
      load(['command: x', 'ref: fix']),
      'invalid_team',
      /one of command, remote and ref; this one has command and ref/,
    );
  },
};
