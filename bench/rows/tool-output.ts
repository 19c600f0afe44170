import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { startModelServer } from '../../src/testing/model-server/server.ts';
import type { Row } from '../row.ts';

const root = path.join(import.meta.dirname, '../..');
const megabytes = 100;
/** Characters of it that the model gets. */
const KEPT = 30_000;

const team = (base_url: string): string => `
agents:
  root:
    model: scripted
    description: Prints
    instruction: Print.
    toolsets:
      - type: shell
models:
  scripted: { provider: openai, model: scripted, base_url: ${base_url} }
`;

/** A run whose one tool call prints so many bytes; its peak of resident memory. Kilobytes. */
async function peakOf(folder: string, bytes: number): Promise<number> {
  const cmd = `yes 'this is a line of output' | head -c ${bytes}`;
  const model = await startModelServer([
    { tool_calls: [{ name: 'shell', arguments: { cmd, timeout: 100 } }] },
    { text: 'Printed.' },
  ]);
  try {
    await writeFile(path.join(folder, 'team.yaml'), team(model.url));
    const command = [
      'bin/yonder.js',
      'run',
      path.join(folder, 'team.yaml'),
      '--exec',
      '--json',
      '--yolo',
      'Print.',
    ];
    const child = spawn(
      process.execPath,
      ['--require', path.join(root, 'bench/peak-memory.cjs'), ...command],
      {
        cwd: root,
        env: { PATH: process.env['PATH'], HOME: folder, OPENAI_API_KEY: 'none' },
        stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      },
    );
    const [[code], stdout, stderr, peak] = await Promise.all([
      once(child, 'exit'),
      ...child.stdio.slice(1).map((stream) => text(stream as Readable)),
    ]);
    if (
      code !== 0 ||
      stdout?.includes('"reason":"normal"') !== true ||
      (bytes > KEPT && !stdout.includes(`${bytes - KEPT} characters of output are left out`)) ||
      !(Number(peak) > 0)
    )
      throw new Error(`the run ended with ${code}: ${stderr}`);
    return Number(peak);
  } finally {
    await model.close();
  }
}

/** All of it reaches the process; what it keeps is bounded, and a run that printed a line is what idle costs. */
export const row: Row = {
  what: `peak memory of \`yonder run\` with ${megabytes} MB of tool output, above that with a line`,
  against: undefined,
  bars: { memory: { below: 64, unit: 'MB' } },
  rounds: 3,
  async measure() {
    const folder = await mkdtemp(path.join(tmpdir(), 'yonder-bench-'));
    try {
      const idle = await peakOf(folder, 20);
      const printed = await peakOf(folder, megabytes * 1_000_000);
      return { memory: (printed - idle) / 1024 };
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};
