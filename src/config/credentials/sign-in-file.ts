import { dirname, join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../../process/atomic-file.ts';
import { YonderError } from '../../protocol/errors.ts';
import type { KeptSignIn, SignInStore } from '../../protocol/sign-ins.ts';
import { whileLocked } from '../locked.ts';
import { readOwnFile } from './own-file.ts';

/** The file of the sign-ins at MCP servers in the user's data folder, on the Host that talks to them (R31). */
export function signInFileIn(dataFolder: string): string {
  return join(dataFolder, 'mcp-sign-ins.json');
}

/** By principal, then by server. */
type Kept = Record<string, Record<string, KeptSignIn>>;

/** Sign-ins in a file of mode 0600 in a folder of mode 0700, changed as one act between processes. No message has anything of its content. */
export function fileSignIns(file: string): SignInStore {
  return {
    async read(principal, url) {
      const kept = await readAll(file);
      return Object.hasOwn(kept, principal) ? kept[principal]?.[url] : undefined;
    },
    async change(principal, url, edit) {
      return whileLocked(file, join(dirname(file), 'mcp-sign-ins.lock'), async () => {
        const { [principal]: own = {}, ...others } = await readAll(file);
        const { [url]: before, ...rest } = own;
        const after = await edit(before);
        // What nobody changed is not written: a logout without a sign-in makes no file.
        if (after === before) return after;
        const changed = after === undefined ? rest : { ...rest, [url]: after };
        const all = Object.keys(changed).length === 0 ? others : { ...others, [principal]: changed };
        await writeFileAtomic(file, `${JSON.stringify({ sign_ins: all }, undefined, 2)}\n`, { mode: 0o600 });
        return after;
      });
    },
    urls: async (principal) => Object.keys((await readAll(file))[principal] ?? {}),
  };
}

async function readAll(file: string): Promise<Kept> {
  const text = await readOwnFile(file, { what: 'sign-ins', again: 'sign in again' });
  if (text === undefined) return {};
  const kept = z.object({
    issuer: z.string(),
    client: z.object({
      client_id: z.string(),
      client_secret: z.string().optional(),
      redirect_uris: z.array(z.string()).optional(),
    }),
    tokens: z
      .object({
        access_token: z.string(),
        refresh_token: z.string().optional(),
        scope: z.string().optional(),
        expires_at: z.number().optional(),
      })
      .optional(),
  });
  const shape = z.strictObject({ sign_ins: z.record(z.string(), z.record(z.string(), kept)) });
  const read = shape.safeParse(json(text));
  if (read.success) return read.data.sign_ins;
  // The causes would quote what stands there.
  throw new YonderError('invalid_request', `${file} is no file of sign-ins; delete it, and sign in again`);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the caller says that it is broken, without a word of its content
  }
}
