import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { YonderError } from '../../protocol/errors.ts';

/** Certificate (with those between it and its root) and its key, as PEM. */
export interface TlsTexts {
  cert: string;
  key: string;
}

/** Reads and checks what `--tls-cert` and `--tls-key` name. Throws `invalid_request` that names the flag, the file and what is wrong. */
export async function readTls(files: { cert: string; key: string }): Promise<TlsTexts> {
  const cert = await textOf('--tls-cert', files.cert);
  const key = await textOf('--tls-key', files.key);
  check(`--tls-cert ${files.cert} holds no certificate as PEM`, { cert });
  check(`--tls-key ${files.key} holds no private key as PEM without a passphrase`, { key });
  check(`--tls-key ${files.key} is not the key of --tls-cert ${files.cert}`, { cert, key });
  return { cert, key };
}

async function textOf(flag: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new YonderError('invalid_request', `${flag} ${path} cannot be read (${code})`, { cause });
  }
}

function check(words: string, texts: Partial<TlsTexts>): void {
  try {
    createSecureContext(texts);
  } catch (cause) {
    throw new YonderError('invalid_request', words, { cause });
  }
}
