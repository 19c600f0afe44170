import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Runtime } from '../../../protocol/backend.ts';
import { calls, lastRequest, ofType, only, refused, teamOf, Watcher, type Behaviours } from '../support.ts';
import type { World } from '../world.ts';

const TEAM = teamOf(['filesystem']);
const SNAPSHOTS = { snapshots_enabled: true, safety: 'autonomous' } as const;
const write = (path: string) => calls('write_file', { path, content: path });

/** Turns that make a file each, and say its name. */
const making = (...paths: string[]) => paths.flatMap((path) => [write(path), { text: `made ${path}` }]);
const names = async (world: World) => (await readdir(world.folder)).toSorted();

async function said(world: World, runtime: Runtime): Promise<string[]> {
  const { messages } = await runtime.transcript(world.context, {});
  return messages.filter(({ role }) => role === 'user').map(({ content }) => content);
}

async function compact(world: World, runtime: Runtime): Promise<void> {
  const { run_id } = await runtime.compact(world.context, {});
  const events = await new Watcher(runtime.follow(world.context, { run_id })).rest();
  expect(only(events, 'session_summary')).toMatchObject({ summary: 'SUMMARY' });
}

export const undoLimitBehaviours: Behaviours = {
  'an undo at a message or a snapshot takes back that and all after it': async ({ open }) => {
    const world = await open(making('a', 'b', 'c', 'd'));
    const runtime = await world.session(TEAM, SNAPSHOTS);
    for (const text of ['one', 'two', 'three', 'four']) await world.run(runtime, text);
    const { messages } = await runtime.transcript(world.context, {});
    const third = messages.find(({ content }) => content === 'three')?.message_id ?? '';
    await refused(
      runtime.undo(world.context, { at: '9' }),
      'not_found',
      /no snapshot 9.*there is 1, 2, 3, 4/,
    );
    await refused(runtime.undo(world.context, { at: 'msg_x' }), 'not_found', /neither the number/);
    expect(await names(world)).toEqual(['a', 'b', 'c', 'd']);
    expect(await runtime.undo(world.context, { at: third })).toMatchObject({
      files: 2,
      snapshots: [3, 4],
      text: 'three',
    });
    expect(await names(world)).toEqual(['a', 'b']);
    expect(await said(world, runtime)).toEqual(['one', 'two']);
    // The turn alone, not the message that asked for it.
    expect(await runtime.undo(world.context, { at: '2' })).toMatchObject({ files: 1, snapshots: [2] });
    expect(await names(world)).toEqual(['a']);
    expect(await said(world, runtime)).toEqual(['one', 'two']);
    expect(await runtime.undo(world.context, {})).toMatchObject({ files: 0, text: 'two' });
    await refused(runtime.undo(world.context, { at: third }), 'not_found', /neither the number/);
  },

  'an undo goes back across a compaction: the model sees what it summarised again': async ({ open }) => {
    const world = await open([...making('a', 'b'), { text: 'SUMMARY' }, ...making('c'), { text: 'on' }]);
    const runtime = await world.session(TEAM, SNAPSHOTS);
    await world.run(runtime, 'one');
    await world.run(runtime, 'two');
    await compact(world, runtime);
    await world.run(runtime, 'three');
    expect(await runtime.undo(world.context, {})).toMatchObject({ files: 1, snapshots: [3], text: 'three' });
    expect(await runtime.undo(world.context, {})).toMatchObject({ files: 1, snapshots: [2], text: 'two' });
    // It is of the first exchange alone, and that still counts.
    expect((await runtime.transcript(world.context, {})).summary).toEqual({ text: 'SUMMARY' });
    expect(await runtime.undo(world.context, { at: '1' })).toMatchObject({ files: 1, snapshots: [1] });
    expect(await names(world)).toEqual([]);
    expect((await runtime.transcript(world.context, {})).summary).toBeUndefined();
    await world.run(runtime, 'go on');
    const asked = lastRequest(world).filter(({ role }) => role === 'user');
    expect(asked.map(({ text }) => text)).toEqual(['one', 'go on']);
  },

  'a fork cannot undo turns from before it; the session that made them can': async ({ open }) => {
    const world = await open(making('a', 'b'));
    const runtime = await world.session(TEAM, SNAPSHOTS);
    await world.run(runtime, 'one');
    const { session_id } = await runtime.fork(world.context, {});
    const fork = world.backend.session(session_id);
    await refused(fork.undo(world.context, {}), 'conflict', /the session was forked.*nothing was changed/);
    await refused(
      fork.reset(world.context, {}),
      'conflict',
      /only that one can take it back; nothing was changed/,
    );
    await world.run(fork, 'two');
    expect(await fork.undo(world.context, {})).toMatchObject({ files: 1, text: 'two' });
    await refused(fork.undo(world.context, {}), 'conflict', /the session was forked/);
    expect(await names(world)).toEqual(['a']);
    expect(await said(world, fork)).toEqual(['one']);
    expect(await runtime.undo(world.context, {})).toMatchObject({ files: 1, text: 'one' });
    expect(await names(world)).toEqual([]);
  },

  'no undo crosses a turn of which there is no snapshot, and it says what to do': async ({ open }) => {
    const world = await open(making('a', 'b', 'c'));
    // Something in the place of the snapshots' folder: none can be taken.
    const obstacle = join(world.data, 'snapshots');
    await writeFile(obstacle, '');
    const runtime = await world.session(TEAM, SNAPSHOTS);
    const events = await world.run(runtime, 'one');
    expect(only(events, 'stream_stopped')).toMatchObject({ reason: 'normal' });
    expect(ofType(events, 'warning').map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /^no snapshot of the workspace was taken, so \/undo cannot take this turn back: /,
      ),
    ]);
    const { snapshots } = await runtime.snapshots(world.context, {});
    expect(snapshots).toEqual([expect.objectContaining({ snapshot: 0, failed: expect.any(String) })]);
    const words = /no snapshot was taken of the turn of message \S+.*nothing was changed; .*\/fork N$/;
    const last = await refused(runtime.undo(world.context, {}), 'conflict', words);
    expect(last.message).not.toContain('/reset');
    await rm(obstacle);
    await world.run(runtime, 'two');
    expect(await runtime.undo(world.context, {})).toMatchObject({ files: 1, snapshots: [1], text: 'two' });
    await world.run(runtime, 'three');
    const error = await refused(runtime.reset(world.context, {}), 'conflict', words);
    const at = String(error.details?.['reset_at']);
    expect(error.message).toContain(`; /reset ${at} takes back what came after it;`);
    expect(await names(world)).toEqual(['a', 'c']);
    expect(await runtime.reset(world.context, { at })).toMatchObject({ files: 1 });
    expect(await names(world)).toEqual(['a']);
  },
};
