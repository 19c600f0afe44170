import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { scriptCassette } from '../../src/testing/model-server/script-cassette.ts';
import type { ScriptedTurn } from '../../src/testing/model-server/script.ts';
import { type Scratch, scratch as makeScratch } from './cli.ts';

const TEAM = `agents:
  root:
    model: openai/gpt-4o-mini
    description: helps
    instruction: Help.
    toolsets: [{ type: filesystem }, { type: shell }]
`;

let scratch: Scratch;
beforeEach(async () => {
  scratch = await makeScratch();
  await scratch.write('team.yaml', TEAM);
});

function cassette(...turns: ScriptedTurn[]): Promise<string> {
  return scratch.write('cassette.yaml', scriptCassette(turns, { api: 'openai_chatcompletions' }));
}

const shell = (cmd: string): ScriptedTurn => ({ tool_calls: [{ name: 'shell', arguments: { cmd } }] });
const sleeping = shell('sleep 60');

describe('output', () => {
  test('stdout is the text of the assistant alone; the closing line is on stderr', async () => {
    const fake = await cassette({ text: 'Hello you.' });
    const { code, stdout, stderr } = await scratch.run(['team.yaml', 'hi', '--fake', fake]);
    expect(stdout).toBe('Hello you.\n');
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /— 100 tokens in, 20 tokens out · .* · no file changed · session \w+ · go on: yonder run --session \w+\n$/,
    );
  });

  test('--json is one event per line, dense from the first to the end of the last run', async () => {
    const fake = await cassette({ text: 'One.' }, { text: 'Two.' });
    const { code, stdout } = await scratch.run(['run', 'team.yaml', '--json', '--fake', fake, 'a', 'b']);
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line): { type: string; seq?: number } => JSON.parse(line));
    expect(code).toBe(0);
    expect(events.at(-1)?.type).toBe('stream_stopped');
    expect(events.filter(({ type }) => type === 'stream_stopped')).toHaveLength(2);
    const numbers = events.flatMap(({ seq }) => seq ?? []);
    expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
  });

  test('-o writes the final answer, and stdin is a message', async () => {
    const fake = await cassette({ text: 'The answer.' });
    const { code } = await scratch.run(['team.yaml', '-', '-o', 'out.txt', '--fake', fake], {
      stdin: 'what?\n',
    });
    expect(code).toBe(0);
    expect(readFileSync(path.join(scratch.work, 'out.txt'), 'utf8')).toBe('The answer.\n');
  });

  test('a closed stdout counts as one interrupt', async () => {
    const fake = await cassette({ text: 'x'.repeat(3000) }, { text: 'never' });
    const running = scratch.start(['team.yaml', 'a', 'b', '--json', '--fake', fake, '--fake-stream=5']);
    await running.shows('agent_choice');
    running.child.stdout?.destroy();
    const { code, stderr } = await running.finished;
    expect(code).toBe(130);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

describe('exit codes', () => {
  test('3 where a question was refused because nobody could answer it; the rule is named', async () => {
    const fake = await cassette(shell('touch b.txt'), { text: 'Not done.' });
    const { code, stderr } = await scratch.run(['team.yaml', 'go', '--fake', fake]);
    expect(code).toBe(3);
    expect(stderr).toContain('refused');
  });

  test('0 where a rule of a flag allows the same', async () => {
    const fake = await cassette(shell('touch b.txt'), { text: 'Done.' });
    const { code } = await scratch.run(['team.yaml', 'go', '--fake', fake, '--allow', 'shell:cmd=touch *']);
    expect(code).toBe(0);
    expect(readFileSync(path.join(scratch.work, 'b.txt'), 'utf8')).toBe('');
  });

  test('2 for no model at all: three lines', async () => {
    const { code, stderr } = await scratch.run(['hello']);
    expect(code).toBe(2);
    expect(stderr.trimEnd().split('\n')).toHaveLength(3);
    expect(stderr).toMatch(/ANTHROPIC_API_KEY[\s\S]*ollama[\s\S]*yonder demo/);
  });

  test.each([
    [['--jsn'], 2, 'Did you mean --json?'],
    [['sesions'], 2, 'did you mean "sessions"?'],
    [['missing.yaml', 'x'], 2, 'missing.yaml'],
    [['team.yaml', 'x', '--yolo', '--safety', 'strict'], 2, '--yolo and --safety'],
    [['team.yaml', 'x', '--fake', 'a', '--record'], 2, '--fake and --record'],
    [['team.yaml', 'x', '--session', 'a', '--continue'], 2, '--session and --continue'],
    [['run', '--session', 'nope', 'x'], 2, 'no session nope'],
    [['team.yaml', 'x'], 2, 'OPENAI_API_KEY'],
    [['team.yaml'], 2, 'no message'],
    [['team.yaml', 'x', '--allow', 'ls:'], 2, 'permission pattern'],
    [['https://127.0.0.1:9/team.yaml', 'x'], 3, 'not of the open internet'],
    [['completion', 'tcsh'], 2, 'bash, zsh and fish'],
  ])('%j gives %i', async (words, expected, said) => {
    const { code, stderr } = await scratch.run(words);
    expect(stderr).toContain(said);
    expect(code).toBe(expected);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test('3 for a found project team that would run something; --trust lets it run', async () => {
    await scratch.write(
      'yonder.yaml',
      TEAM.replace('instruction: Help.', "instruction: 'Help ${env.HOME}.'"),
    );
    const fake = await cassette({ text: 'Hi.' });
    const refused = await scratch.run(['hello', '--fake', fake]);
    expect(refused.code).toBe(3);
    expect(refused.stderr).toMatch(/puts the variable HOME[\s\S]*--trust/);
    const { code, stdout } = await scratch.run(['hello', '--fake', fake, '--trust']);
    expect([code, stdout]).toEqual([0, 'Hi.\n']);
  });
});

describe('interrupts and sessions', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s ends the run, its command included, and says what was cut',
    async (signal) => {
      const fake = await cassette(sleeping);
      const running = scratch.start(['team.yaml', 'go', '--yolo', '--json', '--fake', fake]);
      await running.shows('tool_call_started');
      running.signal(signal);
      const { code, stderr } = await running.finished;
      expect(code).toBe(130);
      expect(stderr).toContain('interrupted: shell was cut');
    },
  );

  test('a killed run shows as interrupted with its command, and goes on', async () => {
    const fake = await cassette(shell('sleep 2'), { text: 'Done.' });
    const running = scratch.start(['team.yaml', 'go', '--yolo', '--json', '--fake', fake]);
    await running.shows('tool_call_started');
    running.signal('SIGKILL');
    await running.finished;
    const listed = await scratch.run(['sessions', 'list', '--json']);
    const session: { session_id: string; state: string; resume: string } = JSON.parse(listed.stdout);
    expect(session.state).toBe('interrupted');
    expect(session.resume).toBe(`yonder run --session ${session.session_id}`);
    const resumed = await scratch.run(['run', '--session', '-1', '--json']);
    expect(JSON.parse(resumed.stdout.split('\n')[0] ?? '')).toMatchObject({ type: 'run_recovered' });
    expect(resumed.code).toBe(0);
    const again = await scratch.run(['run', '--continue']);
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('nothing to end')]);
  });

  test('--continue goes on in the newest session of the folder; show and delete', async () => {
    const fake = await cassette({ text: 'One.' }, { text: 'Two.' });
    await scratch.run(['team.yaml', 'a', '--fake', fake]);
    const { code, stdout } = await scratch.run(['run', '--continue', 'b', '--fake', fake]);
    expect([code, stdout]).toEqual([0, 'Two.\n']);
    const shown = await scratch.run(['sessions', 'show', '-1']);
    expect(shown.stdout).toBe('user:\na\nroot:\nOne.\nuser:\nb\nroot:\nTwo.\n');
    const { session_id }: { session_id: string } = JSON.parse(
      (await scratch.run(['sessions', 'list', '--json'])).stdout,
    );
    expect((await scratch.run(['sessions', 'delete', session_id])).stdout).toBe(`deleted ${session_id}\n`);
    expect((await scratch.run(['sessions', 'list', '--json'])).stdout).toBe('');
  });
});
