import type { RequestContext } from '../../../protocol/context.ts';
import { YonderError } from '../../../protocol/errors.ts';
import { checkOwnAnswer } from '../../policy/gate.ts';
import type { Flow } from '../../sign-in/flow.ts';
import type { OpenSession } from '../open-session.ts';
import type { Handlers } from './handlers.ts';

export const claimHandlers: Handlers<'session/claim'> = {
  async 'session/claim'(host, context, request) {
    const session = await host.open(await host.row(context, request.session_id));
    const { state } = session.log;
    const pending = state.pending.get(request.request_id);
    if (pending === undefined) throw notOpen(session, request.request_id);
    if (pending.kind !== 'authorization')
      throw new YonderError(
        'invalid_request',
        `request_id: the question ${request.request_id} is a ${pending.kind}, which nobody takes upon himself; answer it`,
        { details: { field: 'request_id' } },
      );
    checkOwnAnswer(context, state.conversations.get(state.root_id)?.run?.started_by);
    const flow = flowOf(session, request.request_id);
    const { authorization_url, scope, expires_at } = await host.once.do(
      context,
      'session/claim',
      request,
      () => flow.claim({ by: context.principal, redirect_url: request.redirect_url }),
    );
    return {
      request_id: request.request_id,
      authorization_url,
      ...(scope === undefined ? {} : { scope }),
      expires_at: new Date(expires_at).toISOString(),
    };
  },
};

/** Takes the code of a sign-in that is accepted; it goes to the connection that waits for it, and nothing of it into the inbox. */
export async function takeCode(
  session: OpenSession,
  context: RequestContext,
  {
    request_id,
    decision,
    content,
  }: {
    request_id: string;
    decision: string;
    content?: Record<string, unknown> | undefined;
  },
): Promise<Flow | undefined> {
  if (session.log.state.pending.get(request_id)?.kind !== 'authorization' || decision !== 'accept')
    return undefined;
  const flow = flowOf(session, request_id);
  await flow.take(context.principal, content);
  return flow;
}

function flowOf(session: OpenSession, request_id: string): Flow {
  const flow = session.signIns.flow(request_id);
  if (flow !== undefined) return flow;
  throw new YonderError(
    'conflict',
    `the connection that ${request_id} belongs to is held by another process; take it there`,
  );
}

function notOpen({ log: { state } }: OpenSession, request_id: string): YonderError {
  const first = state.resolved.get(request_id);
  if (first === undefined)
    return new YonderError('not_found', `there is no question ${request_id} in this session`);
  return new YonderError(
    'already_resolved',
    `the question ${request_id} was ${first.outcome} by ${first.by ?? 'the run'}`,
    { details: first },
  );
}
