import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

const SSHD = '/usr/sbin/sshd';

/** Said in the summary where there is none. */
export const hasSshd = spawnSync(SSHD, ['-V']).error === undefined;

export interface Sshd {
  /** `user@127.0.0.1:port`. */
  target: string;
  /** With this PATH, `ssh` knows the server and has a key for it. */
  path: string;
  /** The same, with a key that the server does not know. */
  stranger: string;
  /** What logged-in users find in XDG_RUNTIME_DIR. */
  runtime: string;
}

/** A real sshd on loopback with a host key of its own; it ends with the test. */
export async function startSshd(root: string): Promise<Sshd> {
  const folder = join(root, 'sshd');
  const runtime = join(folder, 'runtime');
  await mkdir(join(runtime, 'yonder'), { recursive: true, mode: 0o700 });
  await chmod(join(runtime, 'yonder'), 0o700);
  const file = (name: string): string => join(folder, name);
  for (const name of ['host', 'key', 'other'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file(name)]);
  const port = await freePort();
  const user = userInfo().username;
  const [hostKey, key] = ['host.pub', 'key.pub'].map((name) =>
    execFileSync('cat', [file(name)], { encoding: 'utf8' }),
  );
  await writeFile(file('known'), `[127.0.0.1]:${port} ${hostKey}`);
  await writeFile(file('authorized'), key ?? '');
  await writeFile(
    file('sshd_config'),
    [
      `ListenAddress 127.0.0.1:${port}`,
      `HostKey ${file('host')}`,
      `AuthorizedKeysFile ${file('authorized')}`,
      `PidFile none`,
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication yes',
      'PermitRootLogin yes',
      `SetEnv XDG_RUNTIME_DIR=${runtime} XDG_STATE_HOME=${join(folder, 'state')}`,
      '',
    ].join('\n'),
  );
  // Without it sshd of root does not start; installing the package makes it only with the service.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  const sshd = spawn(SSHD, ['-D', '-e', '-f', file('sshd_config')], { stdio: ['ignore', 'ignore', 'pipe'] });
  onTestFinished(async () => {
    sshd.kill('SIGTERM');
    if (sshd.exitCode === null) await once(sshd, 'close');
  });
  let said = '';
  while (!said.includes('Server listening')) {
    const [chunk] = (await Promise.race([once(sshd.stderr, 'data'), once(sshd, 'close')])) as [unknown];
    if (sshd.exitCode !== null) throw new Error(`sshd: ${said}`);
    said += String(chunk);
  }
  const pathWith = async (identity: string): Promise<string> => {
    const bin = file(`bin-${identity}`);
    await mkdir(bin);
    const options = [
      ['IdentityFile', file(identity)],
      ['IdentitiesOnly', 'yes'],
      ['UserKnownHostsFile', file('known')],
      ['StrictHostKeyChecking', 'yes'],
    ].map(([name, value]) => `-o ${name}=${value}`);
    await writeFile(join(bin, 'ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F none ${options.join(' ')} "$@"\n`, {
      mode: 0o755,
    });
    return `${bin}:${process.env['PATH'] ?? '/usr/bin:/bin'}`;
  };
  return {
    target: `${user}@127.0.0.1:${port}`,
    path: await pathWith('key'),
    stranger: await pathWith('other'),
    runtime,
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
