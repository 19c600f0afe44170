import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { durableFields, previewFields } from '../../../src/protocol/events/declare.ts';
import { decodeEvent, EVENTS, eventKind, type EventType } from '../../../src/protocol/events/events.ts';
import { encodeSse } from '../../../src/protocol/sse.ts';
import { arbitraryOf } from './arbitrary.ts';

const KINDS = {
  durable:
    'user_message stream_started message_added tool_call tool_call_confirmation tool_call_decision tool_call_started tool_call_response stream_stopped error warning shell model_fallback model_call model_sample token_usage session_title session_summary session_compaction elicitation_request authorization_event interaction_resolved max_iterations_reached agent_info team_info team_changed skills_changed agent_switching toolset_info mcp_init_started mcp_init_finished rag_indexing_started rag_indexing_completed hook_started hook_finished hook_blocked hook_context hooks_pinned sub_session_completed run_recovered runner_state runtime_paused budget_usage budget_exceeded history_changed workspace_snapshot workspace_restore session_deleted input_taken settings_changed tool_changed background_job',
  preview: 'agent_choice agent_choice_reasoning partial_tool_call tool_call_output rag_indexing_progress',
  connection: 'connection_lost connection_restored log_caught_up stream_closing',
};

test.each(Object.entries(KINDS))('%s events are these', (kind, types) => {
  const found = Object.keys(EVENTS).filter((type) => eventKind(type) === kind);
  expect(found.toSorted()).toEqual(types.split(' ').toSorted());
});

/** What we add to the peer's events and the fields of our own, by hand; `?` may be absent. */
test.each<[EventType, string]>([
  ['tool_call_confirmation', 'request_id? held_by? rule_offers?'],
  ['elicitation_request', 'request_id? held_by?'],
  ['max_iterations_reached', 'request_id? held_by?'],
  ['authorization_event', 'request_id? held_by?'],
  ['tool_call_decision', 'tool_call_id decision source rule? layer? reason?'],
  ['tool_call_started', 'tool_call_id command_id?'],
  ['tool_call_output', 'tool_call_id stream output'],
  ['interaction_resolved', 'request_id kind outcome answer? by? reason?'],
  ['input_taken', 'input_id kind by'],
  ['settings_changed', 'safety? permissions? model? agent? by'],
  ['tool_changed', 'tool digest previous?'],
  ['user_message', 'message_id? input_id? by?'],
  ['run_recovered', 'at_seq attempt redone? unknown_effects? lost_toolsets?'],
  ['runner_state', 'runner state detail?'],
  ['runtime_paused', 'paused by?'],
  ['stream_stopped', 'reason undelivered? refused?'],
  ['sub_session_completed', 'parent_session_id sub_session_id? answer? usage?'],
  ['error', 'error code? retryable?'],
  ['stream_closing', 'reason'],
  ['log_caught_up', 'as_of'],
])('%s has %s', (type, fields) => {
  const shape: Record<string, z.ZodType> = EVENTS[type].shape;
  const found = Object.entries(shape).map(
    ([name, field]) => `${name}${field.safeParse(undefined).success ? '?' : ''}`,
  );
  expect(found).toEqual(expect.arrayContaining(fields.split(' ')));
});

test("the reasons of an end are the peer's seven and ours", () => {
  expect(EVENTS.stream_stopped.shape.reason.options).toEqual(
    'normal continue steered error canceled hook_blocked loop_detected max_iterations budget_exceeded recovery_exhausted'.split(
      ' ',
    ),
  );
});

const CALL = { id: 'c1', type: 'function', function: { name: 'shell', arguments: '{"cmd":"ls"}' } };
const DEFINITION = {
  name: 'shell',
  category: 'shell',
  description: 'Runs',
  parameters: { type: 'object' },
  annotations: {
    title: 'Shell',
    readOnlyHint: false,
    destructiveHint: true,
    idempotentHint: false,
    openWorldHint: true,
  },
  outputSchema: { type: 'string' },
};
const AT = { agent_name: 'root', timestamp: '2026-05-09T10:00:00Z' };
const USAGE = {
  input_tokens: 1,
  output_tokens: 2,
  context_length: 3,
  context_limit: 4,
  cost: 0.5,
  last_message: {
    input_tokens: 1,
    output_tokens: 2,
    cached_input_tokens: 0,
    cached_write_tokens: 0,
    reasoning_tokens: 7,
    Cost: 0.25,
    Model: 'gpt-4o',
    finish_reason: 'stop',
  },
};

/** The peer's events with just its fields (reference/docker-agent.md 1.3). */
const PEER: readonly Record<string, unknown>[] = [
  { type: 'user_message', message: 'hi', session_id: 's', session_position: -1, ...AT },
  {
    type: 'user_message',
    message: 'see',
    multi_content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA', detail: 'auto' } }],
    session_id: 's',
    session_position: 3,
    ...AT,
  },
  { type: 'partial_tool_call', tool_call: CALL, tool_definition: DEFINITION, ...AT },
  { type: 'partial_tool_call', tool_call: CALL, ...AT },
  { type: 'tool_call', tool_call: CALL, tool_definition: DEFINITION, ...AT },
  { type: 'tool_call_confirmation', tool_call: CALL, tool_definition: DEFINITION, ...AT },
  {
    type: 'tool_call_response',
    tool_call_id: 'c1',
    tool_definition: DEFINITION,
    response: 'done',
    result: {
      output: 'done',
      isError: false,
      meta: { a: 1 },
      images: [{ data: 'AA', mimeType: 'image/png' }],
      audios: [],
      structuredContent: { b: [1] },
    },
    ...AT,
  },
  { type: 'stream_started', session_id: 's', ...AT },
  { type: 'stream_stopped', session_id: 's', reason: 'normal', ...AT },
  { type: 'agent_choice', content: 'He', session_id: 's', ...AT },
  { type: 'agent_choice_reasoning', content: 'Hm', session_id: 's', ...AT },
  { type: 'error', error: 'broken' },
  { type: 'error', error: 'too large', code: 'request_too_large' },
  { type: 'shell', output: 'a\n', ...AT },
  { type: 'warning', message: 'w', ...AT },
  {
    type: 'model_fallback',
    failed_model: 'a',
    fallback_model: 'b',
    reason: 'r',
    attempt: 1,
    max_attempts: 3,
    ...AT,
  },
  { type: 'token_usage', session_id: 's', usage: USAGE, ...AT },
  { type: 'session_title', session_id: 's', title: 't', ...AT },
  { type: 'session_summary', session_id: 's', summary: 'x', first_kept_entry: 4, ...AT },
  { type: 'session_compaction', session_id: 's', status: 'started', ...AT },
  {
    type: 'elicitation_request',
    message: 'm',
    mode: 'form',
    schema: { type: 'object' },
    url: '',
    elicitation_id: 'e',
    meta: { k: 1 },
    ...AT,
  },
  { type: 'authorization_event', confirmation: 'accept', ...AT },
  { type: 'max_iterations_reached', max_iterations: 60, ...AT },
  { type: 'mcp_init_started', ...AT },
  { type: 'mcp_init_finished', ...AT },
  { type: 'agent_info', model: 'm', description: 'd', welcome_message: 'w', ...AT },
  {
    type: 'team_info',
    available_agents: [
      { name: 'root', description: '', provider: 'openai', model: 'm', commands: { fix: 'Fix' } },
    ],
    current_agent: 'root',
    ...AT,
  },
  { type: 'agent_switching', switching: true, from_agent: 'a', to_agent: 'b', ...AT },
  { type: 'toolset_info', available_tools: 3, loading: false, ...AT },
  { type: 'rag_indexing_started', rag_name: 'r', strategy_name: 's', ...AT },
  { type: 'rag_indexing_progress', rag_name: 'r', strategy_name: 's', current: 1, total: 2, ...AT },
  { type: 'rag_indexing_completed', rag_name: 'r', strategy_name: 's', ...AT },
  { type: 'hook_started', session_id: 's', hook_event: 'stop', ...AT },
  {
    type: 'hook_finished',
    session_id: 's',
    hook_event: 'stop',
    duration_ms: 5,
    allowed: true,
    error: '',
    message: '',
    ...AT,
  },
  { type: 'hook_blocked', tool_call: CALL, tool_definition: DEFINITION, message: 'no', ...AT },
  { type: 'message_added', session_id: 's', ...AT },
  {
    type: 'sub_session_completed',
    parent_session_id: 's',
    sub_session: { id: 'c', messages: [{ deep: true }] },
    ...AT,
  },
  { type: 'connection_lost', reason: 'eof', attempt: 1, ...AT },
  { type: 'connection_restored', attempt: 1, ...AT },
];

test('all 36 types of the peer are here', () => {
  expect(new Set(PEER.map((event) => event['type'])).size).toBe(36);
});

test.each(PEER.map((event) => [event['type'], event] as const))(
  "the peer's %s decodes, to the letter",
  (_, event) => {
    const decoded = decodeEvent(JSON.stringify(event));
    // What is ours is added at its default, what is the peer's stands as it came.
    expect(decoded).toMatchObject(event);
    for (const [name, value] of Object.entries(event)) expect(decoded[name]).toEqual(value);
  },
);

describe.each(Object.keys(EVENTS).map((type) => [type as EventType]))('our %s', (type) => {
  const { kind, shape } = EVENTS[type];
  const common = { durable: durableFields, preview: previewFields, connection: {} }[kind];
  const schema = z.object({ type: z.literal(type), ...common, ...shape });

  test('is the same after a round trip', () => {
    fc.assert(
      fc.property(arbitraryOf(schema), (event) => {
        const json = JSON.stringify(event);
        const decoded = decodeEvent(json);
        expect(decoded).toMatchObject(JSON.parse(json));
        expect(decodeEvent(JSON.stringify(decoded))).toEqual(decoded);
      }),
      { numRuns: 15 },
    );
  });
});

test('unknown types and fields are passed on, at every depth', () => {
  const event = { type: 'from_the_future', seq: 4, Odd: { Case: [null] } };
  expect(decodeEvent(JSON.stringify(event))).toEqual(event);
  const call = {
    type: 'tool_call',
    tool_call: { ...CALL, Extra: 1, function: { ...CALL.function, Deep: {} } },
    New: [1],
  };
  expect(decodeEvent(JSON.stringify(call))).toEqual(call);
  expect([eventKind('from_the_future', 4), eventKind('from_the_future')]).toEqual(['durable', 'preview']);
});

test.each([
  ['{', 'not an event: '],
  ['[]', 'not an event: an event is a JSON object with a "type"'],
  ['{"type":7}', 'not an event: an event is a JSON object with a "type"'],
  ['{"type":"warning"}', 'the event warning is broken: message: '],
  [
    '{"type":"tool_call","tool_call":{"id":"a","function":{"name":1,"arguments":""}}}',
    'the event tool_call is broken: tool_call.function.name: ',
  ],
  ['{"type":"warning","message":"m","seq":0}', 'the event warning is broken: seq: '],
])('%s is refused', (json, words) => {
  expect(() => decodeEvent(json)).toThrow(
    expect.objectContaining({ code: 'invalid_request', message: expect.stringContaining(words) }),
  );
});

test('as SSE: an id for what is durable, one data line, LF', () => {
  expect(encodeSse({ seq: 3, type: 'warning', json: '{"a":"x\\ny"}' })).toBe(
    'id: 3\ndata: {"a":"x\\ny"}\n\n',
  );
  expect(encodeSse({ seq: undefined, type: 'agent_choice', json: '{}' })).toBe('data: {}\n\n');
});
