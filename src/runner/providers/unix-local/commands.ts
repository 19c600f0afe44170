import { spawn, type ChildProcess } from 'node:child_process';
import { COMMAND_TAG, endTree, findTree, nestTag } from '../../../process/process-tree.ts';
import { findProgram } from '../../../process/shell.ts';
import { YonderError } from '../../../protocol/errors.ts';
import type { CommandResult } from '../../../protocol/runner.ts';
import type {
  CommandHandle,
  FoundCommand,
  OperationOptions,
  OutputSoFar,
  StartCommand,
} from '../../../protocol/workspace.ts';
import { keptText } from './kept-text.ts';
import { GUARD_SCRIPT, PipeCommand } from './pipe-command.ts';
import type { Roots } from './roots.ts';
import {
  closeFiles,
  type CommandRecord,
  CommandSpool,
  type CommandStatus,
  PARENT_SCRIPT,
  type SpoolFiles,
} from './spool.ts';
import { readResult, SpoolCommand } from './spool-command.ts';
import { type Located, locate } from './walk.ts';

const SHELL = '/bin/sh';
const DEFAULT_MAX_BYTES = 1024 * 1024;

export interface CommandsOptions {
  readonly roots: Roots;
  readonly spoolFolder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly capBytes: number;
}

/** The commands of one workspace: starts them, finds them again, ends them. */
export class Commands {
  readonly #options: CommandsOptions;
  readonly #running = new Map<string, SpoolCommand | PipeCommand>();
  /** Spools that this workspace made, to be deleted when they are forgotten or it closes. */
  readonly #spools = new Set<string>();
  /** Commands that never started for want of a spool: there is nothing to forget of them. */
  readonly #unspooled = new Set<string>();

  constructor(options: CommandsOptions) {
    this.#options = options;
  }

  async start(request: StartCommand, options: OperationOptions = {}): Promise<CommandHandle> {
    options.signal?.throwIfAborted();
    checkRequest(request);
    const { roots } = this.#options;
    const cwd = locate(roots, request.cwd ?? '.', { use: 'cwd' });
    try {
      checkFolder(cwd, request.cwd ?? roots.workspace.path);
      const spool = new CommandSpool(this.#options.spoolFolder, request.command_id);
      const env = this.#environment(request, spool.name, cwd.path);
      const program = findProgram(request.program, env, cwd.path);
      if (program === null) {
        throw new YonderError('not_found', `there is no program ${request.program} that can be run`);
      }
      if (this.#running.has(request.command_id)) {
        throw new YonderError(
          'conflict',
          `the command id ${request.command_id} is in use: give every command its own`,
        );
      }
      const launch: Launch = { request, tag: spool.name, argv: [program, ...(request.args ?? [])], env, cwd };
      const command =
        request.io === 'pipe' ? await this.#startPiped(launch) : await this.#startSpooled(launch, spool);
      return this.#track(command, options.signal);
    } finally {
      cwd.close();
    }
  }

  async find(commandId: string): Promise<FoundCommand> {
    const running = this.#running.get(commandId);
    if (running) return { state: 'running', handle: running };
    const spool = new CommandSpool(this.#options.spoolFolder, commandId);
    const ended = endedResult(spool);
    if (ended) return { state: 'ended', result: ended };
    const status = spool.readStatus();
    const lives = findTree({ tag: spool.name, group: status?.group }).length > 0;
    if (status && lives) return { state: 'running', handle: this.#attach(spool, status) };
    if (lives) await this.#endWithoutSpool(spool.name, commandId);
    // It may have ended between the two looks.
    const result = endedResult(spool) ?? (status?.group === undefined ? null : lostResult(spool));
    if (result) return { state: 'ended', result };
    spool.remove();
    return { state: 'unknown' };
  }

  async cancel(commandId: string): Promise<boolean> {
    const running = this.#running.get(commandId);
    if (running) return running.cancel();
    const found = await this.find(commandId);
    if (found.state === 'running') return found.handle.cancel();
    if (found.state === 'unknown') return false;
    const spool = new CommandSpool(this.#options.spoolFolder, commandId);
    return endTree({ tag: spool.name, group: spool.readStatus()?.group });
  }

  outputSoFar(commandId: string, maxBytes: number): OutputSoFar | undefined {
    const files = new CommandSpool(this.#options.spoolFolder, commandId).open();
    if (files === null) return undefined;
    try {
      const stdout = keptText(files.stdout, maxBytes);
      const stderr = keptText(files.stderr, maxBytes);
      return { stdout: stdout.text, stderr: stderr.text, truncated: stdout.truncated || stderr.truncated };
    } finally {
      closeFiles(files);
    }
  }

  forget(commandId: string): void {
    if (this.#running.has(commandId) || this.#unspooled.delete(commandId)) return;
    new CommandSpool(this.#options.spoolFolder, commandId).remove();
    this.#spools.delete(commandId);
  }

  /** Spooled commands go on; piped ones are ended. Spools of what this workspace saw end are deleted. */
  async close(): Promise<void> {
    const running = [...this.#running.values()];
    await Promise.all(
      running.map(async (command) => {
        if (command instanceof PipeCommand) await command.cancel();
        else command.letGo();
      }),
    );
    for (const commandId of this.#spools) if (!this.#running.has(commandId)) this.forget(commandId);
    this.#running.clear();
  }

  async #startSpooled(launch: Launch, spool: CommandSpool): Promise<SpoolCommand> {
    const { request, argv, env, cwd } = launch;
    const record = {
      command_id: request.command_id,
      started_ms: Date.now(),
      timeout_ms: request.timeout_ms ?? null,
      max_bytes: request.max_bytes ?? DEFAULT_MAX_BYTES,
      ...(request.keep_bytes === undefined ? {} : { keep_bytes: request.keep_bytes }),
    };
    const files = this.#createSpool(spool, record);
    try {
      const child = spawn(SHELL, ['-c', PARENT_SCRIPT, 'sh', ...argv], {
        cwd: cwd.reach,
        env,
        detached: true,
        stdio: ['ignore', files.stdout, files.status, files.stderr],
      });
      const group = await processOf(child);
      if (record.keep_bytes === undefined) this.#spools.add(request.command_id);
      const { capBytes } = this.#options;
      return new SpoolCommand({
        record,
        spool,
        files,
        group,
        child,
        capBytes,
        onEnd: this.#onEnd(record.command_id),
      });
    } catch (error) {
      closeFiles(files);
      spool.remove();
      throw startError(request.program, error);
    }
  }

  #createSpool(spool: CommandSpool, record: CommandRecord): SpoolFiles {
    try {
      return spool.create(record);
    } catch (error) {
      if (error instanceof YonderError && error.code === 'store_failed') {
        this.#unspooled.add(record.command_id);
      }
      throw error;
    }
  }

  async #startPiped({ request, tag, argv, env, cwd }: Launch): Promise<PipeCommand> {
    const { command_id, timeout_ms } = request;
    const wantsInput = request.stdin === 'pipe';
    try {
      const child = spawn(SHELL, ['-c', GUARD_SCRIPT, 'sh', ...argv], {
        cwd: cwd.reach,
        env,
        detached: true,
        stdio: [wantsInput ? 'pipe' : 'ignore', 'pipe', 'pipe', 'pipe'],
      });
      const group = await processOf(child);
      return new PipeCommand({
        command_id,
        tag,
        child,
        group,
        timeout_ms,
        wantsInput,
        onEnd: this.#onEnd(command_id),
      });
    } catch (error) {
      throw startError(request.program, error);
    }
  }

  #attach(spool: CommandSpool, { record, group }: CommandStatus): CommandHandle {
    const files = spool.open();
    if (!files) throw new YonderError('not_found', `the spool of the command ${record.command_id} is gone`);
    const { capBytes } = this.#options;
    if (record.keep_bytes === undefined) this.#spools.add(record.command_id);
    const onEnd = this.#onEnd(record.command_id);
    return this.#track(
      new SpoolCommand({ record, spool, files, group, child: null, capBytes, onEnd }),
      undefined,
    );
  }

  /** A command that runs and whose output is lost cannot be attached: it is ended, with proof, or we say that we cannot. */
  async #endWithoutSpool(tag: string, commandId: string): Promise<void> {
    if (await endTree({ tag })) return;
    throw new YonderError(
      'runner_lost',
      `the command ${commandId} runs, its output is lost and it cannot be ended`,
    );
  }

  #track<Command extends SpoolCommand | PipeCommand>(
    command: Command,
    signal: AbortSignal | undefined,
  ): Command {
    this.#running.set(command.command_id, command);
    if (!signal) return command;
    const onAbort = () => void command.cancel();
    signal.addEventListener('abort', onAbort, { once: true });
    const off = () => signal.removeEventListener('abort', onAbort);
    command.result.then(off, off);
    if (signal.aborted) onAbort();
    return command;
  }

  #onEnd(commandId: string): () => void {
    return () => void this.#running.delete(commandId);
  }

  #environment(request: StartCommand, tag: string, cwd: string): Record<string, string> {
    const { environment } = this.#options;
    const pairs = Array.isArray(request.env) ? request.env : Object.entries(request.env ?? {});
    const env: Record<string, string> = { ...environment, PWD: cwd };
    for (const [name, value] of pairs) {
      if (name === '' || /[=\0]/.test(name) || value.includes('\0')) {
        throw new YonderError(
          'invalid_request',
          `the variable ${JSON.stringify(name)} cannot stand in an environment`,
        );
      }
      env[name] = value;
    }
    env[COMMAND_TAG] = nestTag(tag, environment);
    return env;
  }
}

interface Launch {
  readonly request: StartCommand;
  readonly tag: string;
  readonly argv: readonly string[];
  readonly env: Record<string, string>;
  readonly cwd: Located;
}

function checkRequest(request: StartCommand): void {
  const { args = [], timeout_ms, max_bytes, keep_bytes } = request;
  if (request.command_id === '') throw new YonderError('invalid_request', 'the command id is empty');
  if (request.stdin === 'pipe' && request.io !== 'pipe') {
    throw new YonderError(
      'invalid_request',
      "a command with io 'spool' has no stdin: start it with io 'pipe'",
    );
  }
  if (keep_bytes !== undefined && (request.io === 'pipe' || !(keep_bytes >= 1024))) {
    throw new YonderError('invalid_request', "keep_bytes is for io 'spool' and at least 1024");
  }
  if (args.some((argument) => argument.includes('\0'))) {
    throw new YonderError(
      'invalid_request',
      'an argument has a NUL character in it, which no program can receive',
    );
  }
  if ((timeout_ms !== undefined && !(timeout_ms > 0)) || (max_bytes !== undefined && !(max_bytes >= 0))) {
    throw new YonderError('invalid_request', 'timeout_ms must be above 0 and max_bytes not negative');
  }
}

function checkFolder(cwd: Located, path: string): void {
  if (!cwd.stat) throw new YonderError('not_found', `the working directory ${path} does not exist`);
  if (!cwd.stat.isDirectory())
    throw new YonderError('invalid_request', `the working directory ${path} is not a folder`);
}

async function processOf(child: ChildProcess): Promise<number> {
  if (child.pid !== undefined) return child.pid;
  const { promise, reject } = Promise.withResolvers<never>();
  child.once('error', reject);
  return promise;
}

function startError(program: string, error: unknown): YonderError {
  if (error instanceof YonderError) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'E2BIG') {
    return new YonderError('invalid_request', `the arguments and variables of ${program} are too long`, {
      cause: error,
    });
  }
  return new YonderError('unavailable', `${program} could not be started: ${String(error)}`, {
    cause: error,
  });
}

function endedResult(spool: CommandSpool): CommandResult | null {
  const kept = spool.readResult();
  return kept ?? (spool.readStatus()?.end === undefined ? null : lostResult(spool));
}

/** The result from what is in the spool; `lost` when no end was written. */
function lostResult(spool: CommandSpool): CommandResult | null {
  const record = spool.readStatus()?.record;
  const files = spool.open();
  if (!record || !files) return null;
  try {
    return readResult({ record, spool, files });
  } finally {
    closeFiles(files);
  }
}
