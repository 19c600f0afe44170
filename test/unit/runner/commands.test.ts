import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findTree, signalProcess } from '../../../src/process/process-tree.ts';
import type { CommandHandle, Workspace } from '../../../src/protocol/workspace.ts';
import { type LocalPlace, localPlace } from './local.ts';

let place: LocalPlace;
beforeEach(() => (place = localPlace()));
afterEach(() => place.dispose());

let count = 0;
const shell = (workspace: Workspace, line: string, more: object = {}): Promise<CommandHandle> => {
  count += 1;
  return workspace.start({
    command_id: `test-${process.pid}-${count}`,
    program: 'sh',
    args: ['-c', line],
    ...more,
  });
};
/** Waits until it holds; a file that is looked at before it is there does not hold yet. */
const until = async (claim: () => boolean) => {
  await expect.poll(claim).toBe(true);
};

test('100 MB of output: bounded memory, head and tail, honest counts, nothing left in the spool', async () => {
  const workspace = await place.open();
  const handle = await shell(
    workspace,
    'echo begin; head -c 100000000 /dev/zero | tr "\\0" x; echo; echo end',
    {
      max_bytes: 1000,
    },
  );
  let streamed = 0;
  for await (const { bytes } of handle.output) streamed += bytes.length;
  const result = await handle.result;
  expect(result).toMatchObject({ exit_code: 0, truncated: true, bytes: { stdout: 100_000_011, stderr: 0 } });
  expect(streamed).toBe(100_000_011);
  expect(result.stdout).toMatch(/^begin\nx{494}\n\[\.\.\. 99999011 bytes left out \.\.\.\]\nx{495}\nend\n$/);
  await until(() => statSync(join(place.spool, `${handle.command_id}.out`)).size === 0);
  expect(await workspace.findCommand(handle.command_id)).toEqual({ state: 'ended', result });
  await workspace.forgetCommand(handle.command_id);
  expect(readdirSync(place.spool)).toEqual([]);
});

test('binary output comes as bytes, and as text with replacements; a cut never breaks a character', async () => {
  const workspace = await place.open();
  const handle = await shell(workspace, "printf 'a\\000\\377\\200b'");
  const chunks: Uint8Array[] = [];
  for await (const { bytes } of handle.output) chunks.push(bytes);
  expect(Buffer.concat(chunks)).toEqual(Buffer.from([97, 0, 255, 128, 98]));
  expect((await handle.result).stdout).toBe('a\0\uFFFD\uFFFDb');
  const cut = await shell(workspace, "printf 'ééééééééééééééé'", { max_bytes: 9 });
  expect((await cut.result).stdout).toBe('éé\n[... 22 bytes left out ...]\néé');
});

test('a command that reads stdin finds it empty; one that daemonises does not hold up the result', async () => {
  const workspace = await place.open();
  expect(await (await shell(workspace, 'cat; echo "read: $?"')).result).toMatchObject({
    stdout: 'read: 0\n',
  });
  const handle = await shell(workspace, 'setsid sh -c "(sleep 60 & echo \\$! > pid) &"; echo started');
  expect(await handle.result).toMatchObject({ outcome: 'exited', stdout: 'started\n' });
  await until(() => existsSync(join(place.root, 'pid')));
  expect(findTree({ tag: handle.command_id })).toHaveLength(1);
  expect(await workspace.cancelCommand(handle.command_id)).toBe(true);
  expect(findTree({ tag: handle.command_id })).toEqual([]);
});

test('what a command leaves in its group ends with it', async () => {
  const workspace = await place.open();
  const handle = await shell(workspace, 'sleep 60 & echo $!');
  const { stdout } = await handle.result;
  expect(findTree({ tag: handle.command_id })).toEqual([]);
  expect(Number(stdout)).toBeGreaterThan(1);
});

test('output over the spool cap ends the tree', async () => {
  const workspace = await place.open({}, { spool_cap_bytes: 1_000_000 });
  const handle = await shell(workspace, 'yes', { max_bytes: 10 });
  const result = await handle.result;
  expect(result).toMatchObject({ outcome: 'output_limit', exit_code: null, truncated: true });
  expect(result.bytes.stdout).toBeGreaterThan(1_000_000);
  expect(findTree({ tag: handle.command_id })).toEqual([]);
});

test('an abort ends the command; one that came before starts nothing', async () => {
  const workspace = await place.open();
  const controller = new AbortController();
  const { command_id, result } = await workspace.start(
    { command_id: 'aborted', program: 'sleep', args: ['60'] },
    { signal: controller.signal },
  );
  controller.abort();
  expect(await result).toMatchObject({ outcome: 'cancelled' });
  expect(findTree({ tag: command_id })).toEqual([]);
  const late = workspace.start({ command_id: 'late', program: 'true' }, { signal: AbortSignal.abort() });
  await expect(late).rejects.toThrow(/abort/i);
  expect(await workspace.findCommand('late')).toEqual({ state: 'unknown' });
});

test("commands get the user's environment less what is withheld, plus the request's", async () => {
  const env = { PATH: process.env['PATH'], HOME: '/home/ada', API_KEY: 'k', PASSED: 'p', YONDER_TOKEN: 't' };
  const withhold = (name: string) => /KEY|YONDER_|PASSED/.test(name);
  const workspace = await place.open({}, { env, withhold, pass_env: ['PASSED'] });
  expect(workspace.withheld).toEqual(['API_KEY', 'YONDER_TOKEN']);
  expect(workspace.home).toBe('/home/ada');
  const { result } = await workspace.start({ command_id: 'env', program: 'env', env: { ADDED: 'a b\nc' } });
  const lines = (await result).stdout.split('\n');
  expect(lines).toEqual(expect.arrayContaining(['HOME=/home/ada', 'PASSED=p', 'ADDED=a b', 'c']));
  expect(lines).toContain('YONDER_COMMAND_ID=env');
  expect(lines.filter((line) => /API_KEY|YONDER_TOKEN/.test(line))).toEqual([]);
  for (const [name, value] of [
    ['A=B', 'x'],
    ['', 'x'],
    ['A', 'x\0'],
  ] as const) {
    const refused = workspace.start({ command_id: 'bad', program: 'env', env: [[name, value]] });
    await expect(refused).rejects.toMatchObject({ code: 'invalid_request' });
  }
});

test('arguments arrive as they are, and what cannot be passed is refused', async () => {
  const workspace = await place.open();
  const args = ['a b', '', '$HOME', '`id`', "it's", '-n', '\n', 'é\u{1F600}'];
  const { result } = await workspace.start({
    command_id: 'args',
    program: 'printf',
    args: ['[%s]', ...args],
  });
  expect((await result).stdout).toBe(args.map((argument) => `[${argument}]`).join(''));
  for (const bad of [
    { args: ['\0'] },
    { args: ['x'.repeat(200_000)] },
    { timeout_ms: 0 },
    { stdin: 'pipe' as const },
  ]) {
    const refused = workspace.start({ command_id: 'refused', program: 'true', ...bad });
    await expect(refused).rejects.toMatchObject({ code: 'invalid_request' });
  }
  expect(await workspace.findCommand('refused')).toEqual({ state: 'unknown' });
});

test('spool files are private and strange command ids name no strange files', async () => {
  const workspace = await place.open();
  const handle = await workspace.start({ command_id: '../../x y/\n', program: 'true' });
  expect(await handle.result).toMatchObject({ command_id: '../../x y/\n', exit_code: 0 });
  const files = readdirSync(place.spool);
  expect(files).toHaveLength(3);
  for (const file of files) {
    expect(file).toMatch(/^[0-9a-f]{64}\.(status|out|err)$/);
    expect(statSync(join(place.spool, file)).mode & 0o777).toBe(0o600);
  }
  expect(statSync(place.spool).mode & 0o777).toBe(0o700);
  expect(await workspace.findCommand('../../x y/\n')).toMatchObject({ state: 'ended' });
  await workspace.close();
  expect(readdirSync(place.spool)).toEqual([]);
});

test('pipes: back-pressure holds the command up, and closing the workspace ends it', async () => {
  const workspace = await place.open();
  const handle = await shell(workspace, 'head -c 5000000 /dev/zero; echo > wrote-all; sleep 60', {
    io: 'pipe',
  });
  const reader = handle.output[Symbol.asyncIterator]();
  await reader.next();
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(existsSync(join(place.root, 'wrote-all'))).toBe(false);
  await workspace.close();
  expect(await handle.result).toMatchObject({ outcome: 'cancelled' });
  expect(findTree({ tag: handle.command_id })).toEqual([]);
});

test('writing to a pipe whose reader is gone is told, and no crash', async () => {
  const workspace = await place.open();
  const handle = await shell(workspace, 'exec <&-; echo closed; sleep 60', { io: 'pipe', stdin: 'pipe' });
  await handle.output[Symbol.asyncIterator]().next();
  const writes = (async () => {
    for (;;) await handle.stdin?.write('x'.repeat(100_000));
  })();
  await expect(writes).rejects.toMatchObject({ code: 'conflict' });
  await handle.stdin?.end();
  expect(await handle.cancel()).toBe(true);
  expect(await handle.result).toMatchObject({ outcome: 'cancelled' });
});

/** A Host in a process of its own, to be killed: starts a line and prints when it runs. */
async function doomedHost(line: string, more: object): Promise<() => Promise<void>> {
  const index = new URL('../../../src/runner/index.ts', import.meta.url).href;
  const request = { command_id: 'survivor', program: 'sh', args: ['-c', line], ...more };
  const code = `
    const { unixLocal } = await import(${JSON.stringify(index)});
    const root = ${JSON.stringify(place.root)};
    const session = await unixLocal({ spool_dir: ${JSON.stringify(place.spool)} }).createSession({
      id: 'd', provider_id: 'unix-local', config: { root }, default_manifest: { entries: [], mounts: [] } });
    const workspace = await session.openWorkspace({ workspace: root });
    const handle = await workspace.start(${JSON.stringify(request)});
    for await (const { bytes } of handle.output) process.stdout.write(bytes);`;
  const host = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(host.stdout, 'data');
  return async () => {
    host.kill('SIGKILL');
    await once(host, 'exit');
  };
}

test('a spooled command outlives its Host: it is attached again, with all its output', async () => {
  const kill = await doomedHost('echo one; while ! [ -e go ]; do sleep 0.01; done; echo two; exit 6', {});
  await kill();
  const workspace = await place.open();
  const found = await workspace.findCommand('survivor');
  if (found.state !== 'running') throw new Error(`expected it to run, and it is ${found.state}`);
  await workspace.writeFile('go', new Uint8Array());
  let seen = '';
  for await (const { bytes } of found.handle.output) seen += new TextDecoder().decode(bytes);
  expect(seen).toBe('one\ntwo\n');
  expect(await found.handle.result).toMatchObject({ outcome: 'exited', exit_code: 6, stdout: 'one\ntwo\n' });
});

test('a command that ended while no Host lived gives its result', async () => {
  const kill = await doomedHost('echo one; while ! [ -e go ]; do sleep 0.01; done; exit 6', {});
  await kill();
  const workspace = await place.open();
  await workspace.writeFile('go', new Uint8Array());
  await until(() => readFileSync(join(place.spool, 'survivor.status'), 'utf8').endsWith('exit 6\n'));
  expect(await workspace.findCommand('survivor')).toMatchObject({
    state: 'ended',
    result: { outcome: 'exited', exit_code: 6, stdout: 'one\n' },
  });
  expect(await workspace.cancelCommand('survivor')).toBe(true);
});

test('an attached command still has its timeout, and can be cancelled by its id', async () => {
  const kill = await doomedHost("trap '' TERM; echo one; while :; do sleep 1; done", { timeout_ms: 600_000 });
  await kill();
  const workspace = await place.open();
  expect(await workspace.cancelCommand('survivor')).toBe(true);
  expect(await workspace.findCommand('survivor')).toMatchObject({
    state: 'ended',
    result: { exit_code: null },
  });
  const again = await doomedHost('echo two; sleep 60', { command_id: 'late', timeout_ms: 1500 });
  await again();
  const found = await workspace.findCommand('late');
  if (found.state !== 'running') throw new Error(`expected it to run, and it is ${found.state}`);
  expect(await found.handle.result).toMatchObject({ outcome: 'timed_out' });
  expect(findTree({ tag: 'late' })).toEqual([]);
});

test('a command whose parent was killed with the Host is lost, and what it printed is kept', async () => {
  const kill = await doomedHost('echo one; sleep 60', {});
  await kill();
  for (const { pid } of findTree({ tag: 'survivor' })) signalProcess(pid, 'SIGKILL');
  await until(() => findTree({ tag: 'survivor' }).length === 0);
  const workspace = await place.open();
  expect(await workspace.findCommand('survivor')).toMatchObject({
    state: 'ended',
    result: { outcome: 'lost', exit_code: null, stdout: 'one\n' },
  });
});

test('a piped command dies with its Host, though it ignores TERM', async () => {
  const kill = await doomedHost("trap '' TERM; echo one; while :; do sleep 1; done", { io: 'pipe' });
  expect(findTree({ tag: 'survivor' }).length).toBeGreaterThan(0);
  await kill();
  await until(() => findTree({ tag: 'survivor' }).length === 0);
});

test('idle, nothing is left: no descriptor, no timer, no child', async () => {
  const workspace = await place.open();
  const descriptors = () => readdirSync('/proc/self/fd').length;
  const before = [
    descriptors(),
    process.getActiveResourcesInfo().filter((kind) => kind !== 'Timeout').length,
  ];
  for (let turn = 0; turn < 5; turn += 1) {
    const handle = await shell(workspace, 'echo x; echo y >&2');
    if (turn % 2 === 0) for await (const { bytes } of handle.output) expect(bytes.length).toBe(2);
    await handle.result;
    await workspace.search({ query: 'x', limit: 5 });
    await workspace.readFile('missing').catch(() => null);
  }
  await until(() => descriptors() === before[0]);
  expect(process.getActiveResourcesInfo().filter((kind) => kind !== 'Timeout')).toHaveLength(before[1] ?? 0);
});
