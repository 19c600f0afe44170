import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { ScriptedTurn } from '../../../src/testing/model-server/script.ts';
import { startModelServer } from '../../../src/testing/model-server/server.ts';
import { eventsOf, played, type Scratch, serverTeam, test } from '../cli.ts';

const call = (name: string, more: Record<string, unknown>): { name: string; arguments: typeof more } => ({
  name,
  arguments: more,
});
const shell = (cmd: string): ReturnType<typeof call> => call('shell', { cmd });
const read = (path: string): ReturnType<typeof call> => call('read_file', { path });
const write = (path: string): ReturnType<typeof call> => call('write_file', { path, content: 'written' });

interface Result {
  isError: boolean;
  response: string;
}

/** The results of these calls, each in a turn of its own, under these flags; and the exit code. */
async function outcome(
  place: Scratch,
  calls: ReturnType<typeof call>[],
  flags: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number | null; results: Result[]; events: ReturnType<typeof eventsOf> }> {
  const turns: ScriptedTurn[] = [...calls.map((each) => ({ tool_calls: [each] })), { text: 'Done.' }];
  const words = await played(place, turns, { toolsets: ['filesystem', 'shell'] });
  const ended = await place.run([...words, '--json', ...flags, 'go'], { env });
  const events = eventsOf(ended.stdout);
  const results = events
    .filter(({ type }) => type === 'tool_call_response')
    .map((event) => ({
      response: String(event['response']),
      isError: (event['result'] as { isError?: boolean } | undefined)?.isError === true,
    }));
  expect(results).toHaveLength(calls.length);
  return { code: ended.code, results, events };
}

test.concurrent('--log-file appends the session and its end, one line each, for its owner alone; no word of the conversation', async ({
  place,
}) => {
  const words = await played(place, [{ text: 'One SECRET.' }, { text: 'Two.' }]);
  const log = join(place.work, 'log');
  for (const flags of [['--log-file', 'log'], []]) {
    const ended = await place.run([...words, ...flags, '--json', 'my SECRET'], {
      env: { YONDER_LOG_FILE: log },
    });
    expect(ended.code).toBe(0);
  }
  const lines = (await readFile(log, 'utf8')).trimEnd().split('\n');
  const line = (what: string): RegExp => new RegExp(`^\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z session \\w+ ${what}$`);
  expect(lines).toEqual([
    expect.stringMatching(line('created')),
    expect.stringMatching(line('ended: normal')),
    expect.stringMatching(line('created')),
    expect.stringMatching(line('ended: normal')),
  ]);
  expect((await stat(log)).mode & 0o777).toBe(0o600);
});

test.concurrent('--pass-env hands on the variables that it names and no other', async ({ place }) => {
  const keys = { OPENAI_API_KEY: 'sk-openai-000', MISTRAL_API_KEY: 'sk-mistral-000', YONDER_X: 'x-000' };
  const { results } = await outcome(
    place,
    [shell('env')],
    ['--yolo', '--pass-env', 'MISTRAL_API_KEY', '--pass-env', 'YONDER_X'],
    keys,
  );
  expect(results[0]?.response).toMatch(/^YONDER_X=x-000$/m);
  expect(results[0]?.response).not.toContain('OPENAI_API_KEY=');
  expect(results[0]?.response).toMatch(/^MISTRAL_API_KEY=\[redacted:MISTRAL_API_KEY\]$/m);
});

test.concurrent('--add-dir opens a folder for reads and writes, --read-dir for reads alone', async ({
  place,
}) => {
  for (const name of ['both', 'reads']) await mkdir(join(place.root, name));
  for (const name of ['both', 'reads']) await place.write(`../${name}/a.txt`, `text of ${name}`);
  const at = (path: string): string => join(place.root, path);
  const { code, results } = await outcome(
    place,
    [
      read(at('both/a.txt')),
      read('../reads/a.txt'),
      write(at('both/b.txt')),
      write(at('reads/b.txt')),
      read(at('both/../out.txt')),
    ],
    ['--accept-edits', '--yolo', '--add-dir', '../both', '--read-dir', at('reads')],
  );
  expect(results.map(({ isError }) => isError)).toEqual([false, false, false, true, true]);
  expect(results[0]?.response).toContain('text of both');
  expect(results[1]?.response).toContain('text of reads');
  expect(results[3]?.response).toContain('--add-dir');
  expect(await readFile(at('both/b.txt'), 'utf8')).toBe('written');
  await expect(stat(at('reads/b.txt'))).rejects.toThrow('ENOENT');
  expect(code).toBe(0);
});

test.concurrent('--accept-edits: file tools write, but not files that govern; commands are still asked about', async ({
  place,
}) => {
  const { code, results } = await outcome(
    place,
    [write('deep/a.txt'), write('AGENTS.md'), shell('touch b.txt')],
    ['--accept-edits'],
  );
  expect(results.map(({ isError }) => isError)).toEqual([false, true, true]);
  expect(code).toBe(3);
  expect(await readFile(join(place.work, 'deep/a.txt'), 'utf8')).toBe('written');
  for (const name of ['AGENTS.md', 'b.txt'])
    await expect(stat(join(place.work, name))).rejects.toThrow('ENOENT');
});

test.concurrent('--allow, --ask-for and --deny, each repeatable: a deny beats all, an ask beats an allow, --yolo answers asks alone', async ({
  place,
}) => {
  const calls = [
    shell('touch a'),
    shell('mkdir b'),
    shell('touch -c a'),
    shell('echo x && touch never'),
    shell('echo asked'),
  ];
  const flags = [
    '--allow=shell:cmd=touch *',
    '--allow=shell:cmd=mkdir *',
    '--allow=shell:cmd=echo *',
    '--ask-for=shell:cmd=touch -c *',
    '--ask-for=shell:cmd=echo asked',
    '--deny=shell:cmd=rm *',
    '--deny=shell:cmd=touch never',
  ];
  const decided = (events: ReturnType<typeof eventsOf>): unknown[] =>
    events.filter(({ type }) => type === 'tool_call_decision').map((event) => event['decision']);
  const careful = await outcome(place, calls, flags);
  expect(careful.results.map(({ isError }) => isError)).toEqual([false, false, true, true, true]);
  expect(careful.code).toBe(3);
  expect(decided(careful.events)).toEqual(['allow', 'allow', 'ask', 'deny', 'ask']);
  const bold = await outcome(place, calls.slice(2), [...flags, '--yolo']);
  expect(bold.results.map(({ isError }) => isError)).toEqual([false, true, false]);
  expect(bold.code).toBe(0);
  await expect(stat(join(place.work, 'never'))).rejects.toThrow('ENOENT');
});

test.concurrent("--max-iterations 0 lifts the team's limit too; --timeout says how long it was", async ({
  place,
}) => {
  const turns = ['echo 1', 'echo 2', 'sleep 60'].map((line) => ({ tool_calls: [shell(line)] }));
  const words = await played(place, turns, { toolsets: ['shell'], extra: '    max_iterations: 1' });
  const flags = ['--yolo', '--json', '--max-iterations', '0', '--timeout', '2s'];
  const events = eventsOf((await place.run([...words, ...flags, 'go'])).stdout);
  expect(events.filter(({ type }) => type === 'tool_call_started')).toHaveLength(3);
  expect(events.find(({ type }) => type === 'error')?.['error']).toMatch(/\b2 s\b|\b2000 ms\b/);
  expect(events.at(-1)).toMatchObject({ type: 'stream_stopped', reason: 'error' });
});

test.concurrent('--hide-tool-results shows the calls alone, --hide-tool-calls neither; stdout is the same', async ({
  place,
}) => {
  const turns = [{ tool_calls: [shell('echo it is h""ere')] }, { text: 'Done.' }];
  const words = await played(place, turns, { toolsets: ['shell'] });
  const lines = async (...flags: string[]): Promise<string[]> => {
    const ended = await place.run([...words, ...flags, 'go']);
    expect(ended).toMatchObject({ code: 0, stdout: 'Done.\n' });
    return ended.stderr.split('\n').filter((line) => line.includes('echo') || line.includes('is here'));
  };
  expect(await lines()).toEqual([
    expect.stringMatching(/^✓ shell echo it is h""ere \(\d+ ms\) · it is here/),
  ]);
  expect(await lines('--hide-tool-results')).toEqual([
    expect.stringMatching(/^✓ shell echo it is h""ere \(\d+ ms\)$/),
  ]);
  expect(await lines('--hide-tool-calls')).toEqual([]);
});

test.concurrent('--agent begins with that agent, --model agent=... changes one agent, --model all, and the last counts', async ({
  place,
}) => {
  const server = await startModelServer([{ text: 'A.' }, { text: 'B.' }, { text: 'C.' }]);
  try {
    const other =
      '  other:\n    model: mine/second\n    description: other\n    instruction: Be the other one.';
    await place.write('team.yaml', serverTeam(server.url, { extra: other }));
    const asked = async (...flags: string[]): Promise<[unknown, boolean]> => {
      const ended = await place.run(['run', 'team.yaml', '--exec', ...flags, 'hi'], {
        env: { SCRIPTED_KEY: 'key-of-a-test' },
      });
      expect(ended.stderr).not.toContain('yonder:');
      expect(ended.code).toBe(0);
      const { body } = server.journal.at(-1) ?? {};
      return [body?.['model'], JSON.stringify(body).includes('Be the other one.')];
    };
    expect(await asked('-a', 'other', '--model', 'other=mine/third,root=mine/fourth')).toEqual([
      'third',
      true,
    ]);
    expect(await asked('--model', 'other=mine/third')).toEqual(['scripted', false]);
    expect(await asked('--model', 'mine/fifth', '--model', 'root=mine/sixth')).toEqual(['sixth', false]);
  } finally {
    await server.close();
  }
});
