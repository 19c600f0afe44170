import { describe, expect, test } from 'vitest';
import { closingLine, cutText } from '../../../src/cli/render/closing.ts';
import { jsonRenderer } from '../../../src/cli/render/json.ts';
import { TextRenderer } from '../../../src/cli/render/text.ts';
import { OutcomeFold } from '../../../src/cli/run/outcome.ts';
import { Output } from '../../../src/cli/terminal/output.ts';
import { printable, styleFor } from '../../../src/cli/terminal/style.ts';
import type { WireEvent } from '../../../src/protocol/events/events.ts';
import { assistant, call, durable, preview } from './events.ts';
import { memoryIo } from './streams.ts';

const plain = styleFor({}, {});

async function rendered(
  events: WireEvent[],
  options: { hideToolCalls?: boolean; hideToolResults?: boolean; asks?: boolean } = {},
) {
  const io = memoryIo();
  const renderer = new TextRenderer({
    output: new Output(io),
    style: plain,
    hideToolCalls: false,
    hideToolResults: false,
    asks: false,
    onTerminal: false,
    ...options,
  });
  renderer.begin('s');
  for (const event of events) await renderer.event(event);
  return { out: io.out(), err: io.err() };
}

describe('text', () => {
  test('where nobody is asked, what a run waits for is said', async () => {
    const call = { id: 'c', type: 'function', function: { name: 'shell', arguments: '{"cmd":"make"}' } };
    const events = [
      durable(1, 'tool_call_confirmation', { request_id: 'a', tool_call: call }),
      durable(2, 'max_iterations_reached', { request_id: 'b', max_iterations: 5 }),
      durable(3, 'elicitation_request', { request_id: 'c', message: 'Which colour?' }),
      durable(4, 'max_iterations_reached', { max_iterations: 5 }),
    ];
    const where = 'it is asked on a terminal by: yonder run --session s';
    const { err } = await rendered(events);
    expect(err.split('\n')).toEqual([
      `waits for an answer: may shell make run?; ${where}`,
      `waits for an answer: model calls so far: 5; go on?; ${where}`,
      `waits for an answer: Which colour?; ${where}`,
      '',
    ]);
    expect((await rendered(events, { asks: true })).err).toBe('');
  });

  test('each character shows once, whatever previews overlap or are missing', async () => {
    const { out } = await rendered([
      preview('agent_choice', { message_id: 'm5', content: 'Hel', offset: 0 }),
      preview('agent_choice', { message_id: 'm5', content: 'ello', offset: 1 }),
      assistant(5, 'Hello you'),
      assistant(6, 'whole'),
    ]);
    expect(out).toBe('Hello you\nwhole\n');
  });

  test('a new attempt voids what was shown, and says so', async () => {
    const { out, err } = await rendered([
      preview('agent_choice', { message_id: 'm5', content: 'Wrong' }),
      preview('agent_choice', { message_id: 'm5', content: 'Right', attempt: 2 }),
      assistant(5, 'Right'),
    ]);
    expect(out).toBe('Wrong\nRight\n');
    expect(err).toContain('does not count');
  });

  test('a person is told what commands do not get, that a run is paused, and that a summary failed', async () => {
    const { out, err } = await rendered([
      durable(2, 'runner_state', {
        runner: 'unix-local',
        state: 'ready',
        detail: 'commands do not get A_KEY',
      }),
      durable(3, 'runtime_paused', { paused: true }),
      durable(4, 'session_compaction', { status: 'failed', reason: 'threshold' }),
    ]);
    expect(out).toBe('');
    expect(err).toBe(
      'commands do not get A_KEY\npaused: /pause goes on\nthe conversation could not be summarised\n',
    );
  });

  test('a sub-agent speaks on stderr', async () => {
    const { out, err } = await rendered([
      preview('agent_choice', { message_id: 'x', content: 'psst', session_id: 'child' }),
      durable(2, 'message_added', {
        session_id: 'child',
        agent_name: 'helper',
        message: { message_id: 'x', role: 'assistant', content: 'psst' },
      }),
    ]);
    expect([out, err]).toEqual(['', 'helper: psst\n']);
  });

  test('one line per call, with time and outcome', async () => {
    const events = [
      call(1, 'shell', { cmd: 'ls -la' }, 'c'),
      durable(2, 'tool_call_response', {
        tool_call_id: 'c',
        response: 'a\nb',
        duration_ms: 1234,
        outcome: 'done',
      }),
      call(3, 'edit_file', { path: 'a.txt', edits: [] }, 'd'),
      durable(4, 'tool_call_response', {
        tool_call_id: 'd',
        response: 'no',
        outcome: 'denied',
        result: { output: 'no', isError: true },
      }),
    ];
    expect((await rendered(events)).err).toBe(
      '✓ shell ls -la (1.2 s) · a b\n✗ edit_file a.txt · denied: no\n',
    );
    expect((await rendered(events, { hideToolResults: true })).err).toBe(
      '✓ shell ls -la (1.2 s)\n✗ edit_file a.txt · denied\n',
    );
    expect((await rendered(events, { hideToolCalls: true })).err).toBe('');
  });

  test('an edit is told by the lines that it added and removed', async () => {
    const diff = '--- f.js\n+++ f.js\n@@ -1,3 +1,4 @@\n same\n--- a comment\n+new\n+newer\n same\n';
    const response = (tool_call_id: string, text: string) =>
      durable(6, 'tool_call_response', { tool_call_id, response: text, outcome: 'done' });
    const { err } = await rendered([
      call(5, 'edit_file', { path: 'f.js' }, 'a'),
      response('a', `Edited f.js:\n${diff}`),
      call(7, 'edit_file', { path: 'f.js' }, 'b'),
      response('b', `Edited f.js:\n${diff}[... 9000 characters of the diff are left out ...]`),
      call(8, 'shell', { cmd: 'git diff' }, 'c'),
      response('c', diff),
    ]);
    expect(err.trimEnd().split('\n')).toEqual([
      '✓ edit_file f.js · +2 -1',
      '✓ edit_file f.js · +2 -1 and more',
      expect.stringMatching(/^✓ shell git diff · --- f\.js/),
    ]);
  });

  test('unknown events, and control characters of a tool, do nothing to the terminal', async () => {
    const { out, err } = await rendered([
      durable(1, 'of_a_newer_version'),
      durable(2, 'warning', { message: 'a\u001b[2Jb' }),
    ]);
    expect([out, err]).toEqual(['', 'warning: a[2Jb\n']);
    expect(printable('a\r\nb\u0007\u009b31m\tc')).toBe('a\nb31m\tc');
  });
});

test('json: the text exactly as it came, without what is about the stream', async () => {
  const io = memoryIo();
  const renderer = jsonRenderer(new Output(io));
  const event = { seq: 1, type: 'x', json: '{"type":"x",  "new":1}' };
  await renderer.event(event);
  await renderer.event({ seq: undefined, type: 'log_caught_up', json: '{"type":"log_caught_up","as_of":1}' });
  expect(io.out()).toBe(`${event.json}\n`);
});

test('colours: on a terminal alone, and never with NO_COLOR', () => {
  expect(styleFor({ isTTY: true }, {})('red', 'x')).toBe('\u001b[31mx\u001b[39m');
  expect(styleFor({ isTTY: true }, { NO_COLOR: '1' })('red', 'x')).toBe('x');
  expect(styleFor({ isTTY: false }, {})('red', 'x')).toBe('x');
});

describe('outcome', () => {
  const usage = { input_tokens: 10, output_tokens: 2 };

  test('tokens, files, answer, cost; a child ends nothing', () => {
    const fold = new OutcomeFold('s');
    const ends = [
      call(1, 'write_file', { path: 'a.txt' }, 'c'),
      durable(2, 'tool_call_response', { tool_call_id: 'c', response: 'ok', outcome: 'done' }),
      assistant(3, 'Final.', { usage, cost: 0.5 }),
      durable(4, 'stream_stopped', { session_id: 'child', reason: 'error', refused: 0, undelivered: [] }),
      durable(5, 'stream_stopped', { reason: 'normal', refused: 1, undelivered: [] }),
    ].map((event) => fold.take(event));
    expect(ends).toEqual([false, false, false, false, true]);
    expect(fold.outcome).toMatchObject({
      answer: 'Final.',
      input_tokens: 10,
      output_tokens: 2,
      cost: 0.5,
      price_unknown: false,
    });
    expect(closingLine(fold.outcome, 1500, 's', plain)).toBe(
      '— 10 tokens in, 2 tokens out · $0.50 · 1.5 s · 1 file changed (a.txt) · session s · go on: yonder run --session s',
    );
    expect(fold.outcome.ends).toEqual([{ reason: 'normal', refused: 1, errorCode: undefined }]);
  });

  test('with snapshots, what commands changed is counted too, and nothing twice', () => {
    const fold = new OutcomeFold('s');
    fold.take(call(1, 'write_file', { path: './a.txt' }, 'c'));
    fold.take(durable(2, 'tool_call_response', { tool_call_id: 'c', response: 'ok' }));
    const changes = ['a.txt', 'by-command'].map((path) => ({ path, change: 'added' }));
    fold.take(durable(3, 'workspace_snapshot', { snapshot: 1, folder: '/work', files: 2, changes }));
    expect(closingLine(fold.outcome, 10, 's', plain)).toContain('2 files changed (./a.txt, by-command)');
  });

  test('after a command without snapshots nobody says that no file changed', () => {
    const fold = new OutcomeFold('s');
    fold.take(call(1, 'shell', { cmd: 'touch a' }, 'c'));
    fold.take(durable(2, 'tool_call_response', { tool_call_id: 'c', response: '' }));
    expect(closingLine(fold.outcome, 10, 's', plain)).toContain(' · no file changed by the file tools · ');
  });

  test('an unknown price is said, a failed write is no change, the last error counts', () => {
    const fold = new OutcomeFold('s');
    fold.take(assistant(1, 'x', { usage }));
    fold.take(call(2, 'edit_file', { path: 'b' }, 'c'));
    fold.take(durable(3, 'tool_call_response', { tool_call_id: 'c', response: 'no', outcome: 'cancelled' }));
    fold.take(durable(4, 'error', { error: 'e', code: 'store_failed' }));
    fold.take(durable(5, 'stream_stopped', { reason: 'error', refused: 0, undelivered: [] }));
    expect(closingLine(fold.outcome, 10, undefined, plain)).toMatch(/ · no file changed$/);
    expect(closingLine(fold.outcome, 10, 's', plain)).toContain('cost unknown · 10 ms · no file changed');
    expect(fold.outcome.ends).toEqual([{ reason: 'error', refused: 0, errorCode: 'store_failed' }]);
    expect(cutText(fold.outcome)).toBe('interrupted: edit_file was cut; what was done stays done');
  });
});
