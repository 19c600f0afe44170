import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ScriptedTurn } from '../../src/testing/model-server/script.ts';
import { oneAgent, turnOf } from './scenarios.ts';

/** A command that waits until the test opens its gate, and then has its effect. */
export const GATED = {
  id: 'gated',
  name: 'shell',
  arguments: { cmd: 'cat gate && echo one >> effects' },
};

/** One call that waits at the gate, then the end. */
export const GATED_RUN = {
  team: oneAgent,
  message: 'pass the gate',
  safety: 'autonomous',
  turns: [
    turnOf('gate', 0, { tool_calls: [GATED] }),
    turnOf('gate', 1, { text: 'Passed.' }),
  ] as ScriptedTurn[],
} as const;

export function closeGate(folder: string): void {
  execFileSync('mkfifo', [join(folder, 'gate')]);
}

/** Lets the one reader through; resolves when it has read. */
export async function openGate(folder: string): Promise<void> {
  await writeFile(join(folder, 'gate'), 'go\n');
}
