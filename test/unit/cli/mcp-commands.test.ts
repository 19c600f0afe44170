import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { listMcp } from '../../../src/cli/commands/mcp-list.ts';
import { loginMcp } from '../../../src/cli/commands/mcp-login.ts';
import { logoutMcp } from '../../../src/cli/commands/mcp-logout.ts';
import { fileSignIns } from '../../../src/config/credentials/sign-in-file.ts';
import {
  startProtectedServer,
  type ProtectedOptions,
  type ProtectedServer,
} from '../../../src/testing/mcp/protected-server.ts';
import { memoryIo, type MemoryIo } from './streams.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'yonder-mcp-'));
  // A browser whose person always agrees.
  writeFileSync(
    join(folder, 'browser'),
    `#!/bin/sh\nexec '${process.execPath}' -e 'fetch(process.argv[1]).then((r) => r.text())' "$1"\n`,
  );
  chmodSync(join(folder, 'browser'), 0o755);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const flags = () => ({ configDir: join(folder, 'config'), dataDir: join(folder, 'data') });
const file = () => join(folder, 'data', 'mcp-sign-ins.json');

function io(options: { terminal?: boolean; env?: Record<string, string> } = {}): MemoryIo {
  const env = { BROWSER: join(folder, 'browser'), ...options.env };
  return memoryIo({ cwd: folder, home: folder, ...options, env });
}

async function protectedServer(options: ProtectedOptions = {}): Promise<ProtectedServer> {
  const server = await startProtectedServer(options);
  onTestFinished(() => server.close());
  return server;
}

/** A team file with the server as `notes`, and one that is started by a command. */
function teamFile(url: string, oauth = ''): string {
  const path = join(folder, 'team.yaml');
  writeFileSync(
    path,
    [
      'agents:',
      '  root:',
      '    model: openai/gpt-4o',
      '    instruction: Hello.',
      '    toolsets:',
      '      - {type: mcp, command: notes-server}',
      `      - {type: mcp, name: notes, remote: {url: "${url}"${oauth}}}`,
      '',
    ].join('\n'),
  );
  return path;
}

async function listed(team: string): Promise<string> {
  const at = io();
  expect(await listMcp(team, flags(), at)).toBe(0);
  return at.out();
}

test('login by name of the team opens the browser and keeps the tokens, list says so, logout forgets them', async () => {
  const server = await protectedServer();
  const team = teamFile(server.url);
  const command = 'notes-server  stdio  started by a command, no sign-in\n';
  expect(await listed(team)).toBe(`${command}notes  streamable ${server.url}  not signed in\n`);
  const at = io();
  expect(await loginMcp('notes', team, flags(), at)).toBe(0);
  expect(at.out()).toBe(`signed in at ${server.url} (read)\n`);
  expect(at.err()).toContain(`Your browser opens this address:\n${server.origin}/authorize?`);
  expect(statSync(file()).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, 'data')).mode & 0o777).toBe(0o700);
  const kept = readFileSync(file(), 'utf8');
  const shown = at.out() + at.err() + (await listed(team));
  const tokens = [...server.authority.secrets].filter((secret) => kept.includes(secret));
  expect(tokens.length).toBe(2);
  expect([...server.authority.secrets].filter((secret) => shown.includes(secret))).toEqual([]);
  expect(await listed(team)).toBe(`${command}notes  streamable ${server.url}  signed in (read)\n`);
  const out = io();
  expect(await logoutMcp('notes', team, flags(), out)).toBe(0);
  expect(out.out()).toBe(`signed out of ${server.url}\n`);
  expect(tokens.filter((token) => readFileSync(file(), 'utf8').includes(token))).toEqual([]);
  const again = io();
  expect(await logoutMcp(server.url, undefined, flags(), again)).toBe(0);
  expect(again.out()).toBe(`you were not signed in at ${server.url}\n`);
});

test('an address needs no team; a pasted address is taken, another one is not', async () => {
  const server = await protectedServer();
  const at = io({ terminal: true, env: { BROWSER: 'none' } });
  const done = loginMcp(server.url, undefined, flags(), at);
  await at.shows('Open this address in your browser:\n');
  await at.shows('paste here the address that it ends on');
  const [, address = ''] = /(http:\S+authorize\S+)/.exec(at.err()) ?? [];
  const back = await server.browse(address);
  at.type('http://127.0.0.1:1/callback?code=a&state=b\r');
  await at.shows('this is not the address that the sign-in ends on');
  at.type(`${back.href}\r`);
  expect(await done).toBe(0);
  expect(await fileSignIns(file()).urls('admin')).toEqual([server.url]);
});

test('words for a server that the team does not have, a port that is taken, a file that is none', async () => {
  const server = await protectedServer();
  const team = teamFile(server.url, `, oauth: {callbackPort: ${new URL(server.url).port}}`);
  await expect(loginMcp('other', team, flags(), io())).rejects.toThrow(
    'the team team has no remote MCP server other; it has notes',
  );
  await expect(loginMcp('notes', team, flags(), io())).rejects.toThrow(
    `the port ${new URL(server.url).port}, to which the team has browsers sent back, cannot be listened on here`,
  );
  expect(existsSync(file())).toBe(false);
  writeFileSync(file(), '{"sign_ins": {"admin": 1}}', { mode: 0o600 });
  await expect(listMcp(team, flags(), io())).rejects.toThrow(
    `${file()} is no file of sign-ins; delete it, and sign in again`,
  );
  chmodSync(file(), 0o644);
  await expect(listMcp(team, flags(), io())).rejects.toThrow('holds secrets and can be read by others');
});
