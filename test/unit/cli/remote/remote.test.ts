import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { chmod, readdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startModelServer } from '../../../../src/testing/model-server/server.ts';
import { played, socketFolder, TOKEN, two } from './served.ts';

vi.setConfig({ testTimeout: 60_000 });

test('names are kept with their tokens, which are shown never again', async () => {
  const { yonder, root, write } = await two();
  await write('token', `${TOKEN}\n`);
  const added = await yonder(['remote', 'add', 'lab', 'http://127.0.0.1:9', '--token-file', 'token']);
  expect(added).toMatchObject({ exit: 0, out: '' });
  expect((await yonder(['remote', 'add', 'lab', 'unix:///a/b'])).err).toContain('lab is now unix:///a/b');
  await yonder(['remote', 'add', 'other', 'http://127.0.0.1:9', '--token', TOKEN]);
  const listed = await yonder(['remote', 'list']);
  expect(listed.out).toBe('lab  unix:///a/b\nother  http://127.0.0.1:9  (with a token)\n');
  expect((await yonder(['remote', '--json'])).out).toBe(
    '{"name":"lab","url":"unix:///a/b","token":false}\n{"name":"other","url":"http://127.0.0.1:9","token":true}\n',
  );
  const file = join(root, 'person', 'config', 'yonder', 'remotes.json');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  for (const { out, err } of [added, listed]) expect(out + err).not.toContain(TOKEN);
  await chmod(file, 0o644);
  expect(await yonder(['remote', 'list'])).toMatchObject({
    exit: 2,
    err: expect.stringContaining('chmod go-rwx'),
  });
  await chmod(file, 0o600);
  expect((await yonder(['remote', 'remove', 'lab'])).exit).toBe(0);
  expect(await yonder(['remote', 'remove', 'lab'])).toMatchObject({ exit: 2 });
  writeFileSync(file, '{"x": 7}');
  expect(await yonder(['remote', 'list'])).toMatchObject({
    exit: 2,
    err: expect.stringContaining('is not a list of remote servers'),
  });
});

/** What is refused before any contact: with exit 2, and words that say why. */
test.each([
  ['run --remote http://127.0.0.1:1 --session-db x hi', '--session-db and --remote cannot stand together'],
  ['run --remote http://127.0.0.1:1 --data-dir x hi', '--data-dir and --remote cannot stand together'],
  ['run --remote http://127.0.0.1:1 --cache-dir x hi', '--cache-dir and --remote cannot stand together'],
  [
    'sessions list --remote http://127.0.0.1:1 --session-db x',
    '--session-db and --remote cannot stand together',
  ],
  ['models --remote http://127.0.0.1:1 --data-dir x', '--data-dir and --remote cannot stand together'],
  [
    'run --remote http://127.0.0.1:1 --working-dir sub hi',
    'it is a folder on 127.0.0.1, so write it absolute',
  ],
  ['run --remote http://127.0.0.1:1 --add-dir sub hi', '--add-dir sub: with --remote it is a folder on'],
  ['run --remote http://127.0.0.1:1 --read-dir sub hi', '--read-dir sub: with --remote it is a folder on'],
  [
    'run --remote http://203.0.113.9 --env-from-file .env hi',
    '--env-from-file: its values would travel unencrypted',
  ],
  ['run --remote nobody hi', 'there is no server of that name (none is kept)'],
  ['run --remote http://me:secret@127.0.0.1:1 hi', 'does not stand in an address'],
  ['run --remote http://127.0.0.1:1/?token=x hi', 'an address has no ? and no #'],
  ['run --remote http://127.0.0.1:1/api hi', 'an address ends with its port'],
  ['run --remote ftp://127.0.0.1 hi', 'ftp:// is not known'],
  ['run --remote unix://run/x hi', "write the socket's absolute path"],
  ['run --remote ssh://-oProxyCommand=x hi', 'write ssh://[user@]host'],
  ['run --remote http:// hi', 'is no address'],
  ['run --token x hi', '--token is for a server: say which with --remote'],
  [
    'run --remote http://127.0.0.1:1 --token x --token-file y hi',
    '--token and --token-file cannot stand together',
  ],
  ['run --remote http://127.0.0.1:1 --token-file none hi', 'cannot be read (ENOENT)'],
  ['run --remote http://127.0.0.1:1 --token-file empty hi', 'holds no token'],
  ['run --remote http://127.0.0.1:1 --dry-run broken.yaml', 'broken.yaml'],
])('%s', async (line, words) => {
  const { yonder, write } = await two();
  await write('.env', 'A=b\n');
  await write('empty', '\n');
  await write('broken.yaml', 'agents: {root: {model: openai/gpt-4o, instrction: x}}\n');
  const came = await yonder(line.split(' '));
  expect(came).toMatchObject({ exit: 2, out: '' });
  expect(came.err).toContain(words);
  expect(came.err).not.toContain('secret');
});

test('the whole way: over a socket, by a name, with files here and work there', async () => {
  const place = await two();
  const folder = await socketFolder(place);
  const address = await place.serve(`unix://${folder}/api.sock`);
  await place.yonder(['remote', 'add', 'lab', address, '--token', TOKEN]);
  const words = await played(
    place,
    [
      { tool_calls: [{ name: 'write_file', arguments: { path: 'made.txt', content: 'yonder' } }] },
      { text: 'Made.' },
    ],
    { toolsets: ['filesystem'] },
  );
  await place.write('notes.md', 'Be brief.');
  const all = [...words, '--remote', 'lab'];
  const ran = await place.yonder([
    ...all,
    '--accept-edits',
    '--prompt-file',
    'notes.md',
    '--attach',
    'notes.md',
    '-o',
    'answer.md',
    'go',
  ]);
  expect(ran.err).toContain('attached: notes.md');
  expect(ran).toMatchObject({ exit: 0, out: 'Made.\n' });
  expect(readFileSync(join(place.there, 'made.txt'), 'utf8')).toBe('yonder');
  expect(existsSync(join(place.here, 'made.txt'))).toBe(false);
  expect(readFileSync(join(place.here, 'answer.md'), 'utf8').trim()).toBe('Made.');
  const [, id = ''] = /go on: yonder run --remote lab --session (\S+)/.exec(ran.err) ?? [];
  expect(id).not.toBe('');

  const remote = ['--remote', 'lab'];
  expect(await place.yonder(['sessions', 'list', '--here', ...remote])).toMatchObject({
    exit: 0,
    out: expect.stringMatching(new RegExp(`on localhost\\n +${id} .*\\n +in localhost:${place.there}\\n`)),
  });
  expect((await place.yonder(['sessions', ...remote])).out).toContain(id);
  expect((await place.yonder(['sessions', 'show', id, ...remote])).out).toContain('Made.');
  expect((await place.yonder(['sessions', 'search', 'yonder', ...remote])).exit).toBe(0);
  expect((await place.yonder(['sessions', 'title', id, 'A', 'name', ...remote])).exit).toBe(0);
  expect((await place.yonder(['sessions', 'star', id, ...remote])).exit).toBe(0);
  expect((await place.yonder(['sessions', 'log', id, ...remote])).out).toContain('stream_stopped');
  await place.yonder(['sessions', 'export', id, '-o', 'out.md', ...remote]);
  expect(readFileSync(join(place.here, 'out.md'), 'utf8')).toContain('Made.');
  const forked = await place.yonder(['sessions', 'fork', id, ...remote]);
  expect(forked.err).toContain(`go on: yonder run --remote lab --session ${forked.out.trim()}`);
  expect(forked.err).toContain(`the same folder, localhost:${place.there}`);
  expect((await place.yonder(['sessions', 'delete', forked.out.trim(), ...remote])).exit).toBe(0);
  expect(await place.yonder(['sessions', 'show', 'nobody', ...remote])).toMatchObject({
    exit: 2,
    err: expect.stringContaining('list them with: yonder sessions list --remote lab'),
  });
  const looked = await place.yonder(['run', '--continue', '--session-read-only', ...remote]);
  expect(looked).toMatchObject({ exit: 0, out: expect.stringContaining('Made.') });
  expect((await place.yonder(['models', 'gpt-4o', ...remote])).out).toContain('openai/gpt-4o');
  const checked = await place.yonder(['doctor', '--json', ...remote]);
  expect(checked.exit).toBe(0);
  expect(checked.out).toContain(join(place.root, 'server', 'data', 'yonder', 'server.db'));

  // Nothing of it is kept on the person's side.
  expect(existsSync(join(place.root, 'person', 'data', 'yonder', 'session.db'))).toBe(false);
});

test('--dry-run there leaves nothing, --continue finds the session of the folder there', async () => {
  const place = await two();
  const address = await place.serve();
  const env = { YONDER_TOKEN: TOKEN };
  const remote = ['--remote', address];
  const words = await played(place, [{ text: 'One.' }, { text: 'Two.' }]);
  mkdirSync(join(place.there, 'sub'));
  const dry = await place.yonder(['run', 'team.yaml', '--dry-run', ...remote], env);
  expect(dry).toMatchObject({ exit: 0, out: expect.stringMatching(/^agent root \(begins\): works\n/) });
  expect((await place.yonder(['sessions', ...remote], env)).err).toContain('no sessions yet');
  const first = await place.yonder([...words, ...remote, 'one'], env);
  expect(first).toMatchObject({ exit: 0, out: 'One.\n' });
  const again = await place.yonder(
    ['run', '--exec', '--continue', '--fake', 'tape.yaml', ...remote, 'two'],
    env,
  );
  expect(again.err).toContain(`in 127.0.0.1:${place.there}, safety`);
  const events = await place.yonder([...words, '--json', ...remote, 'three'], env);
  expect(
    events.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).type),
  ).toContain('stream_stopped');
  const other = await place.yonder(
    [...words, '--working-dir', join(place.there, 'sub'), '--json', ...remote, 'three'],
    env,
  );
  expect(other.exit).toBe(0);
  expect(await place.yonder([...words, '--working-dir', '/none/such', ...remote, 'x'], env)).toMatchObject({
    exit: 3,
    err: expect.stringContaining('/none/such'),
  });
  expect(await readdir(place.here)).toEqual(['tape.yaml', 'team.yaml']);
});

test('--record brings its file here, values of --env-from-file are sent and not kept', async () => {
  const place = await two();
  const model = await startModelServer([{ text: 'Recorded.' }]);
  onTestFinished(() => model.close());
  const address = await place.serve();
  const team = [
    'providers: {mine: {base_url: "' + model.url + '", token_key: MY_OWN_KEY}}',
    'agents: {root: {model: mine/scripted, description: works, instruction: Do it.}}',
  ].join('\n');
  await place.write('team.yaml', team);
  await place.write('keys.env', 'MY_OWN_KEY=value-of-my-key\n');
  const words = ['run', 'team.yaml', '--exec', '--remote', address, '--record=new.yaml', '--env-from-file'];
  const ran = await place.yonder([...words, 'keys.env', 'go'], { YONDER_TOKEN: TOKEN });
  expect(ran.err).toContain('new.yaml');
  expect(ran).toMatchObject({ exit: 0, out: 'Recorded.\n' });
  expect(readFileSync(join(place.here, 'new.yaml'), 'utf8')).toContain('Recorded.');
  const stored = join(place.root, 'server', 'data', 'yonder');
  for (const name of await readdir(stored, { recursive: true }))
    if (statSync(join(stored, name)).isFile())
      expect(readFileSync(join(stored, name), 'latin1')).not.toContain('value-of-my-key');
});

test('who is not there, or is no server of ours, is said with exit 4', async () => {
  const place = await two();
  const page = createServer((_, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Sign in</h1>'),
  );
  await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void page.close());
  const bound = page.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  const address = await place.serve();
  const folder = await socketFolder(place);
  writeFileSync(join(folder, 'file'), '');
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
  const free = closed.address();
  const nobody = typeof free === 'object' && free !== null ? free.port : 0;
  await new Promise((resolve) => closed.close(resolve));
  const secure = await selfSigned(place.root);
  const rows: [string, string, number, Record<string, string>?][] = [
    [secure, 'its certificate is not trusted here; name its authority in NODE_EXTRA_CA_CERTS', 4],
    ['http://127.0.0.1:1', 'cannot be reached (bad port)', 4],
    [`http://127.0.0.1:${nobody}`, 'nobody listens there (ECONNREFUSED)', 4],
    ['http://yonder.invalid', 'its name', 4],
    [`http://127.0.0.1:${port}`, 'answered a web page that is not what a Yonder server says', 4],
    [address.replace('http:', 'https:'), 'it does not speak TLS', 4],
    [address, 'wants a token: give it with --token-file', 4],
    [address, 'does not take this token', 4, { YONDER_TOKEN: 'wrong' }],
    [`unix://${folder}/none`, 'there is no server at', 4],
    [`unix://${folder}/file`, 'is not a socket', 2],
  ];
  for (const [url, words, exit, env] of rows) {
    const came = await place.yonder(['sessions', 'list', '--remote', url], env);
    expect({ ...came, url }).toMatchObject({ exit, out: '', url, err: expect.stringContaining(words) });
  }
});

/** A server of TLS whose certificate nobody vouches for; its URL. */
async function selfSigned(root: string): Promise<string> {
  const [key, cert] = [join(root, 'key.pem'), join(root, 'cert.pem')];
  const words = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost';
  execFileSync('openssl', [...words.split(' '), '-keyout', key, '-out', cert], { stdio: 'ignore' });
  const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const bound = server.address();
  return `https://127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`;
}

test('a socket that others can reach, or put there, is not spoken to', async () => {
  const place = await two();
  const folder = await socketFolder(place);
  const address = await place.serve(`unix://${folder}/api.sock`);
  const list = ['sessions', 'list', '--remote', address, '--token', TOKEN];
  expect((await place.yonder(list)).exit).toBe(0);
  await chmod(folder, 0o755);
  expect(await place.yonder(list)).toMatchObject({
    exit: 3,
    err: expect.stringContaining('is open to others (0755)'),
  });
  await chmod(folder, 0o700);
  await chmod(join(folder, 'api.sock'), 0o666);
  expect(await place.yonder(list)).toMatchObject({ exit: 3, err: expect.stringContaining('chmod 600') });
});

test('files that the team names travel with it, but none that may hold secrets', async () => {
  const place = await two();
  const address = await place.serve();
  const env = { YONDER_TOKEN: TOKEN };
  const files = '    add_prompt_files: [style.md, there.md, nowhere.md]';
  const words = await played(place, [{ text: 'Done.' }], { extra: files });
  await place.write('style.md', 'Write like a pirate.');
  await place.write('there.md', 'From here.');
  writeFileSync(join(place.there, 'there.md'), 'From there.');
  const ran = await place.yonder([...words, '--remote', address, '--json', '--record=new.yaml', 'go'], env);
  expect(ran.exit).toBe(2);
  const played_ = await place.yonder([...words, '--remote', address, '--json', 'go'], env);
  expect(played_.exit).toBe(0);
  expect(played_.out).toContain('nowhere.md');
  expect(played_.out).not.toContain('prompt file style.md');
  await played(place, [], { extra: '    add_prompt_files: [.env]' });
  await place.write('.env', 'KEY=1');
  expect(await place.yonder([...words, '--remote', address, 'go'], env)).toMatchObject({
    exit: 3,
    err: expect.stringContaining('add_prompt_files names .env, which may hold secrets'),
  });
});

test('a team of the server is named by its name, and needs none where it is the only one', async () => {
  const place = await two();
  const words = await played(place, [{ text: 'Reviewed.' }]);
  const file = await place.write('review.yaml', readFileSync(join(place.here, 'team.yaml'), 'utf8'));
  const tape = ['--exec', '--fake', 'tape.yaml', '--json'];
  const address = await place.serve('127.0.0.1:0', [file]);
  const env = { YONDER_TOKEN: TOKEN };
  rmSync(file);
  const run = ['run', '--remote', address];
  const teams = async (more: string[]): Promise<string> => {
    const came = await place.yonder([...run, ...more], env);
    expect(came.exit).toBe(0);
    return came.out.split('\n').find((line) => line.includes('"user_message"')) ?? '';
  };
  expect(await teams([...tape, 'review', 'look at it'])).toContain('"look at it"');
  expect(await teams([...tape, 'look at it'])).toContain('"look at it"');
  expect(await teams([...tape, 'look'])).toContain('"look"');
  const named = await place.yonder([...run, '--dry-run'], env);
  expect(named.out).toContain('agent root (begins): works');
  expect(words[0]).toBe('run');
});
