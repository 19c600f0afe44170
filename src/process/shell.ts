import { accessSync, constants, statSync } from 'node:fs';
import { basename, isAbsolute, join } from 'node:path';

export interface Shell {
  readonly path: string;
  /** `bash`, `sh` ... */
  readonly name: string;
  /** What goes before a command line. */
  readonly args: readonly string[];
}

/** Shells that read a line as the POSIX grammar says; a line for another one could not be judged. */
const POSIX_SHELLS: ReadonlySet<string> = new Set(['sh', 'bash', 'dash', 'ash', 'ksh', 'mksh', 'zsh']);

/** $SHELL where it is an executable file and speaks POSIX, else /bin/sh. */
export function detectShell(env: Readonly<Record<string, string | undefined>>): Shell {
  const wanted = env['SHELL'];
  const usable =
    wanted !== undefined &&
    isAbsolute(wanted) &&
    POSIX_SHELLS.has(basename(wanted)) &&
    isExecutableFile(wanted);
  const path = usable ? wanted : '/bin/sh';
  return { path, name: basename(path), args: ['-c'] };
}

/** Finds a program as a shell does: a name with a slash as it is (against `cwd`), else along PATH. Null: not there. */
export function findProgram(
  program: string,
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): string | null {
  if (program === '' || program.includes('\0')) return null;
  if (program.includes('/')) {
    const path = isAbsolute(program) ? program : join(cwd, program);
    return isExecutableFile(path) ? path : null;
  }
  for (const folder of (env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin').split(':')) {
    const path = join(isAbsolute(folder) ? folder : join(cwd, folder), program);
    if (isExecutableFile(path)) return path;
  }
  return null;
}

/** A path that may not be looked at is none that can be run. */
function isExecutableFile(path: string): boolean {
  try {
    if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return false;
    accessSync(path, constants.X_OK);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}
