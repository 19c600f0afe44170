import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { cases, tried } from '../long.ts';
import { programFile } from './driver-process.ts';
import type { Held, ManySessions } from './many-sessions.ts';
import { oneAgent, turnOf } from './scenarios.ts';
import { openStage } from './stage.ts';

const WARM = 30;
/** What an open idle session may hold (bytes): the bar of the benchmark. */
const PER_SESSION = 200 * 1024;

const shell = { id: 'one', name: 'shell', arguments: { cmd: 'true' } };

/** What there is more of than there was. */
function more(now: Held, then: Held): string[] {
  const counts = (held: Held): Record<string, number> => ({
    ...held.resources,
    files: held.files,
    children: held.children,
  });
  const earlier = counts(then);
  return Object.entries(counts(now))
    .filter(([name, count]) => count > (earlier[name] ?? 0))
    .map(([name, count]) => `${name}: ${count}, was ${earlier[name] ?? 0}`);
}

test(
  'many sessions in one process leave neither handles nor children, and closing leaves nothing',
  { timeout: cases(300_000, 600_000) },
  async (context) => {
    const sessions = cases(40, 2_000);
    const turns = [turnOf('go', 0, { tool_calls: [shell] }), turnOf('go', 1, { text: 'Done.' })];
    const stage = await openStage({ team: oneAgent, safety: 'autonomous', turns }, WARM + sessions);
    const wanted: ManySessions = {
      data: stage.data,
      folder: stage.folder,
      team: oneAgent(stage.model.url),
      warm: WARM,
      sessions,
    };
    const child = spawn(process.execPath, ['--expose-gc', await programFile('many-sessions')], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], YONDER_MANY: JSON.stringify(wanted) },
      timeout: cases(290_000, 590_000),
      killSignal: 'SIGKILL',
    });
    const [printed, complaints, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit'),
    ]);
    expect([code, complaints]).toEqual([0, '']);
    const { begin, before, open, after, reasons } = JSON.parse(printed) as {
      begin: Held;
      before: Held;
      open: Held;
      after: Held;
      reasons: Record<string, number>;
    };
    expect(reasons).toEqual({ normal: WARM + sessions });
    // Not equal: what the last warm run was still closing when it was counted may be gone since.
    expect(more(open, before)).toEqual([]);
    expect((open.memory - before.memory) / sessions).toBeLessThan(PER_SESSION);
    expect(more(after, begin)).toEqual([]);
    expect(after.children).toBe(0);
    // What is left is code and caches, not sessions. One of them is zod's table of the schemas that a provider's package makes for each call: V8 lets
    // such a table grow with what is not collected yet, and never makes it smaller.
    expect(after.memory).toBeLessThan(before.memory + 16 * 1024 * 1024);
    tried(context, sessions);
  },
);
