import { basename, resolve } from 'node:path';
import type { ReadOptions } from '../../process/read-whole.ts';
import type { KeptReads } from '../../process/kept-reads.ts';
import type { Backend } from '../../protocol/backend.ts';
import { LIMITS } from '../../protocol/contract/contract.ts';
import { YonderError } from '../../protocol/errors.ts';
import { codeOf } from '../flags/env-file.ts';
import { changing } from '../request-context.ts';

/** The cassette of `--fake`, uploaded; `.yaml` may be left out. Its path goes nowhere. */
export async function uploadCassette(
  backend: Backend,
  cwd: string,
  file: string,
  read: KeptReads['read'],
  signal?: AbortSignal,
): Promise<string> {
  const bytes = await readFirst('--fake', [resolve(cwd, file), resolve(cwd, `${file}.yaml`)], read, {
    signal,
    limit: LIMITS.upload_bytes,
  });
  const { upload_id } = await backend.upload(
    changing(),
    { name: 'cassette.yaml', media_type: 'application/yaml' },
    bytes,
  );
  return upload_id;
}

/** The files of `--prompt-file`, uploaded under their names. */
export async function uploadPromptFiles(
  backend: Backend,
  cwd: string,
  files: readonly string[],
  read: KeptReads['read'],
  signal?: AbortSignal,
): Promise<{ name: string; upload_id: string }[]> {
  const uploads: { name: string; upload_id: string }[] = [];
  for (const file of files) {
    const bytes = await readFirst('--prompt-file', [resolve(cwd, file)], read, {
      signal,
      limit: LIMITS.prompt_file_bytes,
    });
    const name = basename(file);
    const { upload_id } = await backend.upload(changing(), { name, media_type: 'text/markdown' }, bytes);
    uploads.push({ name, upload_id });
  }
  return uploads;
}

async function readFirst(
  flag: string,
  paths: readonly string[],
  read: KeptReads['read'],
  options: ReadOptions & { limit: number },
): Promise<Uint8Array> {
  for (const path of paths) {
    try {
      return await read(path, options);
    } catch (cause) {
      if (codeOf(cause) === 'ENOENT' && path !== paths.at(-1)) continue;
      if (codeOf(cause) === 'EFBIG') {
        const message = `${flag}: ${path} is longer than ${options.limit} bytes, its limit`;
        throw new YonderError('payload_too_large', message, { cause });
      }
      throw new YonderError(
        'invalid_request',
        `${flag}: ${paths[0] ?? path} cannot be read (${codeOf(cause)})`,
        { cause },
      );
    }
  }
  throw new YonderError('internal', `${flag}: no path to read`);
}
