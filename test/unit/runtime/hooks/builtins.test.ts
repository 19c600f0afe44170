import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { userInfo } from 'node:os';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { HttpRequest } from '../../../../src/tools/tool.ts';
import { findBuiltin } from '../../../../src/runtime/hooks/builtin/builtins.ts';
import type { BuiltinParts } from '../../../../src/runtime/hooks/builtin/types.ts';
import type { HookOutput } from '../../../../src/runtime/hooks/types.ts';
import { localPlace, type LocalPlace } from '../../runner/local.ts';
import type { Workspace } from '../../../../src/protocol/workspace.ts';

let local: LocalPlace;
beforeEach(() => {
  local = localPlace();
});
afterEach(() => local.dispose());

const asked: HttpRequest[] = [];
function run(name: string, workspace: Workspace, more: Partial<BuiltinParts> = {}): Promise<HookOutput> {
  return findBuiltin(name)({
    args: [],
    input: {},
    workspace: () => Promise.resolve(workspace),
    working_dir: workspace.root,
    platform: 'linux',
    now: new Date('2026-03-04T23:00:00Z'),
    http: (request) => {
      asked.push(request);
      const status = request.url.endsWith('/no') ? 503 : 204;
      return Promise.resolve({
        url: request.url,
        status,
        headers: {},
        body: new Uint8Array(),
        cut: false,
        redirects: [],
      });
    },
    clean: (text) => text.replaceAll('canary-value', '[redacted:K]'),
    keepSnapshots: () => Promise.resolve(),
    timeout_ms: 20_000,
    signal: new AbortController().signal,
    ...more,
  });
}
const contextIn = ({ hook_specific_output }: HookOutput): string | undefined =>
  hook_specific_output?.additional_context;

test('context of the surroundings', async () => {
  const workspace = await local.open();
  const { root } = local;
  expect(contextIn(await run('add_date', workspace))).toBe("Today's date: 2026-03-04");
  expect(contextIn(await run('add_environment_info', workspace))).toBe(
    `Working directory: ${root}\nOperating system: linux`,
  );
  expect(contextIn(await run('add_user_info', workspace))).toContain(`User: ${userInfo().username}`);
  expect(contextIn(await run('add_directory_listing', workspace))).toBe(
    'Files in the working directory: none',
  );
  writeFileSync(join(root, 'A.md'), 'be kind');
  for (let index = 100; index < 220; index += 1) mkdirSync(join(root, `d${index}`));
  const listing = contextIn(await run('add_directory_listing', workspace))?.split('\n') ?? [];
  expect(listing.slice(0, 3)).toEqual(['Files in the working directory:', 'A.md', 'd100/']);
  expect(listing.at(-1)).toBe('(only the first 100)');
  expect(listing).toHaveLength(102);
  const files = await run('add_prompt_files', workspace, {
    args: ['A.md', 'B.md', 'C.md'],
    named_files: { 'B.md': 'be brief' },
  });
  expect(contextIn(files)).toBe('Instructions from A.md:\nbe kind\n\nInstructions from B.md:\nbe brief');
  expect(files.system_message).toMatch(/^prompt file C\.md: .*going on without it$/);
  await expect(run('add_prompt_files', workspace)).rejects.toThrow(
    'add_prompt_files takes the names of files',
  );
});

test('git: status, diff within its cap, commits; nothing outside of a repository, and no program of its configuration', async () => {
  const workspace = await local.open();
  const { root } = local;
  for (const name of ['add_git_status', 'add_git_diff', 'add_recent_commits'])
    expect(await run(name, workspace)).toEqual({});
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: root });
  git('init', '-q', '-b', 'main');
  expect(contextIn(await run('add_git_status', workspace))).toContain('## No commits yet on main');
  for (let index = 0; index < 12; index += 1) git('commit', '-q', '--allow-empty', '-m', `step ${index}`);
  const commits = contextIn(await run('add_recent_commits', workspace))?.split('\n') ?? [];
  expect(commits).toHaveLength(11);
  expect(commits[1]).toMatch(/^[0-9a-f]{7,} step 11$/);
  expect(contextIn(await run('add_recent_commits', workspace, { args: ['2'] }))?.split('\n')).toHaveLength(3);
  await expect(run('add_recent_commits', workspace, { args: ['-1'] })).rejects.toThrow('takes how many');
  expect(contextIn(await run('add_git_diff', workspace))).toBe('git diff: nothing');
  writeFileSync(join(root, 'f'), 'x\n'.repeat(10_000));
  git('add', 'f');
  for (const key of ['core.fsmonitor', 'diff.external', 'core.pager'])
    git('config', key, `touch ${root}/ran; false`);
  expect(contextIn(await run('add_git_status', workspace))).toBe('git status:\n## main\nA  f');
  expect(contextIn(await run('add_git_diff', workspace))).toContain('f | 10000 +++');
  const full = contextIn(await run('add_git_diff', workspace, { args: ['full'] })) ?? '';
  expect(Buffer.byteLength(full) - 31).toBeOneOf([4095, 4096]);
  expect(full).toMatch(/\+x\n\+\n\(cut: there is more\)$|\+x\n\(cut: there is more\)$/);
  await expect(run('add_git_diff', workspace, { args: ['half'] })).rejects.toThrow('takes the word full');
  expect(() => execFileSync('ls', [join(root, 'ran')], { stdio: 'ignore' })).toThrow('Command failed');
});

test('max_iterations ends a run before the call after the last', async () => {
  const workspace = await local.open();
  const at = (iteration: unknown, ...args: string[]) =>
    run('max_iterations', workspace, { args, input: { iteration } });
  expect(await at(3, '3')).toEqual({});
  expect(await at(4, '3')).toEqual({ continue: false, stop_reason: 'the run made its 3 model calls' });
  await expect(at(1, 'many')).rejects.toThrow('takes how many model calls a run may make, not "many"');
  await expect(at(undefined, '3')).rejects.toThrow('belongs to before_llm_call');
});

test('redact_secrets takes known values and key shapes out of messages, arguments and results', async () => {
  const workspace = await local.open();
  const key = `ghp_${'a1'.repeat(18)}`;
  const specific = async (input: Record<string, unknown>) =>
    (await run('redact_secrets', workspace, { input })).hook_specific_output;
  expect(
    await specific({
      messages: [
        { role: 'user', content: `my ${key}` },
        { role: 'user', content: 'no' },
      ],
    }),
  ).toEqual({
    updated_messages: [
      { role: 'user', content: 'my [redacted:GitHub token]' },
      { role: 'user', content: 'no' },
    ],
  });
  expect(await specific({ tool_input: { cmd: `x canary-value ${key}`, n: [1] } })).toEqual({
    updated_input: { cmd: 'x [redacted:K] [redacted:GitHub token]', n: [1] },
  });
  expect(await specific({ tool_input: {}, tool_response: `a\n${key}` })).toEqual({
    updated_tool_response: 'a\n[redacted:GitHub token]',
  });
  for (const clean of [
    { messages: [{ content: 'x' }] },
    { tool_input: { cmd: 'ls' } },
    { tool_response: 'ok' },
    {},
  ])
    expect(await specific(clean)).toBe(undefined);
});

test('http_post sends its input without secrets, and fails with the status', async () => {
  const workspace = await local.open();
  const input = { session_id: 's', prompt: 'canary-value' };
  expect(await run('http_post', workspace, { args: ['https://a.test/hook'], input })).toEqual({});
  expect(asked.at(-1)).toMatchObject({
    url: 'https://a.test/hook',
    method: 'POST',
    body: '{"session_id":"s","prompt":"[redacted:K]"}',
    timeoutMs: 20_000,
  });
  await expect(run('http_post', workspace, { args: ['https://a.test/no'] })).rejects.toThrow(
    'https://a.test/no answered with status 503',
  );
  await expect(run('http_post', workspace)).rejects.toThrow('http_post takes one argument, the URL');
});

test('snapshot has the workspace kept; what is not built, or is nothing, is refused by name', async () => {
  const workspace = await local.open();
  let kept = 0;
  await run('snapshot', workspace, {
    keepSnapshots: () => {
      kept += 1;
      return Promise.resolve();
    },
  });
  expect(kept).toBe(1);
  expect(() => findBuiltin('cache_response')).toThrow(
    'the built-in hook cache_response is not supported here: ',
  );
  expect(() => findBuiltin('unload')).toThrow('the built-in hook unload is not supported here: ');
  expect(() => findBuiltin('add_dat')).toThrow('there is no built-in hook add_dat; did you mean "add_date"?');
  expect(() => findBuiltin('toString')).toThrow('there is no built-in hook toString; there are add_date, ');
});
