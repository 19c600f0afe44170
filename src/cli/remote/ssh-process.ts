import { spawn } from 'node:child_process';
import type { Io } from '../terminal/io.ts';
import type { RemoteAddress } from './address.ts';

export type SshAddress = Extract<RemoteAddress, { kind: 'ssh' }>;

/** The system's ssh, at work. */
export interface SshProcess {
  /** What it has written to stdout and stderr so far; of stderr the end. */
  readonly stdout: string;
  readonly words: string;
  /** Its exit code; null where it could not be started or a signal ended it. */
  readonly code: number | null | undefined;
  readonly ended: Promise<void>;
  /** Ends it and waits for that. */
  close(): Promise<void>;
}

/**
 * Nobody can be asked by a program behind another one: who needs a password sets up a key or an agent. A connection that others share would outlive
 * the command.
 */
const OPTIONS = [
  ...['BatchMode=yes', 'ExitOnForwardFailure=yes', 'ServerAliveInterval=15', 'ControlPath=none'].flatMap(
    (option) => ['-o', option],
  ),
  '-T',
];

const KEPT = 8 * 1024;

/** Starts ssh with these flags and one command for a POSIX shell there. Its stdin stays open: a command that reads it ends with this process. */
export function startSsh(
  { target, port }: SshAddress,
  flags: readonly string[],
  command: string,
  io: Io,
): SshProcess {
  const { YONDER_TOKEN: _token, ...env } = io.env;
  const where = port === undefined ? [] : ['-p', port];
  const child = spawn('ssh', [...OPTIONS, ...where, ...flags, '--', target, `sh -c '${command}'`], {
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
    // A Ctrl-C of the terminal is for the run: ssh has to carry the interrupt there.
    detached: true,
  });
  const state = { stdout: '', words: '', code: undefined as number | null | undefined };
  child.stdin.on('error', () => {});
  child.stdout
    .setEncoding('utf8')
    .on('data', (text: string) => (state.stdout = (state.stdout + text).slice(0, KEPT)));
  child.stderr
    .setEncoding('utf8')
    .on('data', (text: string) => (state.words = (state.words + text).slice(-KEPT)));
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      state.words =
        error.code === 'ENOENT' ? 'there is no program ssh on this machine; install OpenSSH' : error.message;
      state.code = null;
      resolve();
    });
    child.once('close', (code) => {
      state.code ??= code;
      resolve();
    });
  });
  return {
    get stdout() {
      return state.stdout;
    },
    get words() {
      return state.words;
    },
    get code() {
      return state.code;
    },
    ended,
    async close() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
