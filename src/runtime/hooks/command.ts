import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { expandEnvironmentReferences } from '../../protocol/environment-references.ts';
import { toYonderError } from '../../protocol/errors.ts';
import { runProgram, type ProgramExit } from '../../process/run-program.ts';
import { findProgram } from '../../process/shell.ts';
import type { LoopContext } from '../loop/context.ts';
import {
  DEFAULT_TIMEOUT_S,
  MAX_STDOUT,
  timedOut,
  TOO_LONG,
  type CommandEnd,
  type CommandRun,
} from './command-end.ts';
import { argvOf } from './command-line.ts';
import { changedScript } from './scripts.ts';
import type { StandingHook } from './types.ts';
import { runOnRunner } from './runner-command.ts';

/** Runs a command hook where it belongs (R17), with the input on its stdin. Rejects when the signal aborts, and with nothing else. */
export async function runCommand(
  context: LoopContext,
  hook: StandingHook,
  input: { text: string; tag: string; signal: AbortSignal },
): Promise<CommandEnd> {
  const variables = variablesOf(context, hook);
  if ('failure' in variables) return variables;
  const { timeout = DEFAULT_TIMEOUT_S } = hook.definition;
  const common = { stdin: input.text, tag: input.tag, signal: input.signal, timeout_ms: timeout * 1000 };
  try {
    const changed = await changedScript(context, hook);
    if (changed !== undefined) return { failure: changed, changed: true };
    if (hook.place === 'host') return await onHost(context, hook, { ...common, env: variables.env });
    return await runOnRunner(await context.workspace(), hook, { ...common, env: variables.env });
  } catch (thrown) {
    input.signal.throwIfAborted();
    return { failure: `it could not be run: ${toYonderError(thrown, 'tool_failed').message}` };
  }
}

/** `${env.X}` is what the hook could read anyway, or what the session was given: a key that is held back stays so (R13). */
function variablesOf(
  context: LoopContext,
  { definition }: StandingHook,
): { env: Record<string, string> } | { failure: string } {
  const given = context.settings.runtime_config?.env ?? {};
  const host = context.hostVariables();
  const lookup = (name: string): string | undefined =>
    Object.hasOwn(given, name) || Object.hasOwn(host, name) ? context.variable(name) : undefined;
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(definition.env ?? {})) {
    const { text, missing } = expandEnvironmentReferences(value, lookup);
    if (missing.length > 0)
      return {
        failure: `its variable ${name} needs ${missing.join(', ')}, which is not set or is held back`,
      };
    env[name] = text;
  }
  return { env };
}

async function onHost(
  context: LoopContext,
  { definition }: StandingHook,
  { env: own, ...common }: CommandRun,
): Promise<CommandEnd> {
  const host = context.hostVariables();
  const folder = definition.working_dir ?? '.';
  const home = host['HOME'];
  const cwd =
    home !== undefined && /^~(?:\/|$)/.test(folder)
      ? resolve(home, `.${folder.slice(1)}`)
      : resolve(context.working_dir, folder);
  const env = { ...host, PWD: cwd, ...own };
  const { program, args } = argvOf(definition, (word) => findProgram(word, env, cwd) !== null);
  const path = findProgram(program, env, cwd);
  if (path === null)
    return (await isFolder(cwd))
      ? { failure: `there is no program ${program} that can be run` }
      : { failure: `its working folder ${cwd} does not exist` };
  try {
    return endOf(
      await runProgram({ ...common, program: path, args, cwd, env, max_bytes: MAX_STDOUT }),
      common,
    );
  } catch (thrown) {
    common.signal.throwIfAborted();
    if (!(await isFolder(cwd))) return { failure: `its working folder ${cwd} does not exist` };
    throw thrown;
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

function endOf(exit: ProgramExit, { timeout_ms }: { timeout_ms: number }): CommandEnd {
  if (exit.ended === 'timed_out') return { failure: timedOut(timeout_ms) };
  if (exit.ended === 'too_long') return { failure: TOO_LONG };
  if (exit.code === null) return { failure: 'a signal ended it' };
  return { code: exit.code, stdout: exit.stdout.toString('utf8'), stderr: exit.stderr };
}
