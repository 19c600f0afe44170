import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findTree } from '../../../src/process/process-tree.ts';
import type { HookDefinition } from '../../../src/protocol/contract/hooks.ts';
import type { Workspace } from '../../../src/protocol/workspace.ts';
import { unixLocal } from '../../../src/runner/providers/unix-local/provider.ts';
import { runCommand } from '../../../src/runtime/hooks/command.ts';
import { scriptWords } from '../../../src/runtime/hooks/command-line.ts';
import { MAX_STDOUT } from '../../../src/runtime/hooks/command-end.ts';
import { answerOf } from '../../../src/runtime/hooks/output.ts';
import type { StandingHook } from '../../../src/runtime/hooks/types.ts';
import type { LoopContext } from '../../../src/runtime/loop/context.ts';

let folder: string;
let workspace: Workspace;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yonder-hooks-'));
  const env = { PATH: process.env['PATH'] };
  const provider = unixLocal({ spool_dir: join(folder, '.spool'), env, withhold: [], pass_env: [] });
  const session = await provider.createSession({
    id: 's',
    provider_id: provider.id,
    config: { root: folder },
    default_manifest: { entries: [], mounts: [] },
  });
  workspace = await session.openWorkspace({ workspace: folder });
  await writeFile(join(folder, 'plain.sh'), '#!/bin/sh\nexit 0\n');
  await writeFile(join(folder, 'wd.sh'), '#!/bin/sh\npwd\n');
  await chmod(join(folder, 'wd.sh'), 0o755);
});

afterAll(async () => {
  await workspace.close();
  await rm(folder, { recursive: true, force: true });
});

/** As much of a session as a command hook sees. */
function context(): LoopContext {
  return {
    working_dir: folder,
    settings: {},
    variable: () => undefined,
    hostVariables: () => ({ PATH: process.env['PATH'] ?? '' }),
    workspace: () => Promise.resolve(workspace),
    log: {
      root_id: 's',
      state: { conversations: new Map([['s', { run: { hook_scripts: undefined } }]]) },
    },
  } as unknown as LoopContext;
}

let count = 0;

describe.each(['host', 'runner'] as const)('a command hook on the %s', (place) => {
  const run = async (
    command: string | Omit<HookDefinition, 'env'>,
    text = '{}\n',
    signal = new AbortController().signal,
  ) => {
    const definition = typeof command === 'string' ? { command } : command;
    const tag = `hook-test-${process.pid}-${(count += 1)}`;
    const hook = { event: 'pre_tool_use', definition, place } as StandingHook;
    const end = await runCommand(context(), hook, { text, tag, signal });
    return { end, tag };
  };

  test.each([
    ['a missing one', './none.sh', /not found|no program/],
    ['a missing one with arguments', './none.sh a; true b && ./none.sh', /not found/],
    ['one that is not executable', './plain.sh', /no program|denied|Permission/],
    ['one that a signal ends', 'kill -9 $$', /a signal ended it/],
  ])('%s lets nothing through', async (_name, command, words) => {
    const { end } = await run(command);
    const answer = answerOf(end, 'pre_tool_use');
    expect(answer.failure).toMatch(words);
    expect(answer.fatal).toBe(true);
  });

  test('one that hangs is ended with all that it started', async () => {
    const { end, tag } = await run({ command: 'setsid sleep 31 & sleep 32 & sleep 33', timeout: 0.3 });
    expect(end).toEqual({ failure: 'it had not ended after 0.3 s, and was ended with all that it started' });
    expect(findTree({ tag })).toEqual([]);
  });

  test('one that leaves something behind has ended all the same', async () => {
    const begun = performance.now();
    const { end } = await run({ command: 'setsid sleep 34 & sleep 35 & echo well', timeout: 20 });
    expect(end).toEqual({ code: 0, stdout: 'well\n', stderr: '' });
    expect(performance.now() - begun).toBeLessThan(10_000);
  });

  test('what it may write is bounded, and the rest of its words is not kept', async () => {
    const { end } = await run('yes | head -c 1000000000');
    expect(end).toEqual({ failure: expect.stringMatching(/^it wrote more than 8 MiB/) });
    expect(MAX_STDOUT).toBe(8 * 1024 * 1024);
    const loud = await run('head -c 20000000 /dev/zero | tr "\\0" x >&2; exit 2');
    expect(loud.end).toMatchObject({ code: 2 });
    expect('stderr' in loud.end && loud.end.stderr.length).toBeLessThan(200_000);
  });

  test('a large input that it does not read is no matter, and one that it reads is whole', async () => {
    const text = 'x'.repeat(2_000_000);
    expect((await run('exit 0', text)).end).toEqual({ code: 0, stdout: '', stderr: '' });
    expect((await run('wc -c', text)).end).toMatchObject({ stdout: expect.stringContaining('2000000') });
  });

  test("it runs in the session's folder, or in its own", async () => {
    expect((await run('./wd.sh')).end).toMatchObject({ stdout: `${folder}\n` });
    const { end } = await run({ command: 'pwd', working_dir: 'none' });
    expect('failure' in end && end.failure).toMatch(/none.* does not exist/);
  });

  test('an abort ends it, and is thrown', async () => {
    const stop = new AbortController();
    const running = run('sleep 36', '{}', stop.signal);
    setTimeout(() => stop.abort(new Error('stopped')), 100);
    await expect(running).rejects.toThrow();
    expect(findTree({ tag: `hook-test-${process.pid}-${count}` })).toEqual([]);
  });
});

test.each([
  ['./guard.sh', ['./guard.sh']],
  ['bash -eu hooks/guard --all >> audit.sh', ['hooks/guard']],
  ['node guard.mjs | tee -a log.txt; cat /etc/x', ['guard.mjs']],
  ['KEY=1 ./a b.py && c/d "x"', ['./a', 'b.py', 'c/d']],
  ['echo hello > hello', []],
])('the scripts of %s are %j', (command, words) => {
  expect(scriptWords({ command })).toEqual(words);
});

describe('what a command says', () => {
  const ended = (code: number, stdout = '', stderr = '') =>
    answerOf({ code, stdout, stderr }, 'pre_tool_use');

  test('2 blocks, with words of ours where it has none', () => {
    expect(ended(2, '', 'no').output).toEqual({ decision: 'block', reason: 'no' });
    expect(ended(2).output.reason).toMatch(/without a reason/);
  });

  test('another code is a failure that stops nothing, 126 and 127 are one that lets nothing through', () => {
    expect(ended(1, '', 'odd\nmore')).toEqual({ output: {}, failure: 'it ended with exit code 1: odd' });
    expect(ended(127, '', 'sh: x: not found').fatal).toBe(true);
    expect(ended(126).fatal).toBe(true);
  });

  test('JSON that cannot be read, or says what it may not, lets nothing through a guard', () => {
    expect(ended(0, '{"decision":')).toMatchObject({ fatal: true, failure: expect.stringMatching(/JSON/) });
    expect(ended(0, '{"hook_specific_output":{"permission_decision":"maybe"}}')).toMatchObject({
      fatal: true,
      failure: expect.stringMatching(/hook_specific_output\.permission_decision/),
    });
    expect(answerOf({ code: 0, stdout: '{', stderr: '' }, 'stop').fatal).toBe(false);
  });

  test('plain text is context where the event takes some', () => {
    expect(ended(0, 'hello').output).toEqual({});
    expect(answerOf({ code: 0, stdout: ' hello\n', stderr: '' }, 'session_start').output).toEqual({
      hook_specific_output: { additional_context: 'hello' },
    });
  });
});
