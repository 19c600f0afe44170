import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { calls, logOf, ofType, teamOf } from '../../src/testing/contract/support.ts';
import { openWorld } from '../../src/testing/contract/world.ts';

const FILES = 100;
const SNAPSHOTS = { snapshots_enabled: true, safety: 'autonomous' } as const;
const each = (text: string) =>
  calls('shell', { cmd: `i=0; while [ $i -lt ${FILES} ]; do echo ${text} $i > f$i; i=$((i+1)); done` });

test('an undo that is killed in the middle is finished by the next, once, and the log says so', async () => {
  const data = mkdtempSync(join(tmpdir(), 'yonder-data-'));
  const folder = mkdtempSync(join(tmpdir(), 'yonder-work-'));
  try {
    const turns = [each('first'), { text: 'one' }, each('second'), { text: 'two' }];
    const first = await openWorld({ arm: 'local', data, folder, turns });
    const { session_id } = await first.session(teamOf(['shell']), SNAPSHOTS);
    await first.run(first.backend.session(session_id), 'one');
    await first.run(first.backend.session(session_id), 'two');
    await first.close();

    await killInTheMiddle([data, folder, session_id], folder);
    const words = () =>
      readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8').split(' ')[0]);
    expect(words()).toEqual(expect.arrayContaining(['first', 'second']));

    const second = await openWorld({ arm: 'local', data, folder });
    const runtime = second.backend.session(session_id);
    const undone = await runtime.undo(second.context, {});
    expect(undone).toMatchObject({ text: 'two', snapshots: [2], files: FILES });
    expect(readdirSync(folder)).toHaveLength(FILES);
    expect(new Set(words())).toEqual(new Set(['first']));
    const events = await logOf(second, session_id);
    expect(ofType(events, 'workspace_restore')).toHaveLength(1);
    expect(ofType(events, 'history_changed')).toHaveLength(1);
    expect((await runtime.transcript(second.context, {})).messages.at(-1)?.content).toBe('one');
    await second.close();
  } finally {
    rmSync(data, { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Kills the process as soon as the first of its renames shows in the folder. */
async function killInTheMiddle(args: string[], folder: string): Promise<void> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'undo-process.ts'), ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const watcher = watch(folder, (_, name) => {
    if (name !== null && /^f\d+$/.test(name)) child.kill('SIGKILL');
  });
  try {
    const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
    expect(signal).toBe('SIGKILL');
  } finally {
    watcher.close();
    child.kill('SIGKILL');
  }
}
