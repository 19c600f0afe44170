import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { ScriptedCall } from '../../../src/testing/model-server/script.ts';
import { eventsOf, livingOf, NOBODY, played, type Scratch, STACK, test } from '../cli.ts';

interface Result {
  response: string;
  isError: boolean;
  outcome: string;
}

/** What one call after the other comes to, in a run that ends well; `--yolo`, so that nothing is asked. */
async function results(place: Scratch, calls: ScriptedCall[], flags: string[] = []): Promise<Result[]> {
  const turns = [...calls.map((call) => ({ tool_calls: [call] })), { text: 'Done.' }];
  const words = await played(place, turns, { toolsets: ['filesystem', 'shell'] });
  const { code, stdout, stderr } = await place.run([...words, '--json', '--yolo', ...flags, 'hi']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const events = eventsOf(stdout);
  expect(events.at(-1)).toMatchObject({ type: 'stream_stopped', reason: 'normal' });
  return events
    .filter(({ type }) => type === 'tool_call_response')
    .map((event) => ({
      response: String(event['response']),
      isError: (event['result'] as { isError?: boolean } | undefined)?.isError === true,
      outcome: (event['outcome'] as string | undefined) ?? 'done',
    }));
}

const shell = (cmd: string, more: Record<string, unknown> = {}): ScriptedCall => ({
  name: 'shell',
  arguments: { cmd, ...more },
});
const read = (path: string): ScriptedCall => ({ name: 'read_file', arguments: { path } });
const write = (path: string): ScriptedCall => ({ name: 'write_file', arguments: { path, content: 'mine' } });

test.concurrent('a command that writes 100 MB: a bounded result, bounded memory, and the run goes on', async ({
  place,
}) => {
  const turns = [
    { tool_calls: [shell('head -c 100000000 /dev/zero | tr "\\0" x; echo; echo the end')] },
    { text: 'Done.' },
  ];
  const words = await played(place, turns, { toolsets: ['shell'] });
  const ended = await place.run([...words, '--yolo', '-o', 'answer', 'hi'], {
    node: ['--max-old-space-size=96'],
  });
  expect(ended).toMatchObject({ code: 0, stdout: 'Done.\n' });
  const log = eventsOf((await place.run(['sessions', 'log', '-1', '--json'])).stdout);
  const response = String(log.find(({ type }) => type === 'tool_call_response')?.['response']);
  expect(response.length).toBeLessThan(200_000);
  expect(response).toMatch(/characters of output are left out .*the end/s);
});

test.concurrent('binary output', async ({ place }) => {
  const [result] = await results(place, [shell('printf "a\\000b\\377\\033[31mc\\n"; exit 3')]);
  expect(result?.response).toContain('a');
  expect(result?.response).toContain('3');
  expect(Buffer.from(result?.response ?? '').toString()).toBe(result?.response);
});

test.concurrent('binary output never moves the terminal', async ({ place }) => {
  const words = await played(
    place,
    [{ tool_calls: [shell('printf "\\033]0;title\\007\\033[2J"')] }, { text: 'Done.\u001b[2J' }],
    { toolsets: ['shell'] },
  );
  const ended = await place.run([...words, '--yolo', 'hi']);
  expect(ended.code).toBe(0);
  expect(ended.stderr).not.toContain('\u001b');
});

test.concurrent('a command that ignores TERM is ended by its timeout', async ({ place }) => {
  const [result] = await results(place, [
    shell('trap "" TERM; echo $$ > pid; while :; do sleep 0.1; done', { timeout: 1 }),
  ]);
  expect(result?.response).toMatch(/tim/i);
  const pid = Number(readFileSync(join(place.work, 'pid'), 'utf8'));
  expect(livingOf(pid)).toEqual([]);
});

test.concurrent('a command that daemonises: the result comes, and nothing that it wrote later is waited for', async ({
  place,
}) => {
  const [result] = await results(place, [
    shell('(setsid sleep 600 >/dev/null 2>&1 & echo $! > pid); echo begun'),
  ]);
  expect(result?.response).toContain('begun');
  const pid = readFileSync(join(place.work, 'pid'), 'utf8').trim();
  execFileSync('sh', ['-c', `kill ${pid} 2>/dev/null || true`]);
});

test.concurrent('one that keeps its output open in the background', async ({ place }) => {
  const [result] = await results(place, [shell('sleep 600 & echo $! > pid; echo begun')]);
  expect(result?.response).toContain('begun');
  const pid = readFileSync(join(place.work, 'pid'), 'utf8').trim();
  execFileSync('sh', ['-c', `kill ${pid} 2>/dev/null || true`]);
});

test.concurrent("a command that reads stdin gets its end, and not the person's", async ({ place }) => {
  const [cat, line] = await results(place, [shell('cat; echo ended'), shell('read line; echo "got:$line"')]);
  expect(cat?.response).toContain('ended');
  expect(line?.response).toContain('got:');
});

test.concurrent('paths: NUL, .., absolute, a symlink out', async ({ place }) => {
  await place.write('../secret', 'not for you');
  await mkdir(join(place.work, 'in'));
  await symlink(join(place.root, 'secret'), join(place.work, 'link'));
  await symlink(place.root, join(place.work, 'up'));
  const paths = ['a\u0000b', '../secret', 'in/../../secret', join(place.root, 'secret'), 'link', 'up/secret'];
  const answers = await results(place, [...paths.map(read), ...paths.map(write)]);
  expect(answers).toHaveLength(12);
  for (const { response, isError } of answers) {
    expect(isError, response).toBe(true);
    expect(response).not.toContain('not for you');
  }
  expect(answers[1]?.response).toMatch(/--read-dir FOLDER .*--add-dir FOLDER/);
  expect(readFileSync(join(place.root, 'secret'), 'utf8')).toBe('not for you');
});

test.concurrent('paths: /proc/self/environ, also by a link and as a read root', async ({ place }) => {
  await symlink('/proc/self', join(place.work, 'self'));
  const answers = await results(place, [read('/proc/self/environ'), read('self/environ')]);
  for (const { response, isError } of answers) {
    expect(isError, response).toBe(true);
    expect(response).not.toContain('HOME=');
  }
});

test.concurrent('paths: a FIFO, a device, a socket: refused without waiting for them', async ({ place }) => {
  execFileSync('mkfifo', [join(place.work, 'fifo')]);
  execFileSync('mknod', [join(place.work, 'zero'), 'c', '1', '5']);
  const answers = await results(place, [
    read('fifo'),
    write('fifo'),
    read('zero'),
    write('zero'),
    read('/dev/zero'),
  ]);
  expect(answers.map(({ isError }) => isError)).toEqual([true, true, true, true, true]);
  expect(answers[0]?.response).toMatch(/not a (?:regular )?file|fifo|pipe/i);
});

test.concurrent('commands do not get keys: not those of providers, nor one that the team names, nor places of ours', async ({
  place,
}) => {
  const words = await played(place, [{ tool_calls: [shell('env')] }, { text: 'Done.' }], {
    toolsets: ['shell'],
    extra: 'models:\n  other:\n    provider: openai\n    model: x\n    token_key: MY_OWN_KEY',
  });
  const keys = {
    OPENAI_API_KEY: 'sk-openai-000',
    ANTHROPIC_API_KEY: 'sk-anthropic-000',
    MY_OWN_KEY: 'sk-own-000',
    YONDER_AUTH_TOKEN: 'tok-000',
    PLAIN: 'seen',
  };
  const ended = await place.run([...words, '--json', '--yolo', 'hi'], { env: keys });
  expect(ended.code).toBe(0);
  const response = String(
    eventsOf(ended.stdout).find(({ type }) => type === 'tool_call_response')?.['response'],
  );
  expect(response).toContain('PLAIN=seen');
  for (const value of ['sk-openai-000', 'sk-anthropic-000', 'sk-own-000', 'tok-000'])
    expect(ended.stdout).not.toContain(value);
});

test.concurrent('a file that cannot be read or written is a result, not an end', async ({ place }) => {
  writeFileSync(join(place.work, 'latin'), Buffer.from([0xe9, 0x0a, 0xff]));
  const answers = await results(place, [
    read('missing'),
    read('.'),
    read('latin'),
    write('no/such/folder/x'),
  ]);
  expect(answers[0]).toMatchObject({ isError: true });
  expect(answers[1]).toMatchObject({ isError: true });
  expect(answers).toHaveLength(4);
  expect(existsSync(join(place.work, 'latin'))).toBe(true);
  expect(answers.map(({ response }) => response).join('\n')).not.toMatch(STACK);
});

test.concurrent('a state folder that takes no files: the result says so and what to do, and the run goes on', async ({
  place,
}) => {
  const state = join(place.root, 'state');
  await place.write('../state', 'a file');
  const turns = [{ tool_calls: [shell('echo hi')] }, { text: 'Done.' }];
  const words = [...(await played(place, turns, { toolsets: ['shell'] })), '--json', '--yolo', 'hi'];
  const inFile = await place.run(words);
  execFileSync('sh', ['-c', `rm ${state} && mkdir -p ${state}/yonder && chmod 0 ${state}/yonder`]);
  place.giveTo(NOBODY);
  const unwritable = await place.run(words, { uid: NOBODY });
  for (const [ended, why] of [
    [inFile, 'a part of the path is not a folder'],
    [unwritable, 'this user may not write there'],
  ] as const) {
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    const events = eventsOf(ended.stdout);
    const response = events.find(({ type }) => type === 'tool_call_response');
    expect(response).toMatchObject({
      response: expect.stringMatching(
        new RegExp(
          `^The tool failed: the command was not started: its output cannot be kept in ${state}/yonder/spool/\\S+: ${why}; make it .* XDG_STATE_HOME$`,
        ),
      ),
      result: { isError: true },
    });
    expect(events.filter(({ type }) => type === 'warning')).toEqual([]);
    expect(events.at(-1)).toMatchObject({ type: 'stream_stopped', reason: 'normal' });
  }
});
