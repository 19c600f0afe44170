import { YonderError } from '../../protocol/errors.ts';
import type { RunState } from '../fold/run-state.ts';
import type { LogState } from '../fold/state.ts';
import { newId } from '../ids.ts';
import { event, type LoopContext } from '../loop/context.ts';
import { changedOrExpired, unanswered } from '../loop/waiting.ts';
import { Flow, type FlowParts } from './flow.ts';

/** A sign-in that a server of the session wants. */
export interface WantedSignIn extends Omit<FlowParts, 'now'> {
  /** The server's name, as the team has it. */
  name: string;
  /** The port that the team has browsers sent back to. */
  callback_port?: number | undefined;
}

/** The sign-ins of one session tree that wait for a person, each asked once however many calls wait for it. */
export class SignIns {
  readonly #flows = new Map<string, Flow>();
  readonly #asked = new Map<string, Promise<void>>();

  /** What a question of the log is about, where the connection that it belongs to is held by this process. */
  flow(request_id: string): Flow | undefined {
    return this.#flows.get(request_id);
  }

  /**
   * Has a person sign in, and resolves when the tokens are kept. Throws `unauthorized` with words where nobody can, or somebody said no, and what the
   * exchange throws.
   */
  async ask(context: LoopContext, wanted: WantedSignIn, signal: AbortSignal): Promise<void> {
    const key = `${wanted.access.url.href} ${wanted.challenge?.kind ?? ''}`;
    const asked = this.#asked.get(key);
    if (asked !== undefined) return asked;
    const asking = this.#ask(context, wanted, signal).finally(() => this.#asked.delete(key));
    this.#asked.set(key, asking);
    return asking;
  }

  async #ask(context: LoopContext, wanted: WantedSignIn, signal: AbortSignal): Promise<void> {
    const { name, access, challenge, callback_port } = wanted;
    const run = openRun(context.log.state);
    const what = challenge?.kind === 'step_up' ? 'wants more than was granted' : 'wants a sign-in';
    if (run === undefined || run.unattended === 'refuse')
      throw new YonderError(
        'unauthorized',
        `the MCP server ${name} ${what}, and nobody is here to give it; sign in before with: yonder mcp login ${name} <team>`,
      );
    const request_id = newId('req');
    const flow = new Flow({ ...wanted, now: () => context.now().getTime() });
    this.#flows.set(request_id, flow);
    try {
      await context.log.append({
        flush: true,
        events: [
          event('authorization_event', run, {
            confirmation: 'pending',
            server: name,
            server_url: shown(access.url),
            kind: challenge?.kind ?? 'sign_in',
            ...(challenge?.scope === undefined ? {} : { scope: challenge.scope }),
            ...(callback_port === undefined ? {} : { callback_port }),
            request_id,
            held_by: 'connection',
          }),
        ],
      });
      await this.#answered(context, run, request_id, signal);
      const { outcome, answer, by } = context.log.state.resolved.get(request_id) ?? { outcome: 'canceled' };
      if (outcome !== 'answered' || decisionOf(answer) !== 'accept')
        throw new YonderError('unauthorized', declined(name, outcome, by));
      await flow.finish();
    } finally {
      this.#flows.delete(request_id);
    }
  }

  async #answered(
    context: LoopContext,
    run: RunState,
    request_id: string,
    signal: AbortSignal,
  ): Promise<void> {
    const { state } = context.log;
    while (state.pending.has(request_id)) {
      signal.throwIfAborted();
      await context.pump();
      if (!state.pending.has(request_id)) return;
      const end = unanswered(context, run, request_id);
      if (end === undefined) {
        await changedOrExpired(context, [request_id], signal);
        continue;
      }
      const { outcome, reason } = end;
      await context.log.append({
        events: [
          event('interaction_resolved', run, {
            request_id,
            kind: 'authorization',
            outcome,
            reason,
            ...(outcome === 'expired' ? { by: 'policy' } : {}),
          }),
        ],
      });
    }
  }
}

/** A connection is the whole tree's: its question is one of the root's run, or of what goes on behind it. */
function openRun({ conversations, root_id }: LogState): RunState | undefined {
  return (
    conversations.get(root_id)?.run ??
    [...conversations.values()].find((conversation) => conversation.run !== undefined)?.run
  );
}

function decisionOf(answer: unknown): unknown {
  return typeof answer === 'object' && answer !== null && 'decision' in answer ? answer.decision : undefined;
}

function declined(name: string, outcome: string, by: string | undefined): string {
  const who =
    outcome === 'answered'
      ? `was declined${by === undefined ? '' : ` by ${by}`}`
      : `was not given (${outcome})`;
  return `the sign-in at the MCP server ${name} ${who}; it is done beforehand with: yonder mcp login ${name} <team>`;
}

/** Without a query, which may hold a key. */
function shown(url: URL): string {
  return `${url.origin}${url.pathname}`;
}
