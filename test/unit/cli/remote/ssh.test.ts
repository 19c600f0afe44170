import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { played, TOKEN, two } from './served.ts';
import { hasSshd, startSshd } from './sshd.ts';

vi.setConfig({ testTimeout: 60_000 });

/** Processes of ssh that hold a way of this test open. */
function waysOpen(target: string): string[] {
  const [, port = ''] = target.split(':');
  return execFileSync('ps', ['-eo', 'args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.startsWith('/usr/bin/ssh') && line.includes(`-p ${port}`));
}

test('a run goes through the system ssh to a socket there, and the way ends with it', async ({ skip }) => {
  skip(!hasSshd, 'there is no sshd here');
  const place = await two();
  const { target, path, stranger, runtime } = await startSshd(place.root);
  const env = { PATH: path, YONDER_TOKEN: TOKEN };
  const words = await played(place, [{ text: 'From afar.' }]);
  const remote = `ssh://${target}`;

  const none = await place.yonder(['sessions', '--remote', remote], env);
  expect(none).toMatchObject({ exit: 4, out: '' });
  expect(none.err).toContain(
    'no Yonder server listens there on a socket: neither at $XDG_RUNTIME_DIR/yonder/api.sock',
  );

  const socket = join(runtime, 'yonder', 'api.sock');
  await place.serve(`unix://${socket}`);
  const ran = await place.yonder([...words, '--remote', remote, 'go'], env);
  expect(ran.err).toMatch(new RegExp(`go on: yonder run --remote ${remote} --session `));
  expect(ran).toMatchObject({ exit: 0, out: 'From afar.\n' });
  const listed = await place.yonder(['sessions', '--remote', `${remote}${socket}`], env);
  expect(listed.out).toContain(`in 127.0.0.1:${place.there}`);
  expect(waysOpen(target)).toEqual([]);

  const password = await place.yonder(['sessions', '--remote', remote], { ...env, PATH: stranger });
  expect(password.exit).toBe(4);
  expect(password.err).toMatch(/ssh says: .*Permission denied \(.*password.*set up a key, or an agent/);
  const elsewhere = await place.yonder(['sessions', '--remote', `${remote}/none/such`], env);
  expect(elsewhere.exit).toBe(4);
  expect(elsewhere.err).toContain('no Yonder server listens at /none/such there (ssh says: ');
  const without = await place.yonder(['sessions', '--remote', remote], { ...env, PATH: '/none' });
  expect(without).toMatchObject({
    exit: 4,
    err: expect.stringContaining('there is no program ssh on this machine'),
  });
  expect(waysOpen(target)).toEqual([]);
});
