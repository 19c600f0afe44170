import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Snapshots } from '../../../src/runtime/snapshots/snapshots.ts';

let base: string;
let folder: string;
let clock: Date;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'yonder-snapshots-'));
  folder = join(base, 'work');
  mkdirSync(folder);
  clock = new Date();
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const sh = (script: string, cwd = folder): string =>
  execFileSync('/bin/sh', ['-c', script], { cwd, encoding: 'utf8' });
const made = (root = join(base, 'data')): Snapshots =>
  new Snapshots({ root, env: process.env, own_folders: [root], now: () => clock });
const place = (session_id = 'session-a') => ({ session_id, folder });
const begin = async (): Promise<void> => undefined;

/** Everything of the folder but other people's git: kinds, modes, links, bytes. */
const listing = (cwd = folder): string =>
  sh(
    `find . -name .git -prune -o -printf '%p %y %m %l\n' | sort; find . -name .git -prune -o -type f -print0 | sort -z | xargs -0 -r sha1sum`,
    cwd,
  );

/** Takes a turn and takes it back. */
async function thereAndBack(script: string, snapshots = made()): Promise<void> {
  const before = await snapshots.open(place());
  sh(script);
  const { changes } = await snapshots.close(place(), before, false);
  await snapshots.restore(place(), { turns: [changes], begin });
}

const GROUND = `mkdir -p a/b emptyd full nested; echo x > a/b/f; printf '*.log\\nign/\\n' > .gitignore
  echo s > secret; chmod 600 secret; (cd nested && git init -q && echo k > k); printf 'a\\r\\nb\\r\\n' > crlf.txt
  echo '*.txt text eol=lf ident filter=bad working-tree-encoding=UTF-16' > .gitattributes; ln -s /etc/passwd lnk
  echo r > run; chmod 755 run; echo d > full/d; mkfifo fifo; printf 'odd' > "$(printf 'sp ace\\nnew line')"`;

test.each([
  [
    'folders become links, files become folders, and back',
    'rm -r a; ln -s emptyd a; rm lnk; mkdir lnk; echo z > lnk/z; rm -r full; echo d > full',
  ],
  ['bytes whose ends and encoding attributes would change', 'echo q >> crlf.txt'],
  ['bits of a mode that git does not keep', 'chmod 644 secret; chmod 700 run'],
  [
    'new files in new and in empty folders',
    'mkdir -p deep/er/est deep/e2; echo q > deep/er/q; echo h > emptyd/h',
  ],
  ['a repository inside the folder', 'echo n > nested/n; echo kk > nested/k'],
  ['everything gone', 'rm -rf a emptyd full secret crlf.txt lnk run sp*'],
  ['the ignore file itself', `echo '*' >> .gitignore; echo new > hidden; rm hidden`],
])('%s', async (_, script) => {
  sh(GROUND);
  const before = listing();
  await thereAndBack(script);
  expect(listing()).toBe(before);
});

test("the user's repository, index, configuration and hooks are not touched", async () => {
  sh(`git init -q . && git config filter.bad.clean 'touch ${base}/ran' && git config core.autocrlf true && git config core.fsmonitor '${base}/monitor'
    for h in pre-commit post-index-change post-checkout reference-transaction; do printf '#!/bin/sh\\ntouch ${base}/ran' > .git/hooks/$h; chmod +x .git/hooks/$h; done
    ${GROUND.replace('chmod 600 secret;', 'chmod 600 secret; git add a;')}`);
  rmSync(join(base, 'ran'), { force: true }); // by the git above
  const state = (): string =>
    sh(`find .git -type f -exec sha1sum {} + | sort; find .git -printf '%p %T@\n' | sort`);
  const before = state();
  await thereAndBack('echo 1 > a/b/f; echo n > new; rm crlf.txt');
  expect(state()).toBe(before);
  expect(readdirSync(base)).not.toContain('ran');
});

test('ignore rules of a folder above, and of the repository, count in a folder below', async () => {
  sh(`git init -q . && mkdir sub && echo '*.top' > .gitignore && echo '*.own' > .git/info/exclude`);
  folder = join(folder, 'sub');
  const snapshots = made();
  const before = await snapshots.open(place());
  sh('touch a.top b.own c.seen; echo outside > ../d');
  const { changes } = await snapshots.close(place(), before, false);
  expect(changes.changes.map(({ path }) => path)).toEqual(['c.seen']);
});

test('a folder that its repository ignores is taken by itself', async () => {
  sh(`git init -q . && mkdir build && echo 'build/' > .gitignore`);
  folder = join(folder, 'build');
  await thereAndBack('echo x > x');
  expect(readdirSync(folder)).toEqual([]);
});

test('a link put in place of a folder leads no restore out of the workspace', async () => {
  sh(`mkdir d && echo mine > d/f && mkdir ${base}/outside`);
  const snapshots = made();
  const before = await snapshots.open(place());
  sh('rm d/f');
  const { changes } = await snapshots.close(place(), before, false);
  sh(`rmdir d && ln -s ${base}/outside d`);
  await expect(snapshots.restore(place(), { turns: [changes], begin })).rejects.toMatchObject({
    code: 'conflict',
    details: { paths: ['d/f'] },
  });
  expect(readdirSync(join(base, 'outside'))).toEqual([]);
});

test('a full disk is a fault in words, and what was kept before stays whole', async (context) => {
  const root = join(base, 'small');
  mkdirSync(root);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', root], { stdio: 'ignore' });
  } catch {
    context.skip('needs the right to mount a small file system');
  }
  try {
    const snapshots = made(root);
    sh('echo small > small');
    const before = await snapshots.open(place());
    sh('echo changed > small');
    const turn = await snapshots.close(place(), before, false);
    sh('head -c 1500000 /dev/urandom > large');
    await expect(snapshots.open(place())).rejects.toMatchObject({
      message: expect.stringMatching(/No space left/),
    });
    rmSync(join(folder, 'large'));
    await snapshots.restore(place(), { turns: [turn.changes], begin });
    expect(readFileSync(join(folder, 'small'), 'utf8')).toBe('small\n');
  } finally {
    execFileSync('umount', ['-l', root]);
  }
});

test('snapshots are gone after 7 days, and with their session', async () => {
  const snapshots = made();
  sh('echo 1 > f');
  const before = await snapshots.open(place());
  sh('echo 2 > f');
  const { changes } = await snapshots.close(place(), before, false);
  const [home = ''] = readdirSync(join(base, 'data'));
  const references = join(base, 'data', home, 'git/refs/yonder');
  const old = new Date(Date.now() - 8 * 24 * 3600 * 1000);
  for (const name of readdirSync(join(references, 'session-a')))
    utimesSync(join(references, 'session-a', name), old, old);
  utimesSync(join(base, 'data', home, 'pruned'), old, old);
  await snapshots.open(place('session-b'));
  expect(readdirSync(references)).toEqual(['session-b']);
  await expect(snapshots.restore(place(), { turns: [changes], begin })).rejects.toMatchObject({
    code: 'not_found',
  });
  await snapshots.forget('session-b');
  expect(readdirSync(join(base, 'data', home))).toEqual(['lock']);
});

test('a cut restore is carried out again to the same end', async () => {
  sh('for i in 1 2 3 4 5 6; do echo $i > f$i; done');
  const before = listing();
  const snapshots = made();
  const first = await snapshots.open(place());
  sh('for i in 1 2 3; do echo changed > f$i; done; rm f4 f5; echo new > g');
  const { changes } = await snapshots.close(place(), first, false);
  // As a killed process leaves it: some paths are back, others not yet.
  sh('echo 1 > f1; echo 4 > f4; rm g');
  await snapshots.restore(place(), { turns: [changes], begin });
  expect(listing()).toBe(before);
});

test('a git that was killed in its index leaves nothing that stops the next', async () => {
  const snapshots = made();
  sh('echo 1 > f');
  await snapshots.open(place());
  const [home = ''] = readdirSync(join(base, 'data'));
  writeFileSync(join(base, 'data', home, 'index.lock'), 'half');
  sh('echo 2 > f');
  const picture = await snapshots.open(place());
  expect(picture.tree).toMatch(/^[0-9a-f]{40}$/);
  expect(createHash('sha1').update('blob 2\u00002\n').digest('hex')).toBe(
    execFileSync('git', ['--git-dir', join(base, 'data', home, 'git'), 'rev-parse', `${picture.tree}:f`], {
      encoding: 'utf8',
    }).trim(),
  );
});
