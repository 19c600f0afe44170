import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../../process/atomic-file.ts';
import { makeFolders } from '../../process/make-folders.ts';
import { listingSchema, type McpListing } from '../../tools/mcp/listing.ts';

/** Bytes of one kept list; a longer one is asked for each time. */
const LARGEST = 4 * 1024 * 1024;

/** What a server offered when it was asked last, so that a run that calls none of its tools starts none (R17); undefined where that is not known. */
export async function readListing(folder: string, key: string): Promise<McpListing | undefined> {
  let text: string;
  try {
    text = await readFile(fileOf(folder, key), 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw cause;
  }
  const parsed = listingSchema.safeParse(jsonOf(text));
  return parsed.success ? parsed.data : undefined;
}

export async function keepListing(folder: string, key: string, listing: McpListing): Promise<void> {
  const text = JSON.stringify(listing);
  if (text.length > LARGEST) return;
  makeFolders(join(folder, 'mcp'));
  await writeFileAtomic(fileOf(folder, key), text);
}

function fileOf(folder: string, key: string): string {
  return join(folder, 'mcp', `${key}.json`);
}

/** A file that somebody cut or wrote over is as good as none. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
