import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';

/**
 * Opens or writes a file that may be a named pipe. A thread that waited for a pipe's reader would keep the process from ending; here a
 * pipe without one fails at once, with ENXIO. The probe is closed last, since a reader whose only writer goes is at its end.
 */
export async function whileRead<Result>(path: string, act: () => Promise<Result>): Promise<Result> {
  const isPipe = (await stat(path).catch(() => undefined))?.isFIFO() === true;
  if (!isPipe) return act();
  const probe = await open(path, constants.O_WRONLY | constants.O_NONBLOCK);
  try {
    return await act();
  } finally {
    await probe.close();
  }
}
