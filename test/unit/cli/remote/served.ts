import { mkdtempSync, rmSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { start } from '../../../../src/cli/start.ts';
import { scriptCassette } from '../../../../src/testing/model-server/script-cassette.ts';
import type { ScriptedTurn } from '../../../../src/testing/model-server/script.ts';
import { memoryIo, type MemoryIo } from '../streams.ts';

export const TOKEN = 'the-token';

/** What a command came to. */
export interface Came {
  exit: number;
  out: string;
  err: string;
}

/** Folders of a person and of a server on one machine, and commands in them, in this process. */
export interface Two {
  /** The person's folder, and the server's. */
  here: string;
  there: string;
  root: string;
  write(name: string, text: string): Promise<string>;
  /** A command of the person. */
  yonder(words: readonly string[], env?: Record<string, string>): Promise<Came>;
  /** Starts `serve api` in the server's folder; its address. It ends with the test. */
  serve(listen?: string, words?: readonly string[]): Promise<string>;
  /** Ends the server. */
  stop(): Promise<void>;
}

export async function two(): Promise<Two> {
  const root = mkdtempSync(join(tmpdir(), 'yonder-two-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const [here, there, home] = [join(root, 'here'), join(root, 'there'), join(root, 'home')];
  for (const folder of [here, there, home]) await mkdir(folder);
  const envOf = (who: string, env: Record<string, string>): Record<string, string> => ({
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    XDG_CONFIG_HOME: join(root, who, 'config'),
    XDG_DATA_HOME: join(root, who, 'data'),
    XDG_CACHE_HOME: join(root, who, 'cache'),
    XDG_STATE_HOME: join(root, who, 'state'),
    ...env,
  });
  let server: { io: MemoryIo; ended: Promise<number> } | undefined;
  const place: Two = {
    here,
    there,
    root,
    async write(name, text) {
      const path = join(here, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
      return path;
    },
    async yonder(words, env = {}) {
      const io = memoryIo({ cwd: here, home, env: envOf('person', env) });
      io.stdin.push(null);
      const exit = await start(words, io);
      return { exit, out: io.out(), err: io.err() };
    },
    async serve(listen = '127.0.0.1:0', words = []) {
      const io = memoryIo({ cwd: there, home, env: envOf('server', {}) });
      const ended = start(['serve', 'api', '--listen', listen, '--auth-token', TOKEN, ...words], io);
      server = { io, ended };
      onTestFinished(() => place.stop());
      await expect
        .poll(() => io.out() + io.err(), { timeout: 20_000, interval: 10 })
        .toMatch(/listening on \S+;|yonder: /);
      const [, address] = /listening on (\S+?);/.exec(io.out()) ?? [];
      if (address === undefined) throw new Error(io.err());
      return address;
    },
    async stop() {
      const last = server;
      server = undefined;
      if (last === undefined) return;
      process.emit('SIGTERM', 'SIGTERM');
      await last.ended;
    },
  };
  return place;
}

/** A folder in which a socket may be. */
export async function socketFolder(place: Two): Promise<string> {
  const folder = join(place.root, 'run');
  await mkdir(folder, { mode: 0o700 });
  await chmod(folder, 0o700);
  return folder;
}

/** Writes `team.yaml` and `tape.yaml` of these turns; words that play them. */
export async function played(
  place: Two,
  turns: readonly ScriptedTurn[],
  more: { toolsets?: string[]; extra?: string } = {},
): Promise<string[]> {
  const toolsets = (more.toolsets ?? []).map((type) => `      - type: ${type}`);
  await place.write(
    'team.yaml',
    [
      'agents:',
      '  root:',
      '    model: openai/gpt-4o',
      '    description: works',
      '    instruction: Do what you are asked.',
      ...(toolsets.length === 0 ? [] : ['    toolsets:', ...toolsets]),
      ...(more.extra === undefined ? [] : [more.extra]),
      '',
    ].join('\n'),
  );
  await place.write('tape.yaml', scriptCassette(turns, { api: 'openai_chatcompletions', model: 'gpt-4o' }));
  return ['run', 'team.yaml', '--exec', '--fake', 'tape.yaml'];
}
