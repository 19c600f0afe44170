import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Runtime } from '../../../protocol/backend.ts';
import {
  calls,
  lastRequest,
  logOf,
  ofType,
  only,
  refused,
  teamOf,
  Watcher,
  type Behaviours,
} from '../support.ts';
import type { World } from '../world.ts';

const TEAM = teamOf(['shell', 'filesystem', 'todo']);
const SNAPSHOTS = { snapshots_enabled: true, safety: 'autonomous' } as const;
const shell = (cmd: string) => calls('shell', { cmd });
const write = (path: string, content: string) => calls('write_file', { path, content });

const read = (world: World, name: string) => readFile(join(world.folder, name), 'utf8');
const names = async (world: World) => (await readdir(world.folder)).toSorted();

async function contents(runtime: Runtime, world: World): Promise<string[]> {
  const { messages } = await runtime.transcript(world.context, {});
  return messages.map((message) => message.content);
}

export const undoBehaviours: Behaviours = {
  'undo takes back the files and the messages of the last exchange, again and again': async ({ open }) => {
    const world = await open([
      write('a.txt', 'one'),
      { text: 'did one' },
      shell('echo two > a.txt; mkdir -p deep/er empty; echo n > deep/er/new; chmod 600 a.txt'),
      { text: 'did two' },
      { text: 'fresh' },
    ]);
    const runtime = await world.session(TEAM, SNAPSHOTS);
    await world.run(runtime, 'first');
    await world.run(runtime, 'second');
    expect(await names(world)).toEqual(['a.txt', 'deep', 'empty']);
    const undone = await runtime.undo(world.context, {});
    expect(undone).toMatchObject({ files: 2, snapshots: [2], text: 'second' });
    expect(await names(world)).toEqual(['a.txt']);
    expect(await read(world, 'a.txt')).toBe('one');
    expect((await stat(join(world.folder, 'a.txt'))).mode & 0o777).toBe(0o644);
    expect((await contents(runtime, world)).at(-1)).toBe('did one');
    expect(await runtime.undo(world.context, {})).toMatchObject({ files: 1, snapshots: [1], text: 'first' });
    expect(await names(world)).toEqual([]);
    expect(await contents(runtime, world)).toEqual([]);
    await refused(runtime.undo(world.context, {}), 'not_found', /nothing to take back/);
    await world.run(runtime, 'third');
    expect(lastRequest(world).filter(({ role }) => role === 'user')).toEqual([
      { role: 'user', text: 'third' },
    ]);
  },

  'nothing of the log is deleted: an event says by message id what no longer counts': async ({ open }) => {
    const world = await open([write('a.txt', 'x'), { text: 'done' }]);
    const runtime = await world.session(TEAM, SNAPSHOTS);
    await world.run(runtime, 'go');
    const before = await logOf(world, runtime.session_id);
    const ids = (await runtime.transcript(world.context, {})).messages.map((message) => message.message_id);
    const undone = await runtime.undo(world.context, {});
    const after = await logOf(world, runtime.session_id);
    expect(after.slice(0, before.length)).toEqual(before);
    expect(after.slice(before.length).map((event) => event.type)).toEqual([
      'workspace_restore',
      'input_taken',
      'history_changed',
    ]);
    expect(only(after, 'history_changed')).toMatchObject({
      kind: 'undo',
      removed: ids,
      files: 1,
      by: 'admin',
    });
    expect(undone.removed).toEqual(ids);
    const { changes } = await runtime.transcript(world.context, {});
    expect(changes).toEqual([expect.objectContaining({ kind: 'undo', at: 0, removed: 4, files: 1 })]);
  },

  'what somebody else changed since is not touched: nothing is': async ({ open }) => {
    const world = await open([shell('echo a > a.txt; echo b > b.txt'), { text: 'done' }]);
    const runtime = await world.session(TEAM, SNAPSHOTS);
    await world.run(runtime, 'go');
    await writeFile(join(world.folder, 'b.txt'), 'mine');
    await writeFile(join(world.folder, 'other.txt'), 'also mine');
    const error = await refused(runtime.undo(world.context, {}), 'conflict', /b\.txt; nothing was changed/);
    expect(error.details).toEqual({ paths: ['b.txt'] });
    expect(await read(world, 'a.txt')).toBe('a\n');
    expect(await contents(runtime, world)).toHaveLength(4);
    await rm(join(world.folder, 'b.txt'));
    expect(await runtime.undo(world.context, {})).toMatchObject({ files: 2 });
    expect(await names(world)).toEqual(['other.txt']);
  },

  'reset goes to a snapshot, to a message, or to the beginning': async ({ open }) => {
    const turns = ['1', '2', '3'].flatMap((text) => [write('a.txt', text), { text: `did ${text}` }]);
    const world = await open(turns);
    const runtime = await world.session(TEAM, SNAPSHOTS);
    for (const text of ['one', 'two', 'three']) await world.run(runtime, text);
    const { snapshots, enabled } = await runtime.snapshots(world.context, {});
    expect(enabled).toBe(true);
    expect(snapshots.map(({ snapshot, files, undone }) => [snapshot, files, undone])).toEqual([
      [1, 1, false],
      [2, 1, false],
      [3, 1, false],
    ]);
    await refused(runtime.reset(world.context, { at: '7' }), 'not_found', /no snapshot 7.*there is 1, 2, 3/);
    await refused(runtime.reset(world.context, { at: 'msg_x' }), 'not_found', /neither the number/);
    await runtime.reset(world.context, { at: '2' });
    expect(await read(world, 'a.txt')).toBe('2');
    expect((await contents(runtime, world)).at(-1)).toBe('did 2');
    const { messages } = await runtime.transcript(world.context, {});
    await runtime.reset(world.context, { at: String(messages[3]?.message_id) });
    expect(await read(world, 'a.txt')).toBe('1');
    expect((await contents(runtime, world)).at(-1)).toBe('did 1');
    await runtime.reset(world.context, {});
    expect(await names(world)).toEqual([]);
    expect(await contents(runtime, world)).toEqual([]);
  },

  'undo during a run is run_busy': async ({ open }) => {
    const world = await open([shell('echo a > a.txt'), { text: 'done' }]);
    const runtime = await world.session(TEAM, { ...SNAPSHOTS, safety: 'strict', unattended: 'wait' });
    const watcher = new Watcher(await runtime.run(world.context, { messages: [{ content: 'go' }] }));
    await watcher.until('tool_call_confirmation');
    await refused(runtime.undo(world.context, {}), 'run_busy', /active run/);
    await runtime.interrupt(world.context, {});
    await watcher.rest();
  },

  'without snapshots undo says how to turn them on': async ({ open }) => {
    const world = await open([{ text: 'hi' }]);
    const runtime = await world.session(TEAM, {});
    await world.run(runtime, 'go');
    await refused(runtime.undo(world.context, {}), 'invalid_request', /--snapshots.*settings\.snapshot/);
    expect(await runtime.snapshots(world.context, {})).toMatchObject({ enabled: false, snapshots: [] });
  },

  'snapshots and what was undone outlive the process': async ({ open }) => {
    const folders = { data: '', folder: '' };
    const { mkdtemp } = await import('node:fs/promises');
    const { tmpdir } = await import('node:os');
    folders.data = await mkdtemp(join(tmpdir(), 'yonder-data-'));
    folders.folder = await mkdtemp(join(tmpdir(), 'yonder-work-'));
    try {
      const first = await open(
        [write('a.txt', '1'), { text: 'did 1' }, write('a.txt', '2'), { text: 'did 2' }],
        folders,
      );
      const { session_id } = await first.session(TEAM, SNAPSHOTS).then(async (runtime) => {
        await first.run(runtime, 'one');
        await first.run(runtime, 'two');
        await runtime.undo(first.context, {});
        return runtime;
      });
      await first.close();
      const second = await open([], folders);
      const runtime = second.backend.session(session_id);
      expect((await contents(runtime, second)).at(-1)).toBe('did 1');
      await runtime.undo(second.context, {});
      expect(await names(second)).toEqual([]);
      await second.close();
    } finally {
      await rm(folders.data, { recursive: true, force: true });
      await rm(folders.folder, { recursive: true, force: true });
    }
  },

  'what tools remembered goes back with the messages': async ({ open }) => {
    const world = await open([
      calls('create_todo', { description: 'keep' }),
      { text: 'noted' },
      calls('create_todo', { description: 'drop' }),
      { text: 'noted too' },
      calls('list_todos', {}),
      { text: 'listed' },
    ]);
    const runtime = await world.session(TEAM, SNAPSHOTS);
    await world.run(runtime, 'one');
    await world.run(runtime, 'two');
    await runtime.undo(world.context, {});
    const events = await world.run(runtime, 'three');
    expect(String(only(events, 'tool_call_response')['response'])).toContain('keep');
    expect(String(only(events, 'tool_call_response')['response'])).not.toContain('drop');
  },

  'a turn that changes nothing makes no snapshot, and one of a sub-agent counts for the root': async ({
    open,
  }) => {
    const team = [
      TEAM.trimEnd(),
      '    sub_agents: [helper]',
      '  helper:',
      '    model: openai/gpt-4o',
      '    description: Helps',
      '    instruction: Help.',
      '    toolsets:',
      '      - type: filesystem',
      '',
    ].join('\n');
    const world = await open([
      shell('true'),
      calls('transfer_task', { agent: 'helper', task: 'write', expected_output: 'ok' }),
      write('h.txt', 'by helper'),
      { text: 'helped' },
      { text: 'all done' },
    ]);
    const runtime = await world.session(team, SNAPSHOTS);
    const events = await world.run(runtime, 'go');
    const taken = ofType(events, 'workspace_snapshot');
    expect(taken.map((event) => event['snapshot'])).toEqual([undefined, 1]);
    expect(await runtime.undo(world.context, {})).toMatchObject({ files: 1, snapshots: [1] });
    expect(await names(world)).toEqual([]);
    const { messages } = await runtime.transcript(world.context, { include_children: true });
    expect(messages).toEqual([]);
  },

  'ignored files, and new ones over 2 MiB, are left alone, and the large ones are named once': async ({
    open,
  }) => {
    const world = await open([
      shell('echo log > x.log; head -c 2097153 /dev/zero > big; head -c 2097152 /dev/zero > fits'),
      shell('echo more >> big'),
      { text: 'done' },
    ]);
    await writeFile(join(world.folder, '.gitignore'), '*.log\n');
    await mkdir(join(world.folder, 'kept'));
    const runtime = await world.session(TEAM, SNAPSHOTS);
    const events = await world.run(runtime, 'go');
    expect(ofType(events, 'warning').map((event) => event['message'])).toEqual([
      expect.stringMatching(/^not in the snapshots, .*: big$/),
    ]);
    await runtime.undo(world.context, {});
    expect(await names(world)).toEqual(['.gitignore', 'big', 'kept', 'x.log']);
  },

  'a repeat of an undo with its key answers the same and takes nothing more back': async ({ open }) => {
    const world = await open([write('a.txt', '1'), { text: 'a' }, write('a.txt', '2'), { text: 'b' }]);
    const runtime = await world.session(TEAM, SNAPSHOTS);
    await world.run(runtime, 'one');
    await world.run(runtime, 'two');
    const keyed = { ...world.context, idempotency_key: 'once' };
    const first = await runtime.undo(keyed, {});
    expect(await runtime.undo(keyed, {})).toEqual(first);
    expect(await read(world, 'a.txt')).toBe('1');
  },

  'without git a session with snapshots is refused, in words': async ({ open }) => {
    const world = await open([], { env: { PATH: '/nowhere' } });
    await refused(world.session(TEAM, SNAPSHOTS), 'unsupported', /need git.*PATH.*--no-snapshots/);
  },
};
