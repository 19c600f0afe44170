import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { blocksOf, commandsOf, type PageCommand } from './blocks.ts';

const root = path.resolve(import.meta.dirname, '../../..');

export interface RanCommand extends PageCommand {
  code: number;
  output: string;
}

/**
 * Runs every `sh` block of a page from its first line to its last in a folder of its own, which has examples/ in it and the files that
 * the page shows. No key, no network (every proxy is a closed port), no terminal; `cd` holds from line to line. The port that servers have by
 * themselves becomes one that is free.
 */
export async function runPage(text: string): Promise<RanCommand[]> {
  const page = text.replaceAll(`127.0.0.1:${OWN_PORT}`, `127.0.0.1:${await freePort()}`);
  const scratch = mkdtempSync(path.join(tmpdir(), 'yonder-page-'));
  try {
    const env = place(scratch);
    let folder = path.join(scratch, 'work');
    const ran: RanCommand[] = [];
    for (const block of blocksOf(page)) {
      if (block.kind === 'file') writeFileSync(path.join(folder, block.word), `${block.text}\n`);
      if (block.kind !== 'run') continue;
      for (const command of commandsOf(block)) {
        const { code, output } = await shell(command.text, folder, env, scratch);
        ran.push({ ...command, code, output });
        folder = readFileSync(path.join(scratch, 'pwd'), 'utf8').trim();
      }
    }
    return ran;
  } finally {
    // A server that was told to end may still be closing its store.
    rmSync(scratch, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

const OWN_PORT = 8080;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : OWN_PORT;
}

function place(scratch: string): Record<string, string> {
  for (const name of ['work', 'home', 'bin']) mkdirSync(path.join(scratch, name));
  cpSync(path.join(root, 'examples'), path.join(scratch, 'work/examples'), { recursive: true });
  symlinkSync(path.join(root, 'bin/yonder.js'), path.join(scratch, 'bin/yonder'));
  const closed = 'http://127.0.0.1:9';
  return {
    PATH: [path.join(scratch, 'bin'), path.dirname(process.execPath), '/usr/local/bin:/usr/bin:/bin'].join(
      ':',
    ),
    HOME: path.join(scratch, 'home'),
    TMPDIR: scratch,
    XDG_CONFIG_HOME: path.join(scratch, 'home/config'),
    XDG_DATA_HOME: path.join(scratch, 'home/data'),
    XDG_STATE_HOME: path.join(scratch, 'home/state'),
    // Compiled code is shared between the pages, as it is between the commands of a person.
    XDG_CACHE_HOME: path.join(tmpdir(), 'yonder-pages-cache'),
    HTTP_PROXY: closed,
    HTTPS_PROXY: closed,
    LANG: 'C.UTF-8',
  };
}

/** A command that takes longer is ended with all that it started, and counts as failed. */
const PATIENCE_MS = 100_000;

async function shell(
  text: string,
  cwd: string,
  env: Record<string, string>,
  scratch: string,
): Promise<{ code: number; output: string }> {
  const line = `${text}\ncode=$?\npwd > '${scratch}/pwd'\nexit $code`;
  const child = spawn('/bin/sh', ['-c', line], {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('/bin/sh could not be started');
  const timer = setTimeout(() => process.kill(-pid, 'SIGKILL'), PATIENCE_MS);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  }
  const [code] = await once(child, 'close');
  clearTimeout(timer);
  return { code: typeof code === 'number' ? code : -1, output };
}
