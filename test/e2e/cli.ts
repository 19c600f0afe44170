import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { onTestFinished, test as base, vi } from 'vitest';
import { scriptCassette } from '../../src/testing/model-server/script-cassette.ts';
import type { ScriptedTurn } from '../../src/testing/model-server/script.ts';

/** Many processes on few cores take their time. */
vi.setConfig({ testTimeout: 180_000 });

export const BIN = join(import.meta.dirname, '..', '..', 'bin', 'yonder.js');

/** Nobody's user id: we run as root, whom no mode stops. */
export const NOBODY = 65_534;

export interface Finished {
  /** Absent when a signal ended it. */
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface StartOptions {
  /** Added to the scratch environment; undefined takes a variable away. */
  env?: Record<string, string | undefined>;
  /** Default: the scratch working folder. */
  cwd?: string;
  /** Text for stdin; absent: stdin is empty. null leaves it open without a byte. */
  stdin?: string | Uint8Array | null;
  uid?: number;
  /** Flags for node itself. */
  node?: string[];
  /** Replaces the program: e.g. `['sh', '-c', '... | head -1']`, with the command as `"$@"` after it. */
  through?: string[];
}

/** The built command in folders of its own. Everything in it is gone when the test is over, its processes too. */
export interface Scratch {
  readonly root: string;
  readonly work: string;
  readonly home: string;
  readonly env: Record<string, string>;
  /** The store's file. */
  readonly store: string;
  /** Writes a file under the working folder; its absolute path. */
  write(name: string, content: string | Uint8Array): Promise<string>;
  start(words: readonly string[], options?: StartOptions): Running;
  /** Lets another user have all folders. */
  giveTo(uid: number): void;
  /** Runs it to its end. */
  run(words: readonly string[], options?: StartOptions): Promise<Finished>;
}

export class Running {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
  stdout = '';
  stderr = '';
  readonly #waiters = new Set<() => void>();

  constructor(child: ChildProcess) {
    this.child = child;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
      this.#look();
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
      this.#look();
    });
    // A child that ends before it has read its stdin is no fault of ours.
    child.stdin?.on('error', () => {});
    this.finished = once(child, 'close').then(([code, signal]) => {
      this.#look();
      return {
        code: code as number | null,
        signal: signal as NodeJS.Signals | null,
        stdout: this.stdout,
        stderr: this.stderr,
      };
    });
  }

  #look(): void {
    for (const waiter of this.#waiters) waiter();
  }

  /** Resolves as soon as the output so far has it; fails when the process ends without it. */
  async shows(text: string | RegExp): Promise<void> {
    const has = (): boolean => {
      const all = `${this.stdout}\n${this.stderr}`;
      return typeof text === 'string' ? all.includes(text) : text.test(all);
    };
    if (has()) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiter = (): void => {
      if (has()) resolve();
    };
    this.#waiters.add(waiter);
    try {
      await Promise.race([promise, this.finished]);
    } finally {
      this.#waiters.delete(waiter);
    }
    if (!has()) throw new Error(`never showed ${String(text)}:\n${this.stdout}\n---\n${this.stderr}`);
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }
}

/** One for all, so that code is compiled once; ours before a test of another user comes, who could not share it. */
const CACHE = join(tmpdir(), 'yonder-e2e-cache');

async function openScratch(): Promise<Scratch & { close(): Promise<void> }> {
  const root = await mkdtemp(join(tmpdir(), 'yonder-e2e-'));
  const [work, home] = [join(root, 'work'), join(root, 'home')];
  for (const folder of [work, home]) await mkdir(folder);
  await mkdir(join(CACHE, 'yonder', 'compiled'), { recursive: true });
  const children = new Set<Running>();
  const env = {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    HOME: home,
    XDG_CONFIG_HOME: join(root, 'config'),
    XDG_DATA_HOME: join(root, 'data'),
    XDG_CACHE_HOME: CACHE,
    XDG_STATE_HOME: join(root, 'state'),
    LANG: 'C.UTF-8',
  };
  const place: Scratch & { close(): Promise<void> } = {
    root,
    work,
    home,
    env,
    store: join(root, 'data', 'yonder', 'session.db'),
    async write(name, content) {
      const path = join(work, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
      return path;
    },
    start(words, { env: more = {}, cwd = work, stdin, uid, node = [], through = [] } = {}) {
      const line = [...through, process.execPath, ...node, BIN, ...words];
      const child = spawn(line[0] ?? '', line.slice(1), {
        cwd,
        env: { ...env, ...more },
        stdio: ['pipe', 'pipe', 'pipe'],
        ...(uid === undefined ? {} : { uid, gid: uid }),
      });
      const running = new Running(child);
      children.add(running);
      if (stdin !== null) child.stdin?.end(stdin ?? '');
      return running;
    },
    run: (words, started) => place.start(words, started).finished,
    giveTo(uid) {
      execFileSync('chown', ['-R', `${uid}:${uid}`, root]);
    },
    async close() {
      for (const running of children) {
        if (running.child.exitCode === null) running.signal('SIGKILL');
        await running.finished;
      }
      await rm(root, { recursive: true, force: true });
    },
  };
  return place;
}

/** For a test that runs alone. */
export async function scratch(): Promise<Scratch> {
  const place = await openScratch();
  onTestFinished(() => place.close());
  return place;
}

/** Each test gets folders of its own, and may run beside others. */
export const test = base.extend<{ place: Scratch }>({
  // oxlint-disable-next-line no-empty-pattern -- vitest reads from the pattern what a fixture needs
  place: async ({}, use) => {
    const place = await openScratch();
    try {
      await use(place);
    } finally {
      await place.close();
    }
  },
});

/** A team of one agent with these toolsets, and its file's text. */
export function teamText(more: { toolsets?: string[]; model?: string; extra?: string } = {}): string {
  const toolsets = (more.toolsets ?? []).map((type) => `      - type: ${type}`);
  return [
    'agents:',
    '  root:',
    `    model: ${more.model ?? 'openai/gpt-4o'}`,
    '    description: works',
    '    instruction: Do what you are asked.',
    ...(toolsets.length === 0 ? [] : ['    toolsets:', ...toolsets]),
    ...(more.extra === undefined ? [] : [more.extra]),
    '',
  ].join('\n');
}

/** A team whose model is the scripted server at this URL; its key is SCRIPTED_KEY. */
export function serverTeam(url: string, more: { toolsets?: string[]; extra?: string } = {}): string {
  return `${teamText({ ...more, model: 'mine/scripted' })}providers:
  mine:
    base_url: ${url}
    token_key: SCRIPTED_KEY
`;
}

/** Writes `team.yaml` and `cassette.yaml` of these turns; flags that play them. */
export async function played(
  place: Scratch,
  turns: readonly ScriptedTurn[],
  more: { toolsets?: string[]; extra?: string } = {},
): Promise<string[]> {
  await place.write('team.yaml', teamText(more));
  await place.write(
    'cassette.yaml',
    scriptCassette(turns, { api: 'openai_chatcompletions', model: 'gpt-4o' }),
  );
  return ['run', 'team.yaml', '--exec', '--fake', 'cassette.yaml'];
}

/** The events of `--json`. */
export function eventsOf(stdout: string): { type: string; [field: string]: unknown }[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { type: string });
}

/** Waits for what nobody announces, e.g. that a file appears. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await delay(10);
}

/** The process of this id and those of its group that live; one that has ended and was not waited for yet does not. */
export function livingOf(pid: number): string[] {
  return execFileSync('ps', ['-eo', 'pid=,pgid=,stat='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => {
      const [id, group, state = 'Z'] = line.trim().split(/\s+/);
      return (Number(id) === pid || Number(group) === pid) && !state.startsWith('Z');
    });
}

/** Lines of a stack trace. */
export const STACK = /^\s+at .+:\d+:\d+\)?$|^node:internal|throw er;/m;
