import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

import { type ErrorCode, isErrorCode, YonderError } from '../../../src/protocol/errors.ts';
import type { Store } from '../../../src/protocol/store.ts';
import type { StoreOptions } from '../../../src/session/index.ts';
import type { Answer, Call } from './store-child.ts';

type Method = {
  [Name in keyof Store]: Store[Name] extends (...parameters: never[]) => unknown ? Name : never;
}[keyof Store];

/** A store in a process of its own, to be stopped, continued and killed. */
export class StoreProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #calls = 0;

  constructor() {
    this.#child = fork(new URL('./store-child.ts', import.meta.url), { serialization: 'advanced' });
    this.#child.on('message', (answer: Answer) => {
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    });
    onTestFinished(() => this.kill());
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  async #ask(method: string, parameters: unknown[]): Promise<unknown> {
    const call: Call = { id: (this.#calls += 1), method, parameters };
    const answer = await new Promise<Answer>((resolve) => {
      this.#waiting.set(call.id, resolve);
      this.#child.send(call);
    });
    if ('value' in answer) return answer.value;
    const code: ErrorCode = isErrorCode(answer.code) ? answer.code : 'internal';
    throw new YonderError(code, answer.message);
  }

  /** Goes on as another user; only root may. */
  async become(user: number): Promise<void> {
    await this.#ask('become', [user]);
  }

  /** Opens its store and returns the host_id. */
  open(options: StoreOptions): Promise<unknown> {
    return this.#ask('open', [options]);
  }

  async call<Name extends Method>(
    method: Name,
    ...parameters: Parameters<Store[Name]>
  ): Promise<Awaited<ReturnType<Store[Name]>>> {
    return (await this.#ask(method, parameters)) as Awaited<ReturnType<Store[Name]>>;
  }

  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(name);
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}
