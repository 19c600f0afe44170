import { access, constants, realpath, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { writeFileAtomic } from '../../process/atomic-file.ts';
import type { Runtime } from '../../protocol/backend.ts';
import { toYonderError, YonderError } from '../../protocol/errors.ts';
import { codeOf } from '../flags/env-file.ts';
import { looking } from '../request-context.ts';
import { whileRead } from '../terminal/named-pipe.ts';
import type { Output } from '../terminal/output.ts';

/** Before anything happens: a result that could not be written would be lost. */
export async function checkTarget(flag: string, cwd: string, file: string): Promise<string> {
  const path = resolve(cwd, file);
  const folder = dirname(path);
  let fault: string | undefined;
  try {
    if (!(await stat(folder)).isDirectory()) fault = `${folder} is not a folder`;
    else if ((await stat(path).catch(() => undefined))?.isDirectory() === true) fault = `${path} is a folder`;
    // It is written beside and renamed, so it is the folder that must take it.
    else await access(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    fault = `the folder ${folder} cannot be used (${codeOf(cause)})`;
  }
  if (fault !== undefined) throw new YonderError('invalid_request', `${flag}: ${fault}`);
  return path;
}

/** `--record` without a name makes one; the ending may be left out. */
export function recordingName(given: string, now: Date): string {
  const name = given === '' ? `yonder-recording-${Math.floor(now.getTime() / 1000)}` : given;
  return /\.ya?ml$/i.test(name) ? name : `${name}.yaml`;
}

/** A file is replaced whole or not at all; a device or a pipe is written to, and a link leads to what it names. */
async function writeResult(path: string, data: string | Uint8Array): Promise<void> {
  const existing = await stat(path).catch(() => undefined);
  if (existing !== undefined && !existing.isFile()) return writeThrough(path, data);
  await writeFileAtomic(existing === undefined ? path : await realpath(path), data, { mode: 0o644 });
}

/** An export, whole or not at all. */
export async function writeExport(path: string, text: string): Promise<void> {
  try {
    await writeResult(path, text);
  } catch (cause) {
    throw new YonderError('invalid_request', `--output: ${path} cannot be written (${codeOf(cause)})`, {
      cause,
    });
  }
}

async function writeThrough(path: string, data: string | Uint8Array): Promise<void> {
  try {
    await whileRead(path, () => writeFile(path, data));
  } catch (cause) {
    if (codeOf(cause) !== 'ENXIO') throw cause;
    throw new YonderError(
      'invalid_request',
      `${path} is a pipe that nobody reads, so nothing was written; start its reader first (the session has it all)`,
      { cause },
    );
  }
}

/** The final answer. */
export async function writeAnswer(path: string, answer: string): Promise<void> {
  await writeResult(path, answer.endsWith('\n') ? answer : `${answer}\n`);
}

/** Fetches what was recorded and writes it. That nothing was recorded is said, and is no failure. */
export async function writeRecording(runtime: Runtime, path: string, output: Output): Promise<void> {
  try {
    const { bytes } = await runtime.cassette(looking(), {});
    // A device is written to; a file is replaced, and that is said.
    const replaced = (await stat(path).catch(() => undefined))?.isFile() === true;
    await writeResult(path, bytes);
    output.note(`recorded in ${path}${replaced ? ' (in place of the file that was there)' : ''}`);
  } catch (thrown) {
    const error = toYonderError(thrown);
    if (error.code !== 'not_found') throw error;
    output.note('nothing was recorded: no model was called');
  }
}
