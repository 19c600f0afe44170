import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { calls, ofType, only, refused, teamOf, Watcher, type Behaviours } from '../support.ts';

const TEAM = teamOf(['shell', 'filesystem']);
const SNAPSHOTS = { snapshots_enabled: true, safety: 'autonomous' } as const;

/** What becomes of one session's undo where another works in the same folder (R38). */
export const togetherBehaviours: Behaviours = {
  "undo of one never takes the other's work along": async ({ open }) => {
    const world = await open([
      calls('write_file', { path: 'a.txt', content: 'by a' }),
      { text: 'a' },
      calls('shell', { cmd: 'echo by b > b.txt; echo both >> a.txt' }),
      { text: 'b' },
    ]);
    const first = await world.session(TEAM, SNAPSHOTS);
    const second = await world.session(TEAM, SNAPSHOTS);
    await world.run(first, 'go');
    await world.run(second, 'go');
    await refused(first.undo(world.context, {}), 'conflict', /a\.txt; nothing was changed/);
    expect(await readFile(join(world.folder, 'b.txt'), 'utf8')).toBe('by b\n');
    await second.undo(world.context, {});
    expect(await readFile(join(world.folder, 'a.txt'), 'utf8')).toBe('by a');
    await first.undo(world.context, {});
    expect(await readdir(world.folder)).toEqual([]);
  },

  'a file that somebody else changed since it was read is not written over, in a later run too': async ({
    open,
  }) => {
    const write = (content: string) => calls('write_file', { path: 'a.txt', content });
    const world = await open([
      calls('read_file', { path: 'a.txt' }),
      { text: 'read' },
      write('by b'),
      { text: 'written' },
      write('by a'),
      calls('read_file', { path: 'a.txt' }),
      write('by a and b'),
      { text: 'done' },
    ]);
    await writeFile(join(world.folder, 'a.txt'), 'one');
    const first = await world.session(TEAM, { safety: 'autonomous' });
    await world.run(first, 'read');
    const second = await world.session(TEAM, { safety: 'autonomous' });
    // It has never looked at the file: what it writes follows from nothing.
    await world.run(second, 'write');
    const responses = ofType(await world.run(first, 'write'), 'tool_call_response');
    expect(responses.map(({ response }) => response)).toEqual([
      expect.stringMatching(/a\.txt was not changed: somebody else.*read it again, then write$/),
      'by b',
      'Replaced a.txt (10 bytes).',
    ]);
    expect(await readFile(join(world.folder, 'a.txt'), 'utf8')).toBe('by a and b');
  },

  'what two changed in the same moment is refused to both, and undo waits for neither': async ({ open }) => {
    const wait = 'echo a > a.txt; echo started; while [ ! -e go ]; do sleep 0.02; done';
    const world = await open([
      calls('shell', { cmd: wait }),
      calls('write_file', { path: 'b.txt', content: 'by b' }),
      { text: 'b is done' },
      { text: 'a is done' },
    ]);
    const first = await world.session(TEAM, SNAPSHOTS);
    const second = await world.session(TEAM, SNAPSHOTS);
    const watcher = new Watcher(await first.run(world.context, { messages: [{ content: 'wait' }] }));
    await watcher.until('tool_call_output');
    await world.run(second, 'write');
    await refused(second.undo(world.context, {}), 'conflict', /at work in this folder right now/);
    await writeFile(join(world.folder, 'go'), '');
    await watcher.rest();
    const error = await refused(first.undo(world.context, {}), 'conflict', /another session.*b\.txt/);
    expect(error.details).toEqual({ paths: ['b.txt'] });
    expect(await readFile(join(world.folder, 'b.txt'), 'utf8')).toBe('by b');
  },

  'what changes while a command of a turn runs goes back with it': async ({ open }) => {
    const world = await open([
      calls('shell', { cmd: 'echo started; while [ ! -e go ]; do sleep 0.02; done' }),
      calls('write_file', { path: 'a.txt', content: 'mine' }),
      { text: 'done' },
    ]);
    await writeFile(join(world.folder, 'a.txt'), 'one');
    const runtime = await world.session(TEAM, SNAPSHOTS);
    const watcher = new Watcher(await runtime.run(world.context, { messages: [{ content: 'go' }] }));
    await watcher.until('tool_call_output');
    await writeFile(join(world.folder, 'a.txt'), 'by somebody else');
    await writeFile(join(world.folder, 'go'), '');
    const events = await watcher.rest();
    expect(only(events, 'stream_stopped')['reason']).toBe('normal');
    // The command was under way while the file changed: it counts as that turn's, and comes back as it was before it.
    await runtime.undo(world.context, {});
    expect(await readFile(join(world.folder, 'a.txt'), 'utf8')).toBe('one');
  },
};
