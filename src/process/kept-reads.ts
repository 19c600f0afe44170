import { stat } from 'node:fs/promises';
import { readWhole, type ReadOptions } from './read-whole.ts';

/** Reads files as often as asked. What gives its bytes only once, as a pipe (`<(command)`) does, is kept from the first time. */
export class KeptReads {
  readonly #kept = new Map<string, Uint8Array>();

  /** Throws what `readWhole` throws. */
  readonly read = async (path: string, options?: ReadOptions): Promise<Uint8Array> => {
    const kept = this.#kept.get(path);
    if (kept !== undefined) return kept;
    const isFile = (await stat(path)).isFile();
    const bytes = await readWhole(path, options);
    if (!isFile) this.#kept.set(path, bytes);
    return bytes;
  };
}
