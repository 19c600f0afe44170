import { YonderError } from '../../protocol/errors.ts';
import { git } from './git.ts';
import type { Shadow } from './shadow.ts';

const AT_ONCE = 32;
const MOST_BYTES = 1024 * 1024 * 1024;

/** The contents by their ids, some at a time, so that a large undo does not hold them all. */
export async function* readBlobs(
  shadow: Shadow,
  ids: readonly string[],
  signal?: AbortSignal,
): AsyncGenerator<Map<string, Buffer>> {
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    const some = ids.slice(from, from + AT_ONCE);
    const stdin = some.map((id) => `${id}\n`).join('');
    yield readBatch(await git(shadow, ['cat-file', '--batch'], { stdin, signal, max_bytes: MOST_BYTES }));
  }
}

function readBatch(output: Buffer): Map<string, Buffer> {
  const blobs = new Map<string, Buffer>();
  for (let at = 0; at < output.length;) {
    const end = output.indexOf(0x0a, at);
    const [id = '', kind, size = ''] = output.subarray(at, end).toString('latin1').split(' ');
    if (kind !== 'blob') throw gone(id);
    blobs.set(id, output.subarray(end + 1, end + 1 + Number(size)));
    at = end + 1 + Number(size) + 1;
  }
  return blobs;
}

/** Which of these contents are not there any more. */
export async function missingBlobs(
  shadow: Shadow,
  ids: readonly string[],
  signal?: AbortSignal,
): Promise<string[]> {
  if (ids.length === 0) return [];
  const stdin = ids.map((id) => `${id}\n`).join('');
  const listed = (await git(shadow, ['cat-file', '--batch-check'], { stdin, signal })).toString('utf8');
  return listed.split('\n').flatMap((line) => (line.endsWith(' missing') ? [line.split(' ')[0] ?? ''] : []));
}

function gone(id: string): YonderError {
  return new YonderError('not_found', `the snapshots do not hold ${id} any more: they are kept for 7 days`);
}
