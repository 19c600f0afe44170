import { YonderError } from '../../../protocol/errors.ts';
import { newId } from '../../ids.ts';
import type { BuiltinParts } from './types.ts';

/** Nothing that a repository's own configuration names is run: these are looks, and no decision was made about a program. */
const QUIET = [
  '--no-optional-locks',
  '--no-pager',
  '-c',
  'core.fsmonitor=false',
  '-c',
  'core.hooksPath=/dev/null',
];

/** What a program of the workspace prints, the first `max_bytes` of it; undefined when it fails or is not there. */
export async function outputOf(
  { workspace, signal, timeout_ms }: Pick<BuiltinParts, 'workspace' | 'signal' | 'timeout_ms'>,
  program: string,
  args: readonly string[],
  max_bytes: number,
): Promise<{ text: string; cut: boolean } | undefined> {
  try {
    const command = await (
      await workspace()
    ).start(
      { command_id: newId('cmd'), program, args, io: 'pipe', timeout_ms, env: { GIT_TERMINAL_PROMPT: '0' } },
      { signal },
    );
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const { stream, bytes } of command.output) {
      if (stream !== 'stdout' || length > max_bytes) continue;
      chunks.push(bytes);
      length += bytes.byteLength;
      // Nobody wants more: a log of a million commits is not read to its end.
      if (length > max_bytes) await command.cancel();
    }
    const { outcome, exit_code } = await command.result;
    signal.throwIfAborted();
    const cut = length > max_bytes;
    if (!cut && !(outcome === 'exited' && exit_code === 0)) return undefined;
    const bytes = Buffer.concat(chunks).subarray(0, max_bytes);
    return { text: new TextDecoder().decode(bytes, { stream: cut }), cut };
  } catch (thrown) {
    if (thrown instanceof YonderError && thrown.code === 'not_found') return undefined;
    throw thrown;
  }
}

/** What git prints; undefined outside of a repository, and where there is no git. */
export function git(
  parts: BuiltinParts,
  args: readonly string[],
  max_bytes: number,
): Promise<{ text: string; cut: boolean } | undefined> {
  return outputOf(parts, 'git', [...QUIET, ...args], max_bytes);
}
