import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { appendFile, cp, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scratch, type Scratch } from './cli.ts';
import { CASSETTES } from './example-teams/cassettes.ts';

const examples = resolve(import.meta.dirname, '../../examples');

interface ShownEvent {
  type: string;
  session_id?: string;
  agent_name?: string;
  reason?: string;
  refused?: number;
  decision?: string;
  rule?: string;
  outcome?: string;
  tool_call_id?: string;
  response?: string;
  answer?: string;
  tool_call?: { id: string; function: { name: string; arguments: string } };
  message?: { role: string; content: string; reasoning?: { text: string }[]; model?: string };
}

interface Played {
  place: Scratch;
  code: number | null;
  events: ShownEvent[];
  /** Text of a file of the folder that the team worked in. */
  file(name: string): Promise<string>;
  of(type: string): ShownEvent[];
  /** Results of the calls of a tool, in order. */
  results(tool: string): (string | undefined)[];
  /** The last message of the agent that began. */
  answer(): string | undefined;
}

/** Plays an example by its cassette in a copy of examples/project, to the end. */
async function play(
  name: string,
  words: readonly string[],
  prepare?: (place: Scratch) => Promise<void>,
): Promise<Played> {
  const place = await scratch();
  await cp(join(examples, 'project'), place.work, { recursive: true });
  await prepare?.(place);
  const team = join(examples, `${name}.yaml`);
  const cassette = join(examples, 'cassettes', `${name}.yaml`);
  const { code, stdout, stderr } = await place.run([
    'run',
    team,
    '--exec',
    '--json',
    '--fake',
    cassette,
    ...words,
  ]);
  expect(stderr).not.toMatch(/error/i);
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as ShownEvent);
  const of = (type: string): ShownEvent[] => events.filter((event) => event.type === type);
  expect(events.at(-1)?.type).toBe('stream_stopped');
  const root = events.at(-1)?.session_id;
  return {
    place,
    code,
    events,
    of,
    file: (path) => readFile(join(place.work, path), 'utf8'),
    results(tool) {
      const calls = of('tool_call').filter(({ tool_call }) => tool_call?.function.name === tool);
      return calls.map(
        ({ tool_call }) =>
          of('tool_call_response').find(({ tool_call_id }) => tool_call_id === tool_call?.id)?.response,
      );
    },
    answer: () =>
      of('message_added').findLast(
        ({ session_id, message }) => session_id === root && message?.role === 'assistant',
      )?.message?.content,
  };
}

function git(place: Scratch, ...words: string[]): string {
  return execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', ...words], {
    cwd: place.work,
    env: place.env,
    encoding: 'utf8',
  });
}

async function repository(place: Scratch): Promise<void> {
  git(place, 'init', '--quiet');
  git(place, 'add', '.');
  git(place, 'commit', '--quiet', '-m', 'Begin');
  await appendFile(join(place.work, 'notes.txt'), 'One more line.\n');
}

test('the cassettes are what their script makes', async () => {
  for (const [name, text] of Object.entries(CASSETTES)) {
    expect(await readFile(join(examples, name), 'utf8'), name).toBe(text);
  }
});

test('each team has its cassette, says how it is run, and is in the list of examples', async () => {
  const teams = readdirSync(examples).filter((name) => name.endsWith('.yaml'));
  expect(readdirSync(join(examples, 'cassettes')).toSorted()).toEqual(teams.toSorted());
  const list = await readFile(join(examples, 'README.md'), 'utf8');
  for (const name of teams) {
    expect(await readFile(join(examples, name), 'utf8')).toMatch(
      new RegExp(`^#   yonder run examples/${RegExp.escape(name)} .*"`, 'm'),
    );
    expect(list).toContain(name);
  }
});

describe('played by their cassettes', () => {
  test('hello: two model calls, one read_file, one shell', async () => {
    const { code, of, results, answer } = await play('hello', ['What is this folder about?']);
    expect(code).toBe(0);
    expect(of('model_call')).toHaveLength(2);
    expect(of('tool_call')).toHaveLength(2);
    expect(results('read_file')).toEqual([expect.stringContaining('# wordcount')]);
    expect(results('shell')).toEqual([expect.stringContaining('notes.txt')]);
    expect(answer()).toContain('README.md says');
  });

  test('auto: the model of the cassette is taken, and commands get the variable of the toolset', async () => {
    const played = await play('auto', ['--allow', 'shell:cmd=printenv *', 'Which locale?']);
    expect(played.code).toBe(0);
    expect(played.results('shell')).toEqual(['C']);
    expect(played.of('message_added').at(-1)?.message?.model).toContain('claude-sonnet-4-6');
  });

  test('mcp: a program beside the team answers, unasked where it is believed', async () => {
    const { code, results, of } = await play('mcp', ['What is a runner?'], async (place) => {
      await cp(join(examples, 'mcp'), join(place.work, 'examples', 'mcp'), { recursive: true });
    });
    expect(code).toBe(0);
    expect(results('glossary_explain')).toEqual(['where tools act', 'There are: seq, runner']);
    expect(of('tool_call_decision').map(({ decision }) => decision)).toEqual(['allow', 'allow']);
  });

  test('skills: a person says one; it is read with its file, and run with what it leaves of the tools', async () => {
    const { code, of, results, answer } = await play('skills', ['--yolo', '/changelog "what it does"']);
    expect(code).toBe(0);
    expect(of('user_message')[0]).toMatchObject({
      message: expect.stringMatching(/^Skill changelog:\n\nAn entry says .*"what it does"$/s),
    });
    // The run of a person's skill has what the skill leaves: it cannot run skills, or write.
    expect(results('run_skill')).toEqual([expect.stringContaining('run_skill')]);
    expect(answer()).toContain('It has the form');
    const free = await play('skills', ['--yolo', 'What changed?']);
    expect(free.results('read_skill')).toEqual([expect.stringContaining('for read_skill_file: form.md')]);
    expect(free.results('read_skill_file')).toEqual([expect.stringContaining('# The form of an entry')]);
    expect(free.results('run_skill')).toEqual(['It has the form, and README.md says the same.']);
    expect(free.results('write_file')).toEqual([expect.stringContaining('write_file')]);
    expect(free.of('tool_call_response').map(({ outcome }) => outcome)).toContain('invalid');
    expect(free.answer()).toContain('**Counting**');
  });

  test('hooks: a push and a key are refused under --yolo, and what was written is tidied', async () => {
    const { code, of, file, answer } = await play('hooks', ['--yolo', 'Publish the notes.']);
    expect(code).toBe(0);
    expect(of('tool_call_response').map(({ outcome }) => outcome)).toEqual(['done', 'denied', 'denied']);
    expect(of('tool_call_decision').map(({ rule }) => rule)).toEqual([
      undefined,
      '"no keys in files" of the agent root',
      '"no push" of the agent root',
    ]);
    expect(await file('notes.txt')).toBe('Two blanks follow this line.\n');
    expect(of('hook_context')).toHaveLength(1);
    await expect(file('settings.env')).rejects.toMatchObject({ code: 'ENOENT' });
    expect(answer()).toContain('for you to push');
  });

  test('coder-pair: code is changed, tested, broken by the other agent and mended', async () => {
    const played = await play('coder-pair', [
      '--accept-edits',
      '--allow',
      'shell:cmd=node --test *',
      'Mend countWords.',
    ]);
    expect(played.code).toBe(0);
    const [sub] = played.of('sub_session_completed');
    expect(sub?.answer).toContain('an empty text counts as one word');
    expect(await played.file('count.js')).toContain("filter((word) => word !== '')");
    const tests = played.results('shell');
    expect(tests).toHaveLength(3);
    for (const result of tests) expect(result).toContain('pass 2');
    expect(played.results('update_todos').at(-1)).not.toContain('pending');
  });

  test('docs-writer: the documentation is written, the code is kept from it by a rule', async () => {
    const played = await play('docs-writer', ['--accept-edits', 'Say in README.md what main.js prints.']);
    expect(played.code).toBe(0);
    expect(await played.file('README.md')).toContain('Prints one line');
    expect(await played.file('main.js')).toBe(await readFile(join(examples, 'project/main.js'), 'utf8'));
    expect(played.of('tool_call_decision').find(({ decision }) => decision === 'deny')?.rule).toBe(
      '{edit,write}_file:path=**/*.js',
    );
  });

  test.each([
    [[], 'recording of what was said', 'openai/gpt-4o-mini', undefined],
    [
      ['-a', 'thinker'],
      'played again without a key',
      'anthropic/claude-sonnet-4-5',
      'The word is borrowed from tape.',
    ],
  ])('model-providers %j: each agent asks its own provider', async (flags, said, model, reasoning) => {
    const played = await play('model-providers', [...flags, 'What is a cassette?']);
    expect(played.code).toBe(0);
    expect(played.answer()).toContain(said);
    const { message } = played.of('message_added').at(-1) ?? {};
    expect(message?.model).toBe(model);
    expect(message?.reasoning?.[0]?.text).toBe(reasoning);
  });

  test('permissions: a look runs, a commit waits for a yes that nobody gives, a push is denied; exit 3', async () => {
    const played = await play('permissions', ['Commit notes.txt and push it.'], repository);
    expect(played.code).toBe(3);
    expect(played.of('tool_call_decision').map(({ decision }) => decision)).toEqual(['allow', 'ask', 'deny']);
    expect(played.events.at(-1)).toMatchObject({ reason: 'normal', refused: 1 });
    expect(git(played.place, 'log', '--format=%s')).toBe('Begin\n');
  });

  test('permissions: with a rule for it the commit happens', async () => {
    const played = await play(
      'permissions',
      ['--allow', 'shell:cmd=git commit *', 'Commit notes.txt and push it.'],
      async (place) => {
        await repository(place);
        git(place, 'config', 'user.name', 'Ada');
        git(place, 'config', 'user.email', 'ada@example.org');
      },
    );
    expect(played.code).toBe(0);
    expect(git(played.place, 'log', '--format=%s')).toBe('Say more in the notes\nBegin\n');
  });

  test('reviewer: it reads, and has no tool that writes', async () => {
    const played = await play('reviewer', ['Review count.js.']);
    expect(played.code).toBe(0);
    expect(played.results('read_multiple_files')[0]).toContain('countWords');
    expect(played.results('search_files_content')[0]).toContain('main.js:');
    expect(played.results('write_file')[0]).toContain('There is no tool named write_file');
    expect(await played.file('count.js')).toContain("split(' ')");
    expect(played.answer()).toContain('count.js, line 3');
  });

  test('sub-agents: two answers come back, each from a session of its own', async () => {
    const played = await play('sub-agents', ['What is this folder for?']);
    expect(played.code).toBe(0);
    expect(played.of('sub_session_completed').map(({ answer }) => answer)).toEqual([
      expect.stringContaining('counts the words'),
      '11, by wc -w notes.txt.',
    ]);
    expect(played.results('shell')).toEqual(['11 notes.txt']);
    expect(new Set(played.of('stream_started').map(({ session_id }) => session_id)).size).toBe(3);
    expect(played.answer()).toContain('11 of them');
  });

  test('think: thoughts are kept from one to the next', async () => {
    const played = await play('think', ['How does main.js count words?']);
    expect(played.code).toBe(0);
    expect(played.results('think').at(-1)).toMatch(/Supposed: it splits at blanks[\s\S]*Sure now/);
  });

  test('ask: where nobody is there the form is refused, the work goes on, and the exit code says so', async () => {
    const played = await play('ask', ['--accept-edits', '--ask', 'refuse', 'Write a greeting.']);
    expect(played.code).toBe(3);
    expect(played.results('user_prompt')).toEqual([expect.stringMatching(/^Refused: .* nobody is there/)]);
    expect(played.of('elicitation_request')).toEqual([]);
    expect(await played.file('greeting.txt')).toBe('Hello, good to see you!\n');
    expect(played.of('stream_stopped').at(-1)).toMatchObject({ reason: 'normal', refused: 1 });
  });

  test('todo: the list is worked through, and the files are there', async () => {
    const played = await play('todo', ['--accept-edits', 'Greet me in French and in Spanish.']);
    expect(played.code).toBe(0);
    expect(await played.file('bonjour.txt')).toBe('Bonjour !\n');
    expect(await played.file('hola.txt')).toBe('¡Hola!\n');
    expect(played.results('list_todos')[0]?.match(/"completed"/g)).toHaveLength(2);
  });

  test('todo without a yes to edits: nothing is written, and the exit code says so', async () => {
    const played = await play('todo', ['Greet me in French and in Spanish.']);
    expect(played.code).toBe(3);
    await expect(stat(join(played.place.work, 'hola.txt'))).rejects.toMatchObject({ code: 'ENOENT' });
    expect(played.results('write_file')[0]).toContain("--allow '");
  });
});

test('the demo plays in a few seconds and leaves nothing behind', async () => {
  const place = await scratch();
  const { code, stdout, stderr } = await place.run(['demo'], { env: { TMPDIR: place.home } });
  expect(code).toBe(0);
  expect(stdout).toContain('It now replaces all of them, the test passes');
  expect(stderr).toMatch(/reviewer: read_file slug\.js/);
  expect(stdout).toContain("+  return title.toLowerCase().replaceAll(' ', '-');");
  expect(stderr).toContain('export ANTHROPIC_API_KEY=');
  expect(readdirSync(place.home).filter((name) => name.startsWith('yonder-demo'))).toEqual([]);
  await expect(stat(place.store)).rejects.toMatchObject({ code: 'ENOENT' });
});
