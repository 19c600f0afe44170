import { lstat, open, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Backend } from '../../protocol/backend.ts';
import type { InputFile, InputMessage } from '../../protocol/contract/payloads.ts';
import { imageType } from '../../tools/filesystem/file-kind.ts';
import { codeOf } from '../flags/env-file.ts';
import { changing } from '../request-context.ts';
import type { Written } from '../run/messages.ts';
import { mentionsIn, pastedImages } from './mentions.ts';
import { readAttachment } from './read-file.ts';

export interface ComposerOptions {
  backend: Pick<Backend, 'upload'>;
  /** For `~`. */
  home: string;
  /** Where the command was typed; absolute. */
  cwd: string;
  /** Where tools act; absolute. Relative names are looked for here first. */
  workingDir: string;
}

interface Named {
  /** The flag or word, for messages. */
  what: string;
  path: string;
  typed: string;
}

/**
 * Makes messages of texts: what they name with `@file`, images that were pasted as paths, and the files of `--attach`, which go with the
 * first message. The text stays as it was typed; files are uploaded (R17, R30).
 */
export class Composer {
  readonly #options: ComposerOptions;
  /** Where tools act now; another session may work elsewhere. */
  workingDir: string;
  #attached: InputMessage['parts'] = [];
  /** Made before they are sent, by their text. */
  readonly #ready = new Map<string, InputMessage[]>();

  constructor(options: ComposerOptions) {
    this.#options = options;
    this.workingDir = options.workingDir;
  }

  /** Reads and uploads the files of `--attach`; they go with the next message. */
  async attach(files: readonly string[]): Promise<void> {
    const named = files.map((file) => ({
      what: `--attach ${file === '' ? '""' : file}`,
      path: this.#from(this.#options.cwd, file),
      typed: file,
    }));
    this.#attached = await this.#partsOf(named);
  }

  /** Makes messages before anything begins, so that a file that cannot be sent is a fault of the command line. */
  async prepare(texts: readonly Written[]): Promise<void> {
    for (const { text, isTyped } of texts) {
      const message = isTyped ? await this.#compose(text) : this.#message(text, []);
      this.#ready.set(text, [...(this.#ready.get(text) ?? []), message]);
    }
  }

  /** The files that were attached or named so far. */
  get prepared(): InputFile[] {
    const parts = [...this.#ready.values()].flat().flatMap((message) => message.parts ?? []);
    return [...(this.#attached ?? []), ...parts].filter((part) => part.type === 'file');
  }

  /** The message of a text. Throws as `readAttachment` does, and as an upload does. */
  async compose(text: string): Promise<InputMessage> {
    return this.#ready.get(text)?.shift() ?? this.#compose(text);
  }

  async #compose(text: string): Promise<InputMessage> {
    return this.#message(text, await this.#partsOf(await this.#namedIn(text)));
  }

  #message(content: string, own: NonNullable<InputMessage['parts']>): InputMessage {
    const parts = [...(this.#attached ?? []), ...own];
    this.#attached = [];
    return { role: 'user', content, ...(parts.length === 0 ? {} : { parts }) };
  }

  async #namedIn(text: string): Promise<Named[]> {
    const named: Named[] = [];
    for (const { readings } of mentionsIn(text)) {
      const found = await this.#firstFile(readings);
      if (found !== undefined) named.push({ ...found, what: `@${found.typed}` });
    }
    for (const line of pastedImages(text)) {
      const found = await Promise.all(line.map((path) => this.#image(path)));
      // A line that names something else as well is a sentence.
      const images = found.filter((one) => one !== undefined);
      if (images.length === line.length) named.push(...images);
    }
    return named;
  }

  /** The first reading that is there and no folder: a folder, or a word that is no file, stays text. */
  async #firstFile(readings: readonly string[]): Promise<Named | undefined> {
    for (const typed of readings) {
      for (const folder of new Set([this.workingDir, this.#options.cwd])) {
        const path = this.#from(folder, typed);
        if (await isThere(path)) return { what: typed, path, typed };
      }
    }
    return undefined;
  }

  async #image(typed: string): Promise<Named | undefined> {
    const found = await this.#firstFile([typed]);
    return found !== undefined && (await isImage(found.path)) ? found : undefined;
  }

  #from(folder: string, typed: string): string {
    if (typed === '~' || typed.startsWith('~/')) return resolve(this.#options.home, typed.slice(2));
    return resolve(folder, typed);
  }

  async #partsOf(named: readonly Named[]): Promise<NonNullable<InputMessage['parts']>> {
    const parts: NonNullable<InputMessage['parts']> = [];
    for (const { what, path, typed } of new Map(named.map((one) => [one.path, one])).values()) {
      const { name, media_type, bytes } = await readAttachment(what, path, typed);
      const { upload_id } = await this.#options.backend.upload(changing(), { name, media_type }, bytes);
      parts.push({ type: 'file', upload_id, name, media_type });
    }
    return parts;
  }
}

/** Something that is no folder. What may not be looked at is said when it is read. */
async function isThere(path: string): Promise<boolean> {
  if (path.includes('\0')) return false;
  try {
    return (await stat(path)).isFile();
  } catch (cause) {
    if (codeOf(cause) !== 'EACCES') return false;
    return (await lstat(path).catch(() => undefined)) !== undefined;
  }
}

async function isImage(path: string): Promise<boolean> {
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return false;
  try {
    const start = new Uint8Array(16);
    await file.read(start, 0, start.byteLength, 0);
    return imageType(start) !== undefined;
  } finally {
    await file.close();
  }
}
