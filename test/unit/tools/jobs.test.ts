import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bench, reopened } from './support.ts';

/** Waits until a job's view says this, and gives the view. */
async function seen(view: () => Promise<{ output: string }>, words: string): Promise<string> {
  await expect.poll(async () => (await view()).output).toContain(words);
  return (await view()).output;
}

test('a job goes on behind its call, is seen while it runs, and is stopped with all that it started', async () => {
  const { run, root } = await bench();
  const cmd = 'echo up; printf %s%s do wn >&2; echo $$ > pid; sleep 60 & wait';
  expect((await run('run_background_job', { cmd })).output).toMatch(/^Started job_1\./);
  const text = await seen(() => run('view_background_job', { job_id: 'job_1' }), 'down');
  expect(text).toBe(`job_1: running: ${cmd}\nup\ndown`);
  expect((await run('list_background_jobs', {})).output).toBe(`job_1: running: ${cmd}`);
  await expect.poll(() => readFileSync(join(root, 'pid'), 'utf8')).toMatch(/\d\n/);
  const pid = Number(readFileSync(join(root, 'pid'), 'utf8'));
  expect(await run('stop_background_job', { job_id: 'job_1' })).toEqual({
    output: 'Stopped job_1 and all that it had started.',
  });
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  expect((await run('view_background_job', { job_id: 'job_1' })).output).toContain('stopped by');
  expect((await run('stop_background_job', { job_id: 'job_1' })).output).toMatch(/^job_1 is not running/);
});

test('a job that ended says with what, and its output is still there', async () => {
  const { run } = await bench();
  await run('run_background_job', { cmd: 'echo done; exit 3', cwd: '.' });
  const text = await seen(() => run('view_background_job', { job_id: 'job_1' }), 'exit code 3');
  expect(text).toBe('job_1: ended with exit code 3: echo done; exit 3\ndone');
  await run('run_background_job', { cmd: 'kill -9 $$' });
  await seen(() => run('view_background_job', { job_id: 'job_2' }), 'ended by the signal SIGKILL');
});

test('a job is found again by another process, running and then ended', async () => {
  const here = await bench();
  await here.run('run_background_job', { cmd: 'echo first; until [ -e go ]; do sleep 0.02; done; exit 7' });
  await seen(() => here.run('view_background_job', { job_id: 'job_1' }), 'first');
  await here.workspace.close();
  const workspace = await reopened(here);
  const view = () => here.run('view_background_job', { job_id: 'job_1' }, { workspace });
  expect((await view()).output).toContain('job_1: running');
  await workspace.writeFile('go', new Uint8Array());
  expect(await seen(view, 'exit code 7')).toContain('\nfirst');
  await workspace.close();
  const later = await reopened(here);
  const last = await here.run('view_background_job', { job_id: 'job_1' }, { workspace: later });
  expect(last.output).toContain('ended with exit code 7');
});

test('a cut start is found by its command id and not started twice; what nobody knows stays unknown', async () => {
  const { tool, context, root } = await bench();
  const args = { cmd: 'echo x >> count; sleep 60' };
  const cut = context({ command_id: 'cut' });
  await tool('run_background_job').execute(args, {
    ...cut,
    state: { read: () => undefined, write: () => {} },
  });
  const found = await tool('run_background_job').recover?.(args, cut);
  expect(found?.output).toMatch(/^\[Recovered: .*\]\nStarted job_1\./s);
  await expect.poll(() => readFileSync(join(root, 'count'), 'utf8')).toBe('x\n');
  expect(
    (await tool('stop_background_job').execute({ job_id: 'job_1' }, context())).is_error,
  ).toBeUndefined();
  expect(readFileSync(join(root, 'count'), 'utf8')).toBe('x\n');
  expect(await tool('run_background_job').recover?.(args, context({ command_id: 'none' }))).toBeUndefined();
});

test('20 jobs run at a time, and the next one is refused with words', async () => {
  const { run, context } = await bench();
  await run('run_background_job', { cmd: 'sleep 60' }, { command_id: 'one' });
  // Twenty that run, for all that state and runner say.
  const { state } = context();
  for (let index = 2; index <= 20; index += 1) {
    state.write(`job_${index}`, { job_id: `job_${index}`, command_id: 'one', cmd: 'sleep 60' });
  }
  state.write('jobs', 20);
  const more = await run('run_background_job', { cmd: 'sleep 60' });
  expect(more.is_error).toBe(true);
  expect(more.output).toMatch(
    /^The job was not started: 20 are running, which is the limit \(job_1, job_2, /,
  );
  await run('stop_background_job', { job_id: 'job_5' });
  expect((await run('run_background_job', { cmd: 'true' })).output).toContain('Started job_21.');
});

test('a job that floods keeps its newest 10 MB, and a view is cut with words', async () => {
  const { run, workspace } = await bench();
  await run(
    'run_background_job',
    { cmd: 'head -c 40000000 /dev/zero | tr "\\0" "x"; echo; echo last' },
    {
      command_id: 'flood',
    },
  );
  const text = await seen(() => run('view_background_job', { job_id: 'job_1' }), 'exit code 0');
  expect(text.length).toBeLessThan(30_400);
  expect(text).toContain('bytes of older output are gone');
  expect(text).toMatch(/characters of output are left out/);
  expect(text.endsWith('\nlast')).toBe(true);
  const kept = await workspace.outputSoFar('flood', 100_000_000);
  expect(kept?.stdout.length).toBeLessThanOrEqual(10 * 1024 * 1024 + 100);
});

test('an unknown job, an escaping folder and a missing line are said', async () => {
  const { run } = await bench();
  const view = await run('view_background_job', { job_id: 'job_9' });
  expect(view).toEqual({ output: 'There is no background job job_9. There are none.', is_error: true });
  expect((await run('list_background_jobs', {})).output).toBe('There are no background jobs.');
  expect((await run('run_background_job', { cmd: 'true', cwd: '../..' })).is_error).toBe(true);
  expect((await run('run_background_job', {})).output).toContain('do not fit');
});
