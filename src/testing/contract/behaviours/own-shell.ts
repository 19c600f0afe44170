import { expect } from 'vitest';
import { collect } from '../world.ts';
import { lastRequest, ofType, refused, stopReason, teamOf, Watcher, type Behaviours } from '../support.ts';

const TEAM = teamOf([]);

export const ownShellBehaviours: Behaviours = {
  "a person's own command runs in the workspace, is recorded, and is read by the model at its next turn":
    async ({ open }) => {
      const world = await open([{ text: 'I see.' }]);
      const runtime = await world.session(TEAM);
      const { run_id } = await runtime.shell(world.context, { command: 'pwd; echo oops >&2; exit 3' });
      const events = await collect(runtime.follow(world.context, { run_id }));
      expect(stopReason(events)).toBe('normal');
      const shell = ofType(events, 'shell');
      expect(shell[0]).toMatchObject({
        status: 'started',
        command: 'pwd; echo oops >&2; exit 3',
        output: '',
      });
      expect(shell.at(-1)).toMatchObject({ status: 'ended', outcome: 'exited', exit_code: 3 });
      const output = shell.map((event) => event['output']).join('');
      expect(output.split('\n').toSorted()).toEqual(['', world.folder, 'oops']);
      expect(world.model.journal).toEqual([]);
      await world.run(runtime, 'what do you think?');
      const [, seen] = lastRequest(world);
      expect(seen?.text).toMatch(/^I ran this command myself: pwd; .*\n[\s\S]*It ended with exit code 3\./);
      const again = await runtime.transcript(world.context, {});
      expect(again.messages.map(({ role }) => role)).toEqual(['user', 'user', 'assistant']);
    },

  'an interrupt ends it with all that it started': async ({ open }) => {
    const world = await open();
    const runtime = await world.session(TEAM);
    const { run_id } = await runtime.shell(world.context, { command: 'echo begun; sleep 60' });
    const watcher = new Watcher(runtime.follow(world.context, { run_id }));
    await watcher.until('shell', (event) => event['output'] === 'begun\n');
    await refused(runtime.shell(world.context, { command: 'true' }), 'run_busy', /run/);
    expect(await runtime.interrupt(world.context, {})).toMatchObject({ was_running: true });
    const events = await watcher.rest();
    expect(stopReason(events)).toBe('canceled');
    expect(ofType(events, 'shell').at(-1)).toMatchObject({ status: 'ended', outcome: 'cancelled' });
  },

  'a steer that comes while it runs is heard by the agent afterwards': async ({ open }) => {
    const world = await open([{ text: 'heard' }]);
    const runtime = await world.session(TEAM);
    const { run_id } = await runtime.shell(world.context, { command: 'echo begun; read line < fifo' });
    const watcher = new Watcher(runtime.follow(world.context, { run_id }));
    // There is no such file: the command ends by itself, and the steer waits for that.
    await runtime.steer(world.context, { messages: [{ content: 'and now?' }] });
    const events = await watcher.rest();
    const { active_run } = await runtime.open(world.context, {});
    if (active_run !== undefined)
      await collect(world.backend.followRun(world.context, { run_id: active_run.run_id }));
    expect(stopReason(events)).toBe('normal');
    await expect
      .poll(async () => (await runtime.transcript(world.context, {})).messages.at(-1)?.content)
      .toBe('heard');
  },

  'output that floods is cut, and the model gets head and tail': async ({ open }) => {
    const world = await open();
    const runtime = await world.session(TEAM);
    const { run_id } = await runtime.shell(world.context, { command: 'yes | head -c 3000000; echo the end' });
    const events = await collect(runtime.follow(world.context, { run_id }));
    const shell = ofType(events, 'shell');
    const recorded = shell.map((event) => String(event['output'])).join('');
    expect(recorded.length).toBeLessThan(300_000);
    expect(recorded).toContain('more output follows');
    const response = String(shell.at(-1)?.['response']);
    expect(response.length).toBeLessThan(31_000);
    expect(response.endsWith('the end')).toBe(true);
  },

  'it needs the scope admin': async ({ open }) => {
    const world = await open();
    const { session_id } = await world.session(TEAM);
    const other = world.as('bob', ['read', 'run', 'approve']);
    const call = other.backend.session(session_id).shell(other.context, { command: 'true' });
    await refused(call, 'forbidden', /session\/shell needs the scope admin/);
  },
};
