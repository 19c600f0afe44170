import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { YonderError } from '../../protocol/errors.ts';
import type { Io } from './io.ts';

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

async function openToAppend(path: string): Promise<FileHandle> {
  const isPipe = (await stat(path).catch(() => undefined))?.isFIFO() === true;
  if (!isPipe) return open(path, 'a', 0o600);
  // A thread that waited for a reader would keep the process from ending; without one this open fails at once. It is closed last, since
  // a reader whose only writer goes is at its end.
  const probe = await open(path, constants.O_WRONLY | constants.O_NONBLOCK);
  try {
    return await open(path, 'a', 0o600);
  } finally {
    await probe.close();
  }
}
