import { type FileHandle, open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { YonderError } from '../../protocol/errors.ts';
import type { Io } from './io.ts';
import { whileRead } from './named-pipe.ts';

/** `--log-file`: what happened, one line each with its time, for a report. Holds no text of the conversation. */
export interface LogFile {
  write(line: string): Promise<void>;
  close(): Promise<void>;
}

export async function openLogFile(path: string | undefined, io: Io): Promise<LogFile | undefined> {
  if (path === undefined) return undefined;
  const file = await openToAppend(resolve(io.cwd, path)).catch((cause: unknown) => {
    throw new YonderError('invalid_request', `--log-file: ${path} cannot be written`, { cause });
  });
  return {
    write: async (line) => {
      await file.appendFile(`${io.now().toISOString()} ${io.secrets?.text(line) ?? line}\n`);
    },
    close: () => file.close(),
  };
}

function openToAppend(path: string): Promise<FileHandle> {
  return whileRead(path, () => open(path, 'a', 0o600));
}
