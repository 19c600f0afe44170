import type { KeptClient, KeptSignIn, SignInStore } from '../../../protocol/sign-ins.ts';

/** One server is one key, however its address is written. */
export function serverKey(url: string | URL): string {
  const key = new URL(url);
  key.hash = '';
  key.username = '';
  key.password = '';
  return key.href;
}

/** As the package takes it. */
export function clientInformation({ client_id, client_secret }: KeptClient): {
  client_id: string;
  client_secret?: string;
} {
  return { client_id, ...(client_secret === undefined ? {} : { client_secret }) };
}

/** For a Host that keeps nothing longer than it lives. */
export function memorySignIns(): SignInStore {
  const held = new Map<string, Map<string, KeptSignIn>>();
  return {
    read: async (principal, url) => held.get(principal)?.get(url),
    async change(principal, url, edit) {
      const own = held.get(principal) ?? new Map<string, KeptSignIn>();
      held.set(principal, own);
      const changed = await edit(own.get(url));
      if (changed === undefined) own.delete(url);
      else own.set(url, changed);
      return changed;
    },
    urls: async (principal) => [...(held.get(principal)?.keys() ?? [])],
  };
}
