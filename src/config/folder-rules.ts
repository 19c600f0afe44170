import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Document, isSeq, parseDocument } from 'yaml';
import { acquireLock, type HostLock } from '../process/host-lock.ts';
import { writeFileAtomic } from '../process/atomic-file.ts';
import { makeFolders } from '../process/make-folders.ts';
import { YonderError } from '../protocol/errors.ts';
import type { PermissionRules } from '../protocol/permissions.ts';
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
  const lock = await lockFor(path);
  try {
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
  } finally {
    lock.release();
  }
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

const PATIENCE_MS = 10_000;

async function lockFor(path: string): Promise<HostLock> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const lock = acquireLock(join(dirname(path), 'config.lock'));
    if (lock !== null) return lock;
    if (performance.now() > deadline) {
      throw new YonderError('conflict', `${path} is being changed by another process; try again`);
    }
    await delay(20);
  }
}
