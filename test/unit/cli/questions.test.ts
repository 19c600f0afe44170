import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { approvalText, readApproval } from '../../../src/cli/questions/approval.ts';
import { Questions } from '../../../src/cli/questions/questions.ts';
import { terminalPrompter } from '../../../src/cli/questions/terminal-prompter.ts';
import { trustFor } from '../../../src/cli/run/trust.ts';
import { Output } from '../../../src/cli/terminal/output.ts';
import { styleFor } from '../../../src/cli/terminal/style.ts';
import { bindRuntime, type Transport } from '../../../src/protocol/backend.ts';
import { YonderError } from '../../../src/protocol/errors.ts';
import type { EventOf } from '../../../src/protocol/events/events.ts';
import type { RuleOffer } from '../../../src/protocol/permissions.ts';
import { durable } from './events.ts';
import { memoryIo, type MemoryIo } from './streams.ts';

const offers: RuleOffer[] = [
  { kind: 'approve_tool', rule: 'shell:cmd=npm test', text: 'always allow npm test' },
  { kind: 'folder', rule: '{edit,write}_file:path=src/**', text: 'allow edits in src' },
  { kind: 'session', rule: '*/*', text: 'allow every tool' },
];

function confirmation(seq: number, request_id: string, fields: Record<string, unknown> = {}) {
  return durable(seq, 'tool_call_confirmation', {
    request_id,
    rule_offers: offers,
    tool_call: { id: 'c', type: 'function', function: { name: 'shell', arguments: '{"cmd":"npm test"}' } },
    ...fields,
  });
}

test('the question shows call, commands, diff, reason and what each answer makes', () => {
  const event: EventOf<'tool_call_confirmation'> = JSON.parse(
    confirmation(1, 'q', {
      commands: ['npm test'],
      preview: '-old\n+new\n',
      reason: 'mode balanced',
      agent_name: 'root',
    }).json,
  );
  expect(approvalText(event, styleFor({}, {}))).toBe(
    [
      'root wants to run shell npm test',
      '  -old',
      '  +new',
      '  $ npm test',
      '  asked because: mode balanced',
      '  [a]lways this here: always allow npm test',
      '  edits in this [f]older: allow edits in src',
      '  all for this [s]ession: allow every tool',
      '[y]es, [a]lways this here, edits in this [f]older, all for this [s]ession, [n]o with a reason',
    ].join('\n'),
  );
});

test.each([
  ['y', { decision: 'approve' }],
  ['Yes', { decision: 'approve' }],
  ['a', { decision: 'approve_tool', rule: 'shell:cmd=npm test' }],
  ['f', { decision: 'approve_tool', rule: '{edit,write}_file:path=src/**' }],
  ['s', { decision: 'approve_session' }],
  ['n', { decision: 'reject' }],
  ['no use the other script', { decision: 'reject', reason: 'use the other script' }],
  ['', undefined],
  ['x', undefined],
])('%j', (line, answer) => expect(readApproval(line, offers)).toEqual(answer));

test('what is not offered cannot be answered', () => {
  for (const key of ['a', 'f', 's']) expect(readApproval(key, [])).toBeUndefined();
});

interface Asked {
  questions: Questions;
  io: MemoryIo;
  answers: unknown[];
  remembered: string[];
  answered: Promise<void>;
}

function asked(fail?: YonderError, now?: () => Date): Asked {
  const memory = memoryIo({ terminal: true });
  const io = now === undefined ? memory : { ...memory, now };
  const answers: unknown[] = [];
  const remembered: string[] = [];
  const { promise: answered, resolve } = Promise.withResolvers<void>();
  const transport = {
    call: async (_name: string, _context: unknown, request: unknown) => {
      answers.push(request);
      resolve();
      if (fail !== undefined) throw fail;
      return { input_id: 'i' };
    },
  } as unknown as Transport;
  const questions = new Questions({
    prompter: terminalPrompter({ io, output: new Output(io), onInterrupt: () => {}, settle: async () => {} }),
    runtime: () => bindRuntime(transport, 's'),
    style: styleFor({}, {}),
    env: {},
    remember: async (rule) => void remembered.push(rule),
  });
  return { questions, io, answers, remembered, answered };
}

describe('asking', () => {
  test('an answer is sent with its rule, and "always here" is remembered', async () => {
    const { questions, io, answers, remembered, answered } = asked();
    questions.take(confirmation(1, 'q'));
    io.type('what?\r');
    await io.shows('answer with one of the letters');
    io.type('a\r');
    await answered;
    await questions.close();
    expect(answers).toEqual([
      { session_id: 's', request_id: 'q', decision: 'approve_tool', rule: 'shell:cmd=npm test' },
    ]);
    expect(remembered).toEqual(['shell:cmd=npm test']);
  });

  test('a key alone is an answer once the question could be seen, on an empty line', async () => {
    let now = 0;
    const { questions, io, answers, answered } = asked(undefined, () => new Date(now));
    questions.take(confirmation(1, 'q'));
    await io.shows('? ');
    io.type('y');
    io.type('\u007f');
    now = 400;
    io.type('n');
    io.type('o');
    io.type('y');
    io.type('\u0015');
    await setImmediate();
    expect(answers).toEqual([]);
    io.type('y');
    await answered;
    await questions.close();
    expect(answers).toEqual([{ session_id: 's', request_id: 'q', decision: 'approve' }]);
  });

  test('a question that somebody else answered is withdrawn, and who it was is said', async () => {
    const { questions, answers, io } = asked();
    questions.take(confirmation(1, 'q'));
    await io.shows('? ');
    questions.take(
      durable(2, 'interaction_resolved', {
        request_id: 'q',
        kind: 'tool_call_confirmation',
        outcome: 'answered',
        by: 'ada',
        answer: { decision: 'approve' },
      }),
    );
    await questions.close();
    expect(answers).toEqual([]);
    expect(io.err()).toContain('answered elsewhere, by ada: approve\n');
  });

  test('an answer that came too late is no fault and hears the first, another refusal is said', async () => {
    const details = { by: 'ada', answer: { decision: 'reject' } };
    const late = asked(new YonderError('already_resolved', 'late', { details }));
    late.questions.take(confirmation(1, 'q'));
    late.io.type('y\r');
    await late.answered;
    await late.questions.close();
    expect(late.io.err()).not.toContain('not taken');
    expect(late.io.err()).toContain('answered elsewhere, by ada: reject\n');
    const refused = asked(new YonderError('forbidden', 'no scope'));
    refused.questions.take(durable(1, 'max_iterations_reached', { max_iterations: 5, request_id: 'm' }));
    refused.io.type('y\r');
    await refused.answered;
    await refused.questions.close();
    expect(refused.answers).toEqual([{ session_id: 's', request_id: 'm', decision: 'continue' }]);
    expect(refused.io.err()).toContain('the answer was not taken: no scope');
  });
});

describe('trust', () => {
  const needs = { digest: 'd', items: [{ kind: 'command', where: 'hooks', text: 'runs x', blocks: true }] };
  const found = { source: { kind: 'builtin', name: 'x' } as const, named: false, shown: 'p.yaml' };
  const question = (io: MemoryIo, more: { named?: boolean; said?: boolean; ask?: boolean } = {}) => ({
    team: { ...found, named: more.named === true },
    said: more.said === true,
    ask: more.ask === true,
    io,
    output: new Output(io),
  });

  test('a named file and --trust are a yes; nothing to trust needs none', async () => {
    const io = memoryIo();
    expect(await trustFor(needs, question(io, { named: true }))).toEqual({ digest: 'd' });
    expect(await trustFor(needs, question(io, { said: true }))).toEqual({ digest: 'd' });
    expect(await trustFor(undefined, question(io))).toBeUndefined();
    expect(io.err()).toBe('');
  });

  test('a found file without a person: exit 3 with the list, unless nothing is held', async () => {
    const io = memoryIo();
    await expect(trustFor(needs, question(io))).rejects.toMatchObject({ exit: 3 });
    expect(io.err()).toContain('hooks: runs x');
    const loose = {
      digest: 'd',
      items: [{ kind: 'allow_rule', where: 'permissions', text: 't', blocks: false }],
    };
    expect(await trustFor(loose, question(memoryIo()))).toBeUndefined();
  });

  test('a person is asked', async () => {
    const yes = memoryIo({ terminal: true });
    const asking = trustFor(needs, question(yes, { ask: true }));
    yes.type('y\r');
    expect(await asking).toEqual({ digest: 'd' });
    const no = memoryIo({ terminal: true });
    const refusing = trustFor(needs, question(no, { ask: true }));
    no.type('n\r');
    await expect(refusing).rejects.toMatchObject({ exit: 3 });
  });
});
