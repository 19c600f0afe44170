import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Runtime } from '../../../protocol/backend.ts';
import type { CreateSessionAnswer } from '../../../protocol/contract/answers.ts';
import type { CreateSessionRequest } from '../../../protocol/contract/payloads.ts';
import {
  calls,
  failure,
  lastRequest,
  logOf,
  ofType,
  only,
  refused,
  stopReason,
  teamOf,
  Watcher,
  type Behaviours,
  type Stage,
} from '../support.ts';
import type { Event, World } from '../world.ts';

const TEAM = teamOf(['user_prompt', 'shell']);
const FORM = {
  type: 'object',
  properties: {
    name: { type: 'string', title: 'Your name', minLength: 2 },
    age: { type: 'integer', minimum: 0 },
    share: { type: 'number' },
    colour: { type: 'string', enum: ['red', 'green'], default: 'green' },
    days: { type: 'array', items: { type: 'string', enum: ['mon', 'tue', 'wed'] }, maxItems: 2 },
    sure: { type: 'boolean', default: false },
  },
  required: ['name', 'colour'],
};
const prompt = (args: Record<string, unknown> = {}) =>
  calls('user_prompt', { message: 'Who are you?', title: 'You', schema: FORM, ...args }, 'ask');

interface Asked {
  runtime: Runtime;
  watcher: Watcher;
  question: Event;
  request_id: string;
}

/** A session whose run has come to its form. */
async function asked(world: World, request: CreateSessionRequest = {}): Promise<Asked> {
  const runtime = await world.session(TEAM, { unattended: 'wait', ...request });
  const watcher = new Watcher(await runtime.run(world.context, { messages: [{ content: 'go' }] }));
  const question = await watcher.until('elicitation_request');
  return { runtime, watcher, question, request_id: String(question['request_id']) };
}

/** Two Hosts on one store, the second after the first is closed; `body` gets a form that waits in the first one. */
async function overRestart(
  { open }: Stage,
  unattended: 'wait' | 'refuse',
  body: (second: World, session: CreateSessionAnswer, request_id: string) => Promise<void>,
): Promise<void> {
  const [data, folder] = await Promise.all(
    ['data', 'work'].map((name) => mkdtemp(join(tmpdir(), `yonder-${name}-`))),
  );
  try {
    const first = await open([prompt()], { data: data ?? '', folder: folder ?? '' });
    const { runtime, request_id } = await asked(first);
    await first.close();
    const second = await open([{ text: 'welcome back' }], { data: data ?? '', folder: folder ?? '' });
    const request = { resume_session_id: runtime.session_id, unattended };
    await body(second, await second.backend.createSession(second.context, request), request_id);
  } finally {
    for (const made of [data, folder]) await rm(made ?? '', { recursive: true, force: true });
  }
}

/** What the model was told of the call. */
const told = (world: World): unknown => JSON.parse(lastRequest(world).at(-1)?.text ?? '');

export const formBehaviours: Behaviours = {
  'a form is shown with its schema, and what was accepted reaches the model with the defaults': async ({
    open,
  }) => {
    const world = await open([prompt(), { text: 'thank you' }]);
    const { runtime, watcher, question, request_id } = await asked(world);
    expect(question).toMatchObject({
      message: 'Who are you?',
      title: 'You',
      mode: 'form',
      schema: FORM,
      held_by: 'step',
      tool_call_id: 'ask',
      agent_name: 'root',
    });
    const content = { name: 'Ada', age: 36, share: 0.5, days: ['mon', 'wed'] };
    await runtime.answer(world.context, { request_id, decision: 'accept', content });
    const events = await watcher.rest();
    expect(stopReason(events)).toBe('normal');
    const whole = { ...content, colour: 'green', sure: false };
    expect(only(events, 'interaction_resolved')).toMatchObject({
      kind: 'elicitation',
      outcome: 'answered',
      answer: { decision: 'accept', content: whole },
      by: 'admin',
    });
    expect(told(world)).toEqual({ action: 'accept', content: whole });
    expect(only(events, 'tool_call_response')).toMatchObject({ outcome: 'done', tool_call_id: 'ask' });
    expect(ofType(events, 'tool_call_confirmation')).toEqual([]);
  },

  'without a schema it is one text, and a schema of one value is one field': async ({ open }) => {
    const world = await open([
      prompt({ schema: undefined }),
      prompt({ schema: { type: 'boolean' } }),
      { text: 'ok' },
    ]);
    const { runtime, watcher, request_id } = await asked(world);
    await runtime.answer(world.context, { request_id, decision: 'accept', content: { response: 'me' } });
    const second = await watcher.until('elicitation_request');
    expect(second['schema']).toEqual({
      type: 'object',
      properties: { response: { type: 'boolean' } },
      required: ['response'],
    });
    await runtime.answer(world.context, {
      request_id: String(second['request_id']),
      decision: 'accept',
      content: { response: true },
    });
    const events = await watcher.rest();
    expect(ofType(events, 'tool_call_response').map(({ response }) => JSON.parse(String(response)))).toEqual([
      { action: 'accept', content: { response: 'me' } },
      { action: 'accept', content: { response: true } },
    ]);
  },

  'decline and cancel reach the model as such': async ({ open }) => {
    const world = await open([prompt(), prompt(), { text: 'I see' }]);
    const { runtime, watcher, request_id } = await asked(world);
    await runtime.answer(world.context, { request_id, decision: 'decline', reason: 'none of your business' });
    const second = String((await watcher.until('elicitation_request'))['request_id']);
    await runtime.answer(world.context, { request_id: second, decision: 'cancel' });
    const events = await watcher.rest();
    expect(ofType(events, 'tool_call_response').map(({ response }) => JSON.parse(String(response)))).toEqual([
      { action: 'decline', reason: 'none of your business' },
      { action: 'cancel' },
    ]);
    expect(events.at(-1)).toMatchObject({ reason: 'normal', refused: 0 });
  },

  'an answer that does not fit names its field, and consumes nothing': async ({ open }) => {
    const world = await open([prompt(), { text: 'ok' }]);
    const { runtime, watcher, request_id } = await asked(world);
    const before = (await logOf(world, runtime.session_id)).length;
    const wrong: [Parameters<Runtime['answer']>[1], RegExp][] = [
      [
        { request_id, decision: 'approve' },
        /^decision: a elicitation is answered with accept, decline, cancel/,
      ],
      [{ request_id, decision: 'accept' }, /^content\.name: it is required$/],
      [{ request_id, decision: 'accept', content: { name: 'A' } }, /^content\.name: .*below 2$/],
      [{ request_id, decision: 'accept', content: { name: 7 } }, /^content\.name: it takes a text$/],
      [{ request_id, decision: 'accept', content: { name: 'Ada', age: 1.5 } }, /^content\.age: .*whole/],
      [{ request_id, decision: 'accept', content: { name: 'Ada', age: -1 } }, /^content\.age: .*below 0$/],
      [
        { request_id, decision: 'accept', content: { name: 'Ada', share: 'x' } },
        /^content\.share: it takes a n/,
      ],
      [
        { request_id, decision: 'accept', content: { name: 'Ada', colour: 'blue' } },
        /^content\.colour: .*"red"/,
      ],
      [
        { request_id, decision: 'accept', content: { name: 'Ada', days: ['sun'] } },
        /^content\.days: .*"mon"/,
      ],
      [
        { request_id, decision: 'accept', content: { name: 'Ada', days: ['mon', 'tue', 'wed'] } },
        /^content\.days: .*above 2$/,
      ],
      [
        { request_id, decision: 'accept', content: { name: 'Ada', sure: 'yes' } },
        /^content\.sure: .*true or/,
      ],
      [
        { request_id, decision: 'accept', content: { name: 'Ada', shoe: 42 } },
        /^content\.shoe: .*no such field/,
      ],
      [{ request_id, decision: 'decline', content: { name: 'Ada' } }, /^content: it goes with/],
    ];
    for (const [request, words] of wrong)
      await refused(runtime.answer(world.context, request), 'invalid_request', words);
    expect((await runtime.open(world.context, {})).pending_interactions).toHaveLength(1);
    expect(await logOf(world, runtime.session_id)).toHaveLength(before);
    await runtime.answer(world.context, { request_id, decision: 'accept', content: { name: 'Ada' } });
    expect(stopReason(await watcher.rest())).toBe('normal');
  },

  'who comes late sees the form that waits, and the second answer hears the first': async ({ open }) => {
    const world = await open([prompt(), { text: 'ok' }]);
    const { runtime, watcher, request_id } = await asked(world);
    const late = await runtime.open(world.context, {});
    expect(late.pending_interactions).toMatchObject([
      {
        request_id,
        kind: 'elicitation',
        held_by: 'step',
        event: { type: 'elicitation_request', schema: FORM },
      },
    ]);
    const content = { name: 'Ada', colour: 'red' };
    // Both are under way at once: the inbox decides, before the run has taken either.
    const results = await Promise.allSettled([
      runtime.answer(world.context, { request_id, decision: 'accept', content }),
      runtime.answer(world.context, { request_id, decision: 'decline' }),
    ]);
    const failed = results.filter((result) => result.status === 'rejected');
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(failed.map(({ reason }) => (reason as { code: string }).code)).toEqual(['already_resolved']);
    expect(stopReason(await watcher.rest())).toBe('normal');
    const error = await refused(
      runtime.answer(world.context, { request_id, decision: 'cancel' }),
      'already_resolved',
      /answered by admin/,
    );
    const { details } = (failed[0] as PromiseRejectedResult).reason as { details: unknown };
    expect(error.details).toMatchObject({ outcome: 'answered', by: 'admin', answer: {} });
    expect(details).toEqual(error.details);
  },

  'an answer to a question of another session is not_found': async ({ open }) => {
    const world = await open([prompt(), { text: 'ok' }]);
    const { runtime, watcher, request_id } = await asked(world);
    const other = await world.session(TEAM);
    await refused(
      other.answer(world.context, { request_id, decision: 'decline' }),
      'not_found',
      /there is no question/,
    );
    await runtime.answer(world.context, { request_id, decision: 'decline' });
    expect(stopReason(await watcher.rest())).toBe('normal');
  },

  'an address is opened and said to be, without content': async ({ open }) => {
    const world = await open([
      prompt({ schema: undefined, url: 'https://example.org/consent' }),
      { text: 'ok' },
    ]);
    const { runtime, watcher, question, request_id } = await asked(world);
    expect(question).toMatchObject({ mode: 'url', url: 'https://example.org/consent' });
    expect(question['schema']).toBeUndefined();
    await refused(
      runtime.answer(world.context, { request_id, decision: 'accept', content: { a: 1 } }),
      'invalid_request',
      /^content:/,
    );
    await runtime.answer(world.context, { request_id, decision: 'accept' });
    expect(stopReason(await watcher.rest())).toBe('normal');
    expect(told(world)).toEqual({ action: 'accept' });
  },

  'a form that cannot be shown is mended by the model, and nobody is asked': async ({ open }) => {
    const wrong = [
      { schema: { type: 'object', properties: { a: { type: 'object' } } } },
      { schema: { type: 'null' } },
      { schema: { type: 'object', properties: {} } },
      { url: 'file:///etc/passwd', schema: undefined },
      { url: 'https://example.org' },
    ];
    const world = await open([...wrong.map(prompt), { text: 'then not' }]);
    const runtime = await world.session(TEAM, { unattended: 'wait' });
    const events = await world.run(runtime, 'go');
    expect(stopReason(events)).toBe('normal');
    expect(ofType(events, 'elicitation_request')).toEqual([]);
    expect(ofType(events, 'tool_call_response').map(({ response }) => response)).toEqual([
      expect.stringMatching(/cannot be shown: the field a has the type "object"; string, number/),
      expect.stringMatching(/cannot be shown: the field response has the type "null"/),
      expect.stringMatching(/cannot be shown: it has 0 fields/),
      expect.stringMatching(/no http or https address: file:/),
      expect.stringMatching(/either `schema` or `url`/),
    ]);
  },

  'where nobody can be asked the form is refused, counted and said': async ({ open }) => {
    const world = await open([prompt(), { text: 'I assume you are Ada' }]);
    const runtime = await world.session(TEAM, { unattended: 'refuse' });
    const events = await world.run(runtime, 'go');
    expect(ofType(events, 'elicitation_request')).toEqual([]);
    expect(only(events, 'tool_call_response')).toMatchObject({
      outcome: 'refused',
      response: expect.stringMatching(/^Refused: this needs an answer of a person/),
    });
    expect(events.at(-1)).toMatchObject({ type: 'stream_stopped', reason: 'normal', refused: 1 });
  },

  'an interrupt takes the form back and ends the run': async ({ open }) => {
    const world = await open([prompt(), { text: 'never' }]);
    const { runtime, watcher, request_id } = await asked(world);
    await runtime.interrupt(world.context, {});
    const events = await watcher.rest();
    expect(stopReason(events)).toBe('canceled');
    expect(only(events, 'interaction_resolved')).toMatchObject({ request_id, outcome: 'canceled' });
    expect(only(events, 'tool_call_response')).toMatchObject({ outcome: 'cancelled' });
    expect(
      (await failure(runtime.answer(world.context, { request_id, decision: 'cancel' }))).details,
    ).toEqual({
      outcome: 'canceled',
    });
    expect((await runtime.open(world.context, {})).pending_interactions).toEqual([]);
  },

  'a form waits over a restart, and its answer is told once': (stage) =>
    overRestart(stage, 'wait', async ({ backend, context, ...world }, session, request_id) => {
      expect(session.pending_interactions).toMatchObject([{ request_id, kind: 'elicitation' }]);
      const runtime = backend.session(session.session_id);
      const watcher = new Watcher(
        runtime.follow(context, { after: session.as_of, run_id: session.recovered?.run_id }),
      );
      await runtime.answer(context, { request_id, decision: 'accept', content: { name: 'Ada' } });
      expect(stopReason(await watcher.rest())).toBe('normal');
      const whole = { backend, context, ...world };
      expect(told(whole)).toMatchObject({ action: 'accept', content: { name: 'Ada' } });
      const log = await logOf(whole, session.session_id);
      const asked = ofType(log, 'elicitation_request').map((event) => event['request_id']);
      expect(new Set(asked)).toEqual(new Set([request_id]));
      expect(ofType(log, 'tool_call_started')).toHaveLength(1);
    }),

  'a form of a run that is resumed where nobody can answer is refused': (stage) =>
    overRestart(stage, 'refuse', async ({ backend, context }, { session_id, recovered }, request_id) => {
      const runtime = backend.session(session_id);
      const events = await new Watcher(
        runtime.follow(context, { after: recovered?.after ?? 0, run_id: recovered?.run_id }),
      ).rest();
      expect(events.at(-1)).toMatchObject({ reason: 'normal', refused: 1 });
      expect(only(events, 'interaction_resolved')).toMatchObject({ request_id, outcome: 'canceled' });
    }),
};
