import { setImmediate as breathe } from 'node:timers/promises';
import type { ResponseOf } from '../../../protocol/contract/contract.ts';
import type { RequestContext } from '../../../protocol/context.ts';
import type { SessionRow } from '../../../protocol/store.ts';
import { ForkedLog } from '../../history/forked-log.ts';
import { NewIds } from '../../history/new-ids.ts';
import { type TurnEnd, TurnEnds } from '../../history/turn-ends.ts';
import { newSessionId } from '../../ids.ts';
import type { Host } from '../host.ts';
import type { Handlers } from './handlers.ts';
import { repeated } from './inputs.ts';
import { claim } from './session-settings.ts';

type Forked = ResponseOf<'session/fork'>;

export const forkHandlers: Handlers<'session/fork'> = {
  async 'session/fork'(host, context, request) {
    const earlier = await repeated(host, context, 'session/fork', request);
    if (earlier !== undefined) return earlier as Forked;
    const source = await host.row(context, request.session_id);
    const ends = await turnEnds(host, source, context.signal);
    const end = ends.named(request.at);
    const session_id = newSessionId();
    const title = request.title ?? (await forkTitle(host, source));
    const answer: Forked = {
      session_id,
      title,
      origin: { session_id: source.session_id, seq: end.seq, turn: end.turn },
      workspace: 'shared',
      working_dir: source.working_dir,
    };
    const { outcome } = await host.store.copySession(
      {
        ...(await copyOf(host, context, source, end, ends, answer)),
        idempotency: claim(context, 'session/fork', request, answer),
      },
      context.signal,
    );
    const environment = host.environment(source.session_id);
    if (environment !== undefined) host.setEnvironment(session_id, environment);
    return { ...answer, ...outcome };
  },
};

/** Reads a log page by page, with room for others between. */
async function turnEnds(host: Host, { session_id }: SessionRow, signal?: AbortSignal): Promise<TurnEnds> {
  const ends = new TurnEnds(session_id);
  for (let after = 0; ;) {
    signal?.throwIfAborted();
    const page = await host.store.readEvents(session_id, after, 500);
    for (const event of page) ends.add(event);
    after = page.at(-1)?.seq ?? after;
    if (page.length < 500) return ends;
    await breathe();
  }
}

async function copyOf(
  host: Host,
  context: RequestContext,
  source: SessionRow,
  end: TurnEnd,
  ends: TurnEnds,
  { session_id, title, origin }: Forked,
) {
  const ids = new NewIds(source.session_id, session_id);
  const log = new ForkedLog(session_id, ids);
  // Behind the last turn of an idle session stands what was set since then: it goes along.
  const isLast = end === ends.ends.at(-1) && source.active_run === undefined;
  const upto = isLast ? Math.max(end.seq, source.head_seq) : end.seq;
  return {
    source_id: source.session_id,
    row: {
      session_id,
      principal: context.principal,
      title,
      agent_name: source.agent_name,
      working_dir: source.working_dir,
      team_digest: source.team_digest,
      created_at: host.options.now().toISOString(),
      starred: false,
      input_tokens: 0,
      output_tokens: 0,
      cost: 0,
      settings: source.settings,
      served: host.options.serving !== undefined,
    },
    upto,
    rewrite: (event: Parameters<ForkedLog['take']>[0]) => log.take(event),
    finish: () => {
      const events = log.close({ ...origin, seq: upto }, title);
      const agent_name = log.state.agent_name === '' ? source.agent_name : log.state.agent_name;
      return { events, runs: log.runs, session: { ...log.patch(source.first_message), agent_name } };
    },
  };
}

const SUFFIX = / \(fork(?: \d+)?\)$/;
/** So that the suffix has room within the 200 characters of a title. */
const LONGEST_BASE = 180;

/** The title with `(fork)`, or with the next number where there is such a one already. */
async function forkTitle(host: Host, { title, first_message, principal }: SessionRow): Promise<string> {
  const base = (title === '' ? first_message : title).replace(SUFFIX, '').slice(0, LONGEST_BASE).trim();
  const known = await host.store.sessions({ principal, query: `${base} (fork`, limit: 500, offset: 0 });
  const count = known.filter((row) => row.title.startsWith(`${base} (fork`)).length;
  return `${base} (fork${count === 0 ? '' : ` ${count + 1}`})`.trim();
}
