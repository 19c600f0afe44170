import { describe, expect } from 'vitest';
import { ERRORS, type ErrorCode } from '../../src/protocol/errors.ts';
import type { ScriptedTurn } from '../../src/testing/model-server/script.ts';
import { eventsOf, played, type Scratch, STACK, teamText, test } from './cli.ts';

const FAKE = ['--fake', 'cassette.yaml'];

/** `team.yaml` and `cassette.yaml`; with `--fake` no key is needed. */
async function stage(
  place: Scratch,
  turns: readonly ScriptedTurn[] = [{ text: 'Done.' }],
  more: { toolsets?: string[]; extra?: string } = {},
): Promise<void> {
  await played(place, turns, more);
}

const shell = (cmd: string): ScriptedTurn => ({ tool_calls: [{ name: 'shell', arguments: { cmd } }] });
const failing = (status: number, code: string, message: string): ScriptedTurn => ({
  status,
  error: { message, code, type: code },
});

interface Case {
  words: string[];
  turns?: ScriptedTurn[];
  team?: string;
  toolsets?: string[];
  stdin?: string;
  /** What a person reads. */
  says: RegExp;
}

/** WIRE.md section 3: one case per code that a command of this version can end with. */
const CASES: Partial<Record<ErrorCode, Case>> = {
  invalid_request: { words: ['run', 'team.yaml', ...FAKE, '-o', '.', 'hi'], says: /--output/ },
  invalid_team: { words: ['run', 'team.yaml', 'hi'], team: 'agents: 3\n', says: /team\.yaml:1:9: / },
  model_unavailable: { words: ['run', 'team.yaml', 'hi'], says: /OPENAI_API_KEY/ },
  env_missing: {
    words: ['run', 'team.yaml', ...FAKE, 'hi'],
    team: teamText().replace('Do what', '${env.NOT_SET_HERE} do what'),
    says: /NOT_SET_HERE/,
  },
  untrusted_team: {
    words: ['run', ...FAKE, 'hi'],
    team: teamText().replace('Do what', '${env.HOME} do what'),
    says: /not trusted.*--trust/s,
  },
  not_found: {
    words: ['run', 'team.yaml', ...FAKE, '-a', 'nobody', 'hi'],
    says: /no agent nobody; it has root/,
  },
  payload_too_large: {
    words: ['run', 'team.yaml', ...FAKE, '-'],
    stdin: 'x'.repeat(70 * 1024 * 1024),
    says: /\d+ (?:bytes|MiB)/,
  },
  rate_limited: {
    words: ['run', 'team.yaml', ...FAKE, 'hi'],
    turns: [failing(429, 'rate_limit_exceeded', 'Slow down.')],
    says: /answered 429 \(rate_limit_exceeded\): Slow down\./,
  },
  model_error: {
    words: ['run', 'team.yaml', ...FAKE, 'hi'],
    turns: [failing(400, 'bad_thing', 'No.')],
    says: /answered 400 \(bad_thing\): No\./,
  },
  context_exceeded: {
    words: ['run', 'team.yaml', ...FAKE, 'hi'],
    turns: Array(4).fill(
      failing(400, 'context_length_exceeded', "This model's maximum context length is 10 tokens."),
    ),
    says: /context/,
  },
  loop_detected: {
    words: ['run', 'team.yaml', ...FAKE, '--yolo', 'hi'],
    turns: Array(12).fill(shell('echo again')),
    toolsets: ['shell'],
    says: /shell/,
  },
  timeout: {
    words: ['run', 'team.yaml', ...FAKE, '--yolo', '--timeout', '2s', 'hi'],
    turns: [shell('sleep 50'), { text: 'never' }],
    toolsets: ['shell'],
    says: /2 s|2000 ms|time/,
  },
  unsupported: {
    words: ['run', 'team.yaml', ...FAKE, 'hi'],
    team: teamText({ toolsets: ['memory'] }),
    says: /memory/,
  },
  store_failed: { words: ['run', 'team.yaml', ...FAKE, '-s', '.', 'hi'], says: /session store/ },
};

/** Codes that no command of this version can end with, and why; run_busy and ambiguous_target stand in bad-input/sessions.test.ts. */
const ELSEWHERE: Partial<Record<ErrorCode, string>> = {
  run_busy: 'bad-input/sessions.test.ts',
  ambiguous_target: 'bad-input/sessions.test.ts',
  recovery_exhausted: 'needs three crashes; test/faults',
  protocol_mismatch: 'between a client and a server',
  unauthorized: 'between a client and a server',
  forbidden: 'a policy forbids; a local person has none',
  path_escape: 'a result of a tool',
  no_run: 'of answer and interrupt from elsewhere',
  conflict: 'a guard of clients',
  already_resolved: 'two who answer',
  session_closed: 'deleted while it runs',
  idempotency_conflict: 'a guard of clients',
  cursor_expired: 'a cursor of a client',
  queue_full: 'input from elsewhere',
  tool_failed: 'a result of a tool',
  hook_blocked: 'hooks are not built',
  internal: 'a fault of ours',
  runner_lost: 'other runners than in place are not built',
  unavailable: 'between a client and a server',
};

test('every code of the table has its case, or stands elsewhere', () => {
  const named = [...Object.keys(CASES), ...Object.keys(ELSEWHERE)];
  expect(named.toSorted()).toEqual(Object.keys(ERRORS).toSorted());
});

describe('exit by the code of an error', () => {
  const cases = Object.entries(CASES).map(([code, made]) => ({ code: code as ErrorCode, made }));
  test.concurrent.for(cases)('$code', async ({ code, made }, { place }) => {
    const { words, turns, team, toolsets, stdin, says } = made;
    await stage(place, turns, toolsets === undefined ? {} : { toolsets });
    if (team !== undefined) await place.write(code === 'untrusted_team' ? 'yonder.yaml' : 'team.yaml', team);
    const ended = await place.run(words, stdin === undefined ? {} : { stdin });
    expect(ended.stderr.slice(0, 2000)).toMatch(says);
    expect(ended.code).toBe(ERRORS[code].exit);
    expect(ended.stdout).toBe('');
    expect(ended.stderr).not.toMatch(STACK);
    expect(ended.stderr.length).toBeLessThan(4000);
  });
});

describe('exit by the end of a run', () => {
  const RUN = ['run', 'team.yaml', '--exec', ...FAKE];

  test.concurrent('normal: 0', async ({ place }) => {
    await stage(place);
    expect(await place.run([...RUN, 'hi'])).toMatchObject({ code: 0, stdout: 'Done.\n' });
  });

  test.concurrent('a question that nobody could answer: 3, and the rule that would allow it', async ({
    place,
  }) => {
    await stage(place, [shell('touch it'), { text: 'Not done.' }], { toolsets: ['shell'] });
    const ended = await place.run([...RUN, '--json', 'hi']);
    expect(ended.code).toBe(3);
    const events = eventsOf(ended.stdout);
    expect(events.at(-1)).toMatchObject({ type: 'stream_stopped', reason: 'normal', refused: 1 });
    const response = events.find(({ type }) => type === 'tool_call_response');
    expect(response?.['response']).toContain('"shell:cmd=touch *" would allow it');
  });

  test.concurrent('several runs, one of which was refused something: 3', async ({ place }) => {
    await stage(place, [shell('touch it'), { text: 'Not done.' }, { text: 'Fine.' }], {
      toolsets: ['shell'],
    });
    const ended = await place.run([...RUN, 'first', 'second']);
    expect(ended).toMatchObject({ code: 3, stdout: 'Not done.\nFine.\n' });
  });

  test.concurrent.for([
    { name: 'a deny by a rule', flags: ['--deny', 'shell:cmd=touch *', '--yolo'] },
    { name: 'the mode restricted', flags: ['--safety', 'restricted'] },
  ])('$name is a result and changes no exit code: 0', async ({ flags }, { place }) => {
    await stage(place, [shell('touch it'), { text: 'Not done.' }], { toolsets: ['shell'] });
    expect(await place.run([...RUN, ...flags, 'hi'])).toMatchObject({ code: 0, stdout: 'Not done.\n' });
  });

  test.concurrent('max iterations: 1', async ({ place }) => {
    await stage(place, [shell('echo 1'), shell('echo 2'), shell('echo 3'), { text: 'never' }], {
      toolsets: ['shell'],
    });
    const ended = await place.run([...RUN, '--json', '--max-iterations', '2', 'hi']);
    expect(ended.code).toBe(1);
    expect(eventsOf(ended.stdout).at(-1)).toMatchObject({ type: 'stream_stopped', reason: 'max_iterations' });
  });

  test.concurrent('--ask wait without a terminal waits; an interrupt ends it: 130', async ({ place }) => {
    await stage(place, [shell('touch it'), { text: 'never' }], { toolsets: ['shell'] });
    const running = place.start([...RUN, '--json', '--ask', 'wait', 'hi']);
    await running.shows('"tool_call_confirmation"');
    running.signal('SIGINT');
    const ended = await running.finished;
    expect(ended.code).toBe(130);
    const events = eventsOf(ended.stdout);
    expect(events.find(({ type }) => type === 'interaction_resolved')).toMatchObject({ outcome: 'canceled' });
    expect(events.at(-1)).toMatchObject({ type: 'stream_stopped', reason: 'canceled' });
  });

  test.concurrent('--ask refuse: 3', async ({ place }) => {
    await stage(place, [shell('touch it'), { text: 'Not done.' }], { toolsets: ['shell'] });
    expect(await place.run([...RUN, '--ask', 'refuse', 'hi'])).toMatchObject({ code: 3 });
  });
});
