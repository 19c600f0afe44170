import { YonderError } from '../../protocol/errors.ts';
import { newId } from '../ids.ts';
import { CLAIMED_FOR_MS, Flow, type Claimed } from './flow.ts';
import type { RemoteServer } from './remote-server.ts';

interface Login {
  flow: Flow;
  server: RemoteServer;
  by: string;
  expires_at: number;
  isFinished: boolean;
}

export interface Finished {
  signed_in: boolean;
  scope?: string | undefined;
}

/** The sign-ins that people began outside of sessions, in memory alone. */
export class Logins {
  readonly #logins = new Map<string, Login>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Begins one; the server is closed with it. */
  async begin(
    server: RemoteServer,
    asked: { by: string; redirect_url: string },
  ): Promise<Claimed & { login_id: string }> {
    await this.#prune();
    const { access, callback_url } = server;
    try {
      if (access === undefined)
        throw new YonderError(
          'invalid_request',
          `the team sends a key of its own to ${server.url.host}: nobody signs in there`,
        );
      const flow = new Flow({ access, callback_url, now: this.#now });
      const claimed = await flow.claim(asked);
      const login_id = newId('login');
      const { by } = asked;
      this.#logins.set(login_id, {
        flow,
        server,
        by,
        expires_at: claimed.expires_at,
        isFinished: false,
      });
      return { ...claimed, login_id };
    } catch (thrown) {
      await server.close();
      throw thrown;
    }
  }

  /** Ends one with what the browser brought, or without. */
  async finish(
    login_id: string,
    answer: { by: string; content: Record<string, unknown> | undefined },
  ): Promise<Finished> {
    await this.#prune();
    const login = this.#logins.get(login_id);
    if (login?.by !== answer.by)
      throw new YonderError('not_found', `there is no sign-in ${login_id} that waits; begin it anew`);
    if (login.isFinished)
      throw new YonderError('already_resolved', `the sign-in ${login_id} was finished before`);
    if (answer.content !== undefined) await login.flow.take(answer.by, answer.content);
    login.isFinished = true;
    return this.#end(login, answer.content !== undefined);
  }

  async close(): Promise<void> {
    const open = [...this.#logins.values()];
    this.#logins.clear();
    await Promise.all(open.map(({ server }) => server.close()));
  }

  async #end({ flow, server }: Login, isAccepted: boolean): Promise<Finished> {
    try {
      if (!isAccepted) return { signed_in: false };
      await flow.finish();
      const scope = await server.access?.granted();
      return { signed_in: true, ...(scope === undefined ? {} : { scope }) };
    } finally {
      await server.close();
    }
  }

  /** What nobody finished in its time, and what was finished some time ago. */
  async #prune(): Promise<void> {
    for (const [login_id, login] of this.#logins) {
      if (login.expires_at > this.#now() - (login.isFinished ? CLAIMED_FOR_MS : 0)) continue;
      this.#logins.delete(login_id);
      await login.server.close();
    }
  }
}
