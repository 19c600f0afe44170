import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildToolsets } from '../../../src/tools/index.ts';
import { SafeText } from '../../../src/tools/shell/safe-text.ts';
import { bench, reopened } from './support.ts';

test('output of both streams is given and shown live, and exit code 0 adds nothing', async () => {
  const { run, emitted } = await bench();
  expect(await run('shell', { cmd: 'echo out; echo err >&2' })).toEqual({ output: 'out\nerr' });
  expect(emitted).toEqual([
    { stream: 'stdout', text: 'out\n' },
    { stream: 'stderr', text: 'err\n' },
  ]);
  expect(await run('shell', { cmd: 'true' })).toEqual({ output: 'The command ended without output.' });
});

test('another exit code is a normal result that says so; a signal too', async () => {
  const { run } = await bench();
  expect(await run('shell', { cmd: 'echo no; exit 3' })).toEqual({
    output: 'no\nThe command ended with exit code 3.',
  });
  expect((await run('shell', { cmd: 'kill -9 $$' })).output).toContain('signal SIGKILL');
});

test('a timeout ends the command with words about it', async () => {
  const { run } = await bench();
  const result = await run('shell', { cmd: 'trap "" TERM; echo begun; sleep 60', timeout: 0.3 });
  expect(result.is_error).toBe(true);
  expect(result.output).toMatch(/^begun\nThe command did not end within its timeout of 0.3 s/);
});

test('100 MB of output keep head and tail and say how much is missing', async () => {
  const { run, emitted } = await bench();
  const result = await run('shell', {
    cmd: 'echo first; head -c 100000000 /dev/zero | tr "\\0" x; echo; echo last',
  });
  expect(result.output.startsWith('first\nxxx')).toBe(true);
  expect(result.output.endsWith('xxx\nlast')).toBe(true);
  expect(result.output).toContain(`\n[... ${100_000_012 - 30_000} characters of output are left out ...]\n`);
  expect(result.output.length).toBeLessThan(30_100);
  const shown = emitted.map(({ text }) => text).join('');
  expect(shown.length).toBeLessThan(270_000);
  expect(shown).toContain('not shown live');
});

test('exactly 30,000 characters are given whole', async () => {
  const { run } = await bench();
  expect((await run('shell', { cmd: 'head -c 30000 /dev/zero | tr "\\0" x' })).output).toBe(
    'x'.repeat(30_000),
  );
});

test('binary output and escape sequences are made safe', async () => {
  const { run } = await bench();
  const { output } = await run('shell', { cmd: String.raw`printf 'a\000b\033[31mred\033[0m\377\a'` });
  expect(output).toBe('a\uFFFDbred\uFFFD\uFFFD');
});

test('characters and escape sequences are whole across every chunk border', () => {
  const bytes = Buffer.from('ä€😀\u001b[1;31mX\u001b]0;title\u0007Y\u001bZ');
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const safe = new SafeText();
    const text = safe.push(bytes.subarray(0, cut)) + safe.push(bytes.subarray(cut)) + safe.end();
    expect([cut, text]).toEqual([cut, 'ä€😀XY']);
  }
});

test('a folder outside and a missing folder are results', async () => {
  const { run } = await bench();
  expect((await run('shell', { cmd: 'pwd', cwd: '/' })).output).toContain('--add-dir');
  expect(await run('shell', { cmd: 'pwd', cwd: 'nowhere' })).toMatchObject({ is_error: true });
});

test('variables of the toolset are set, references looked up at the start, and a missing one stops the command', async () => {
  const { context, root } = await bench();
  const toolsets = [{ type: 'shell', options: { env: { A: '1', B: 'x${env.REAL}' } } }];
  const [known] = buildToolsets(
    { toolsets, sub_agents: [] },
    { env: (name) => (name === 'REAL' ? '${env.A}' : undefined) },
  );
  expect(await known?.tools[0]?.execute({ cmd: 'echo "$A $B"' }, context())).toEqual({
    output: '1 x${env.A}',
  });
  const [unknown] = buildToolsets({ toolsets, sub_agents: [] });
  await expect(unknown?.tools[0]?.execute({ cmd: 'touch made' }, context())).rejects.toMatchObject({
    code: 'env_missing',
  });
  expect(existsSync(join(root, 'made'))).toBe(false);
});

test('an abort ends the whole tree', async () => {
  const { run, abort, emitted, root } = await bench();
  const running = run('shell', { cmd: 'sleep 60 & echo $! > child; echo ready; wait' });
  await expect.poll(() => emitted).toEqual([{ stream: 'stdout', text: 'ready\n' }]);
  abort.abort();
  expect(await running).toMatchObject({ is_error: true });
  const child = readFileSync(join(root, 'child'), 'utf8').trim();
  // Nobody may have taken note of its end yet; then it is dead all the same, state Z.
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', child], { encoding: 'utf8' });
  expect(stdout.trim()).toMatch(/^(Z.*)?$/);
});

test('after a restart: ended gives its result, running is followed, unknown is undefined; nothing is started twice', async () => {
  const first = await bench();
  const { tool, context, workspace, root } = first;
  const shell = tool('shell');
  const start = (command_id: string, cmd: string) =>
    workspace.start({ command_id, program: 'sh', args: ['-c', cmd] });
  await (
    await start('ended', 'echo x >> count; echo out; exit 4')
  ).result;
  await start('running', 'echo begun; until [ -e go ]; do sleep 0.02; done; echo x >> count; echo end');
  const after = await reopened(first);
  const recover = (command_id: string) =>
    shell.recover?.({ cmd: 'unused' }, context({ workspace: after, command_id }));
  expect((await recover('ended'))?.output).toMatch(
    /^\[Recovered: .* had ended.*\]\nout\nThe command ended with exit code 4\.$/,
  );
  const running = recover('running');
  writeFileSync(join(root, 'go'), '');
  expect((await running)?.output).toMatch(/^\[Recovered: .* followed to its end.*\]\nbegun\nend$/);
  expect(await recover('never')).toBeUndefined();
  expect(readFileSync(join(root, 'count'), 'utf8')).toBe('x\nx\n');
});
