import { dirname, join } from 'node:path';
import { type Document, isSeq, parseDocument } from 'yaml';
import { writeFileAtomic } from '../process/atomic-file.ts';
import { makeFolders } from '../process/make-folders.ts';
import { YonderError } from '../protocol/errors.ts';
import type { PermissionRules } from '../protocol/permissions.ts';
import { whileLocked } from './locked.ts';
import { readConfigText } from './user-config.ts';

export type RuleKind = keyof PermissionRules;

/** Adds a rule to `folders.<folder>.permissions`; comments and order of the file stay. False when it stands there already. */
export function addFolderRule(
  path: string,
  folder: string,
  kind: RuleKind,
  pattern: string,
): Promise<boolean> {
  return changeConfig(path, (document) => {
    const place = ['folders', folder, 'permissions', kind];
    const list = document.getIn(place);
    if (!isSeq(list)) {
      document.setIn(place, document.createNode([pattern]));
      return true;
    }
    if (valuesOf(list.toJSON()).includes(pattern)) return false;
    document.addIn(place, pattern);
    return true;
  });
}

/** Takes a rule out of `folders.<folder>.permissions`, whichever kind it is; false when it is not there. */
export function removeFolderRule(path: string, folder: string, pattern: string): Promise<boolean> {
  return changeConfig(path, (document) => {
    const found = (['allow', 'ask', 'deny'] as const).flatMap((kind) => {
      const place = ['folders', folder, 'permissions', kind];
      const list = document.getIn(place);
      const index = isSeq(list) ? valuesOf(list.toJSON()).indexOf(pattern) : -1;
      return index === -1 ? [] : [[...place, index]];
    });
    for (const place of found) document.deleteIn(place);
    return found.length > 0;
  });
}

function valuesOf(json: unknown): unknown[] {
  return Array.isArray(json) ? json : [];
}

/** Waiting for the kernel's lock holds up the whole process, so it must not wait for itself. */
let last: Promise<unknown> = Promise.resolve();

function changeConfig(path: string, change: (document: Document) => boolean): Promise<boolean> {
  const next = last.then(() => changeAlone(path, change));
  // The caller hears of a failure; the one after it is not held up by it.
  last = next.catch(() => undefined);
  return next;
}

/** Read, change, write as one act between processes: by a lock file that the kernel frees. */
async function changeAlone(path: string, change: (document: Document) => boolean): Promise<boolean> {
  makeFolder(path);
  return whileLocked(path, join(dirname(path), 'config.lock'), async () => {
    const document = parseDocument(await readConfigText(path));
    const [fault] = document.errors;
    if (fault !== undefined) {
      throw new YonderError('invalid_request', `${path} was not changed: ${fault.message.trim()}`, {
        cause: fault,
      });
    }
    if (!change(document)) return false;
    await writeFileAtomic(path, document.toString());
    return true;
  });
}

function makeFolder(path: string): void {
  try {
    makeFolders(dirname(path));
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    throw new YonderError(
      'invalid_request',
      `${path} cannot be written because its folder could not be made (${message}); name another with --config-dir`,
      { cause: thrown },
    );
  }
}
