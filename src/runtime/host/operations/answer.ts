import type { RequestContext } from '../../../protocol/context.ts';
import { YonderError } from '../../../protocol/errors.ts';
import { checkForm } from '../../../protocol/form/check-form.ts';
import { readForm } from '../../../protocol/form/form.ts';
import { DECISIONS_OF, type PendingInteraction } from '../../../protocol/interaction.ts';
import { SESSION_RULE } from '../../decisions/offers.ts';
import { checkOwnAnswer } from '../../policy/gate.ts';
import { checkAllowRule } from '../../policy/rules.ts';
import type { Host } from '../host.ts';
import type { OpenSession } from '../open-session.ts';
import { takeCode } from './claim.ts';
import type { Handlers } from './handlers.ts';
import { repeated, send } from './inputs.ts';

interface Answer {
  request_id: string;
  decision: string;
  reason?: string | undefined;
  rule?: string | undefined;
  content?: Record<string, unknown> | undefined;
}

export const answerHandlers: Handlers<'session/answer'> = {
  async 'session/answer'(host, context, request) {
    const earlier = await repeated(host, context, 'session/answer', request);
    if (earlier !== undefined) return earlier as { input_id: string };
    const session = await host.open(await host.row(context, request.session_id));
    const content = checkAnswer(session, context, request);
    const { session_id: _session, content: _given, ...payload } = request;
    const took = await takeCode(session, context, request);
    try {
      return await accepted(host, context, request, {
        ...payload,
        ...(content === undefined ? {} : { content }),
      });
    } catch (thrown) {
      await took?.giveBack();
      throw thrown;
    }
  },
};

/** The first answer in the inbox counts; whoever comes later hears it, taken by the run or not. */
async function accepted(
  host: Host,
  context: RequestContext,
  request: Answer & { session_id: string },
  payload: Record<string, unknown>,
): Promise<{ input_id: string }> {
  try {
    const unique_key = `answer:${request.request_id}`;
    const { input_id } = await send(host, context, 'session/answer', { ...request }, 'answer', payload, {
      unique_key,
    });
    return { input_id };
  } catch (thrown) {
    if (!(thrown instanceof YonderError) || thrown.code !== 'already_resolved') throw thrown;
    const { payload: first, by } = thrown.details as { payload: Answer; by: string };
    const { request_id: _request, reason: _reason, ...answer } = first;
    throw alreadyResolved(request.request_id, { outcome: 'answered', by, answer }, thrown);
  }
}

function alreadyResolved(
  request_id: string,
  first: { outcome: string; by?: string | undefined; answer?: unknown },
  cause?: unknown,
): YonderError {
  return new YonderError(
    'already_resolved',
    `the question ${request_id} was ${first.outcome} by ${first.by ?? 'the run'}`,
    { details: first, ...(cause === undefined ? {} : { cause }) },
  );
}

/** The question must be open and the answer one of its own. Gives a form's content as it is stored, defaults put in. */
function checkAnswer(
  session: OpenSession,
  context: RequestContext,
  request: Answer,
): Record<string, unknown> | undefined {
  const { request_id, decision } = request;
  const pending = session.log.state.pending.get(request_id);
  if (pending === undefined) {
    const first = session.log.state.resolved.get(request_id);
    if (first !== undefined) throw alreadyResolved(request_id, first);
    throw new YonderError('not_found', `there is no question ${request_id} in this session`);
  }
  checkOwnAnswer(context, startedBy(session));
  const allowed: readonly string[] = DECISIONS_OF[pending.kind];
  if (!allowed.includes(decision)) {
    throw invalid('decision', `a ${pending.kind} is answered with ${allowed.join(', ')}, not ${decision}`);
  }
  if (decision === 'approve_tool') checkRule(pending, request.rule);
  checkBounds(session, context, request);
  return checkContent(pending, request);
}

/** Who began the root's run; those of its sub-agents belong to it. */
function startedBy({ log: { state } }: OpenSession): string | undefined {
  return state.conversations.get(state.root_id)?.run?.started_by;
}

/** What an answer allows from now on stays within both: what the session was begun under, and what who answers may let others do (R25). */
function checkBounds(
  { log: { state } }: OpenSession,
  { policy }: RequestContext,
  { decision, rule }: Answer,
): void {
  const { client_allow = ['*/*'] } = state.bounds;
  const recorded = { where: 'the policy of this session', client_allow };
  const made = decision === 'approve_session' ? SESSION_RULE : decision === 'approve_tool' ? rule : undefined;
  if (made !== undefined) for (const by of [recorded, policy]) if (by !== undefined) checkAllowRule(by, made);
}

function checkRule(pending: PendingInteraction, rule: string | undefined): void {
  const offered = (pending.event['rule_offers'] ?? []) as { rule: string }[];
  if (offered.some((offer) => offer.rule === rule)) return;
  const problem = rule === undefined ? 'it is missing' : `${rule} was not offered`;
  const rules = offered.map((offer) => offer.rule).join(', ');
  throw invalid(
    'rule',
    `${problem}; take one of the question's rule_offers (${rules === '' ? 'it has none' : rules})`,
  );
}

/** A form is accepted with what it asks for; nothing else takes content. */
function checkContent(
  { kind, event }: PendingInteraction,
  { decision, content }: Answer,
): Record<string, unknown> | undefined {
  // What a browser brought is for the sign-in alone, and stands nowhere.
  if (kind === 'authorization' && decision === 'accept') return undefined;
  const isFilledIn = kind === 'elicitation' && decision === 'accept' && event['mode'] !== 'url';
  if (!isFilledIn) {
    if (content === undefined) return undefined;
    throw invalid('content', 'it goes with the answer "accept" to a form, and with no other');
  }
  const form = readForm(event['schema']);
  if (!form.ok)
    throw invalid('decision', `the form cannot be filled in (${form.problem}); decline or cancel it`);
  const checked = checkForm(form.fields, content ?? {});
  if (checked.ok) return checked.content;
  throw invalid(`content.${checked.field}`, checked.problem);
}

function invalid(field: string, problem: string): YonderError {
  return new YonderError('invalid_request', `${field}: ${problem}`, { details: { field } });
}
