import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { expect, onTestFinished, test } from 'vitest';
import { addRunFlags, type RunFlags } from '../../../src/cli/flags/run-flags.ts';
import { prepareWords } from '../../../src/cli/flags/words.ts';
import { buildPayloads } from '../../../src/cli/payloads.ts';
import { gather, prepare } from '../../../src/cli/run/prepare.ts';
import { Output } from '../../../src/cli/terminal/output.ts';
import { bindBackend, type Transport } from '../../../src/protocol/backend.ts';
import { memoryIo } from './streams.ts';

const UNCHANGED = { on: false, off: false };
const ON = { on: true, off: false };
const OFF = { on: false, off: true };

test.each([
  ['nothing is said', '', '', UNCHANGED],
  ['--snapshots', '--snapshots', '', ON],
  ['--no-snapshots', '--no-snapshots', '', OFF],
  ['the configuration turns them on', '', 'settings:\n  snapshot: true\n', ON],
  ['the configuration turns them off', '', 'settings:\n  snapshot: false\n', OFF],
  ['a flag beats the configuration', '--no-snapshots', 'settings:\n  snapshot: true\n', OFF],
])('snapshots of a resumed session where %s', async (_, flags, config, { on, off }) => {
  const cwd = mkdtempSync(join(tmpdir(), 'yonder-resumed-'));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  mkdirSync(join(cwd, 'yonder'));
  writeFileSync(join(cwd, 'yonder', 'config.yaml'), config);
  const command = addRunFlags(new Command('run').argument('[words...]'));
  const words = [...flags.split(' ').filter(Boolean), '--session', 'ses_1', 'go'];
  command.parse(prepareWords(words), { from: 'user' });
  const io = memoryIo({ cwd, home: cwd, env: { XDG_CONFIG_HOME: cwd } });
  const prepared = await prepare(command.opts<RunFlags>(), command.args, io, new Output(io));
  const input = await gather(prepared, bindBackend({} as Transport), io);
  const { create } = buildPayloads(input);
  expect(create.snapshots_enabled).toBe(on);
  expect(create.runtime_config?.no_snapshots === true).toBe(off);
});
