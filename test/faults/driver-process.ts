import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { copyFile, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import { onTestFinished } from 'vitest';
import { startsSooner } from '../../scripts/bundle/command.ts';
import { cases } from '../long.ts';

/** Where the process ends itself: around the commit that holds event `seq`, or right after a reader was shown it. */
export interface KillPoint {
  seq: number;
  when: 'before' | 'committed' | 'published';
}

export interface DriverOptions {
  data: string;
  folder: string;
  kill?: KillPoint;
  /** Sent to the run when it begins or goes on. */
  steer?: string;
  /** What the driver answers every approval that it is shown with. */
  answer?: 'approve' | 'reject';
  /** How long the store tries while somebody else has it locked; the Host's own default where absent. */
  patience_ms?: number;
}

export interface Call {
  id: number;
  name: string;
  request: Record<string, unknown>;
}

export interface Refusal {
  code: string;
  message: string;
  details?: Record<string, unknown>;
}

export type Reply =
  | { ready: string }
  | { id: number; value: Record<string, unknown> }
  | { id: number; error: Refusal };

/** A line between the events: the stream of that run was shown to its end. */
export interface Ended {
  ended: string;
}

/** An event as the process printed it. */
export type Shown = { type: string; seq?: number } & Record<string, unknown>;

/** A refusal of an operation in the other process. */
export class RefusedError extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(`${refusal.code}: ${refusal.message}`);
    this.refusal = refusal;
  }
}

let bundled: Promise<string> | undefined;

/** A program of this folder in one file, which starts in a fraction of the time that its many sources take; built once per suite. */
export async function programFile(name: 'driver' | 'many-sessions'): Promise<string> {
  bundled ??= bundle();
  return join(await bundled, `${name}.mjs`);
}

async function bundle(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'yonder-driver-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  await build({
    entryPoints: ['driver', 'many-sessions'].map((name) =>
      fileURLToPath(new URL(`./${name}.ts`, import.meta.url)),
    ),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // Packages in CommonJS ask for parts of Node.
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
    },
    logLevel: 'warning',
    plugins: startsSooner(fileURLToPath(new URL('../..', import.meta.url))),
  });
  for (const specifier of [
    'web-tree-sitter/web-tree-sitter.wasm',
    'tree-sitter-bash/tree-sitter-bash.wasm',
  ]) {
    const path = fileURLToPath(import.meta.resolve(specifier));
    await copyFile(path, join(folder, basename(path)));
  }
  return folder;
}

const LONGEST_LIFE_MS = cases(150_000, 280_000);

/** A Host in another process; it is gone at the end of the test, whatever happened. */
export class DriverProcess {
  events: Shown[] = [];
  /** Its stderr: empty when all went well. */
  complaints = '';
  readonly gone: Promise<void>;
  readonly #child: ChildProcess;
  readonly #ready: Promise<unknown>;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  readonly #ended = new Set<string>();
  #look = new Set<() => void>();
  #calls = 0;

  constructor(file: string, options: DriverOptions) {
    this.#child = fork(file, {
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // A process that hangs ends all waits for it, and the test says what it had shown.
      timeout: LONGEST_LIFE_MS,
      killSignal: 'SIGKILL',
      env: {
        PATH: process.env['PATH'],
        NODE_COMPILE_CACHE: join(dirname(file), 'compiled'),
        YONDER_FAULTS: JSON.stringify(options),
      },
    });
    const printed = this.#child.stdout === null ? undefined : once(this.#child.stdout, 'end');
    this.gone = Promise.all([once(this.#child, 'exit'), printed]).then(() => this.#tell());
    const ready = Promise.withResolvers<void>();
    this.#ready = Promise.race([ready.promise, this.gone]);
    this.#child.on('message', (reply: Reply) => {
      if ('ready' in reply) ready.resolve();
      else this.#waiting.get(reply.id)?.(reply);
      this.#tell();
    });
    if (this.#child.stdout !== null) {
      createInterface({ input: this.#child.stdout }).on('line', (line) => {
        const said = JSON.parse(line) as Shown | Ended;
        if ('type' in said) this.events.push(said);
        else this.#ended.add(said.ended);
        this.#tell();
      });
    }
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.complaints += text;
    });
    onTestFinished(() => this.kill());
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  get isGone(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  #tell(): void {
    for (const look of this.#look) look();
  }

  /** Resolves when the claim holds; it is looked at whenever the process said something. False when the process is gone first. */
  async until(claim: () => boolean): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const look = (): void => {
      if (claim()) resolve(true);
    };
    this.#look.add(look);
    look();
    const held = await Promise.race([promise, this.gone.then(() => claim())]);
    this.#look.delete(look);
    return held;
  }

  /** The first event of a type that it shows. Throws when the process ended without one. */
  async shown(type: string, claim: (event: Shown) => boolean = () => true): Promise<Shown> {
    const find = (): Shown | undefined => this.events.find((event) => event.type === type && claim(event));
    await this.until(() => find() !== undefined);
    const found = find();
    if (found === undefined) throw new Error(`the process ended without ${type}: ${this.complaints}`);
    return found;
  }

  /** True when the stream of that run was shown to its end; false when the process went before. */
  async ended(run_id: string): Promise<boolean> {
    return this.until(() => this.#ended.has(run_id));
  }

  /** Asks for an operation. Throws `RefusedError`; undefined when the process is gone before it answered. */
  async call(
    name: string,
    request: Record<string, unknown> = {},
  ): Promise<Record<string, unknown> | undefined> {
    await this.#ready;
    if (this.isGone) return undefined;
    const id = (this.#calls += 1);
    const { promise, resolve } = Promise.withResolvers<Reply>();
    this.#waiting.set(id, resolve);
    this.#child.send({ id, name, request } satisfies Call, () => undefined);
    const reply = await Promise.race([promise, this.gone]);
    if (reply === undefined) return undefined;
    if ('error' in reply) throw new RefusedError(reply.error);
    return 'value' in reply ? reply.value : undefined;
  }

  signal(name: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): void {
    this.#child.kill(name);
  }

  /** Lets go of everything in an orderly way; what is left then is an empty process. */
  async close(): Promise<void> {
    await this.call('close');
    await this.kill();
  }

  /** Lets go of everything in an orderly way; the process is there for another Host. */
  async rest(): Promise<void> {
    await this.call('close');
  }

  /** Another Host in the process of one that rests. */
  async reopen(options: DriverOptions): Promise<void> {
    this.events = [];
    await this.call('open', { ...options });
  }

  async kill(): Promise<void> {
    if (!this.isGone) this.#child.kill('SIGKILL');
    await this.gone;
  }
}
