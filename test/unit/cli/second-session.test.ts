import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { expect, onTestFinished, test } from 'vitest';
import { createAnother, folderFrom } from '../../../src/cli/conversation/new-session.ts';
import { addRunFlags, type RunFlags } from '../../../src/cli/flags/run-flags.ts';
import { prepareWords } from '../../../src/cli/flags/words.ts';
import { prepare } from '../../../src/cli/run/prepare.ts';
import { runTeam } from '../../../src/cli/run/run-team.ts';
import { Interrupts } from '../../../src/cli/terminal/interrupts.ts';
import { Output } from '../../../src/cli/terminal/output.ts';
import type { GoThrough } from '../../../src/cli/run/go-through.ts';
import { bindBackend, type Backend, type Transport } from '../../../src/protocol/backend.ts';
import { teamOf } from '../../../src/testing/contract/support.ts';
import { memoryIo } from './streams.ts';

/** A request as it was sent, uploads by what they hold. */
type Sent = Record<string, unknown>;

interface Row {
  words: readonly string[];
  /** What the requests of both sessions hold because of the flag; none: the flag is about this command alone. */
  arrives: Sent | undefined;
}

const NOTHING = undefined;
const config = (fields: Sent): Sent => ({ runtime_config: fields });
const row = (words: string, arrives: Sent | undefined): Row => ({ words: words.split(' '), arrives });

const COMMAND = { type: 'command', command: 'x' };
const hooked = (hooks: Sent): Sent => config({ hooks });

/** One row per flag of `yonder run`; `/` stands for the folder of the test. */
const ROWS: Record<string, Row> = {
  agent: row('--agent other', { agent_name: 'other' }),
  model: row('--model openai/gpt-4o-mini', { model_overrides: ['openai/gpt-4o-mini'] }),
  promptFile: row('--prompt-file rules.md', { prompt_files: [{ name: 'rules.md', upload_id: 'Be brief.' }] }),
  // Its files went with the first message of the first session.
  attach: row('--attach rules.md', NOTHING),
  envFromFile: row('--env-from-file keys.env', config({ env: { COLOUR: 'red' } })),
  session: row('--session ses_1', NOTHING),
  sessionReadOnly: row('--session-read-only', NOTHING),
  continue: row('--continue', NOTHING),
  workingDir: row('--working-dir sub', { working_dir: '/sub' }),
  safety: row('--safety strict', { safety: 'strict', tools_approved: false }),
  yolo: row('--yolo', { tools_approved: true }),
  acceptEdits: row('--accept-edits', config({ accept_edits: true })),
  allow: row('--allow read_file', { permissions: { allow: ['read_file'] } }),
  askFor: row('--ask-for read_file', { permissions: { ask: ['read_file'] } }),
  deny: row('--deny read_file', { permissions: { deny: ['read_file'] } }),
  ask: row('--ask wait', { unattended: 'wait' }),
  trust: row('--trust', { trust: { digest: 'd' } }),
  addDir: row('--add-dir sub', config({ add_dirs: ['/sub'] })),
  readDir: row('--read-dir sub', config({ read_dirs: ['/sub'] })),
  passEnv: row('--pass-env MINE', config({ pass_env: ['MINE'] })),
  hideToolResults: row('--hide-tool-results', { hide_tool_results: true }),
  maxIterations: row('--max-iterations 7', { max_iterations: 7 }),
  maxCost: row('--max-cost 0.5', { budget: { max_cost: 0.5 } }),
  maxTokens: row('--max-tokens 900', { budget: { max_tokens: 900 } }),
  timeout: row('--timeout 90s', config({ timeout_ms: 90_000 })),
  keepJobs: row('--keep-jobs', config({ keep_jobs: true })),
  record: row('--record=tape.yaml', config({ cassette: { mode: 'record' } })),
  fake: row('--fake tape.yaml', config({ cassette: { mode: 'replay', upload_id: 'a tape' } })),
  fakeMatch: row('--fake tape.yaml --fake-match order', config({ cassette: { match: 'order' } })),
  fakeStream: row('--fake tape.yaml --fake-stream=3', config({ cassette: { stream_ms: 3 } })),
  snapshots: row('--snapshots', { snapshots_enabled: true }),
  modelsGateway: row(
    '--models-gateway http://127.0.0.1:9/',
    config({ models_gateway: 'http://127.0.0.1:9/' }),
  ),
  hookPreToolUse: row('--hook-pre-tool-use x', hooked({ pre_tool_use: [{ hooks: [COMMAND] }] })),
  hookPostToolUse: row('--hook-post-tool-use x', hooked({ post_tool_use: [{ hooks: [COMMAND] }] })),
  hookSessionStart: row('--hook-session-start x', hooked({ session_start: [COMMAND] })),
  hookSessionEnd: row('--hook-session-end x', hooked({ session_end: [COMMAND] })),
  hookOnUserInput: row('--hook-on-user-input x', hooked({ on_user_input: [COMMAND] })),
  hookStop: row('--hook-stop x', hooked({ stop: [COMMAND] })),
  // There are none here; that both leave them out is a matter of the configuration.
  configHooks: row('--no-config-hooks', NOTHING),
  // Where the Backend is; that it is the same one for both sessions is a test of its own.
  remote: row('--remote http://127.0.0.1:9', NOTHING),
  token: row('--remote http://127.0.0.1:9 --token secret', NOTHING),
  tokenFile: row('--remote http://127.0.0.1:9 --token-file token', NOTHING),
  logFile: row('--log-file notes.log', NOTHING),
  exec: row('--exec', NOTHING),
  json: row('--json', NOTHING),
  hideToolCalls: row('--hide-tool-calls', NOTHING),
  output: row('--output answer.md', NOTHING),
  dryRun: row('--dry-run', NOTHING),
};

const NEEDS = { digest: 'd', items: [{ kind: 'command', where: 'hooks', text: 'x', blocks: true }] };

/** A Backend that writes down what sessions it is asked for, and makes none. */
function recording(): { backend: Backend; created: Sent[] } {
  const uploads: string[] = [];
  const created: Sent[] = [];
  const spell = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value), (key, inner: unknown) =>
      key === 'upload_id' ? uploads[Number(inner)] : inner,
    );
  const answers: Partial<Record<string, unknown>> = {
    'team/load': { needs_trust: NEEDS, warnings: [] },
    'session/list': { sessions: [{ session_id: 'ses_newest' }] },
  };
  const transport = {
    async call(name: string, _context: unknown, request: unknown) {
      if (name !== 'session/create') return answers[name];
      created.push(spell(request) as Sent);
      throw new Error('written down');
    },
    async upload(_context: unknown, _request: unknown, bytes: Uint8Array) {
      return { upload_id: String(uploads.push(Buffer.from(bytes).toString()) - 1) };
    },
  } as unknown as Transport;
  return { backend: bindBackend(transport), created };
}

/** The requests of the first session and of `/new` after it, with these words. */
async function bothSessions(words: readonly string[]): Promise<{ first: Sent; second: Sent }> {
  const cwd = mkdtempSync(join(tmpdir(), 'yonder-second-'));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  await mkdir(join(cwd, 'sub'));
  const files = {
    'team.yaml': teamOf(),
    'rules.md': 'Be brief.',
    'keys.env': 'COLOUR=red\n',
    'tape.yaml': 'a tape',
    token: 'secret\n',
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(cwd, name), text);
  const command = addRunFlags(new Command('run').argument('[words...]'));
  command.parse(prepareWords([...words, 'team.yaml', 'hello']), { from: 'user' });
  const io = memoryIo({ cwd, home: cwd, env: { XDG_CONFIG_HOME: cwd } });
  const output = new Output(io);
  const prepared = await prepare(command.opts<RunFlags>(), command.args, io, output);
  const { backend, created } = recording();
  const interrupts = new Interrupts(() => {});
  const running = { prepared, backend, io, output, interrupts };
  try {
    await runTeam(running).catch(() => 'written down');
    const folder = folderFrom(prepared.workingDir, io.home, undefined);
    await createAnother(running as unknown as GoThrough, folder).catch(() => 'written down');
  } finally {
    interrupts.close();
  }
  const [first = {}, second = {}] = created.map((request) => {
    const shown: Sent = JSON.parse(JSON.stringify(request).replaceAll(cwd, ''));
    return { ...shown, working_dir: shown['working_dir'] === '' ? '/' : shown['working_dir'] };
  });
  return { first, second };
}

test('every flag has a row', () => {
  const { options } = addRunFlags(new Command());
  const names = new Set(options.map((option) => option.attributeName()));
  expect(Object.keys(ROWS).toSorted()).toEqual([...names].toSorted());
});

test.each(Object.entries(ROWS))('/new after %s', async (name, { words, arrives }) => {
  const { first, second } = await bothSessions(words);
  if (name === 'dryRun') {
    // No session was made, and a conversation never begins.
    expect(second).toEqual({});
    return;
  }
  expect(second).toMatchObject(arrives ?? {});
  // The files of the first message were judged with the first session alone.
  const { first_files: _files, ...rest } = first;
  const isRemote = words.includes('--remote');
  // Where a server works is known from its answer, and /new stays there.
  if (name !== 'session' && name !== 'continue')
    expect(second).toEqual(isRemote ? { ...rest, working_dir: '/' } : rest);
  if (isRemote) expect(first['working_dir']).toBeUndefined();
  expect(second['resume_session_id']).toBeUndefined();
  expect(second['source']).toMatchObject({ kind: 'inline', entry: 'team.yaml' });
  if (arrives === undefined) expect(second).toEqual((await bothSessions([])).second);
  // The file is named, which is a yes already.
  else if (name !== 'trust') expect((await bothSessions([])).second).not.toMatchObject(arrives);
});

test('what flags name may be a pipe, which gives its bytes once', async () => {
  const { KeptReads } = await import('../../../src/process/kept-reads.ts');
  const { execFileSync, spawn } = await import('node:child_process');
  const folder = mkdtempSync(join(tmpdir(), 'yonder-pipe-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [pipe, file] = [join(folder, 'pipe'), join(folder, 'file')];
  execFileSync('mkfifo', [pipe]);
  await writeFile(file, 'one');
  const writer = spawn('sh', ['-c', `printf once > ${pipe}`]);
  onTestFinished(() => void writer.kill());
  const { read } = new KeptReads();
  const texts = [];
  for (const path of [pipe, pipe, file]) texts.push(Buffer.from(await read(path)).toString());
  await writeFile(file, 'two');
  texts.push(Buffer.from(await read(file)).toString());
  expect(texts).toEqual(['once', 'once', 'one', 'two']);
  await expect(read(join(folder, 'none'))).rejects.toMatchObject({ code: 'ENOENT' });
});
