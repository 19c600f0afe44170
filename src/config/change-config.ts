import { dirname, join } from 'node:path';
import { type Document, parseDocument } from 'yaml';
import { writeFileAtomic } from '../process/atomic-file.ts';
import { makeFolders } from '../process/make-folders.ts';
import { YonderError } from '../protocol/errors.ts';
import { whileLocked } from './locked.ts';
import { readConfigText } from './read-config-text.ts';
import { FaultyConfigError } from './read-shape.ts';

/**
 * Changes the file as a document, so that comments and order stay; read, change and write are one act between processes. False, and nothing written, where `change` says
 * that nothing is to be done. `check` throws for a text that must not be written.
 */
export async function changeConfig(
  path: string,
  change: (document: Document) => boolean,
  check: (text: string) => unknown = () => {},
): Promise<boolean> {
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
    const text = document.toString();
    checkNew(path, text, check);
    await writeFileAtomic(path, text);
    return true;
  });
}

/** What is wrong with a text that nobody can look into has no line: it says what, and that the file is as it was. */
function checkNew(path: string, text: string, check: (text: string) => unknown): void {
  try {
    check(text);
  } catch (thrown) {
    if (!(thrown instanceof FaultyConfigError)) throw thrown;
    const messages = thrown.findings.map(({ message }) => message).join('; ');
    throw new YonderError('invalid_request', `${path} was not changed: ${messages}`, { cause: thrown });
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
