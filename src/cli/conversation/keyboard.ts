import { createInterface, emitKeypressEvents, type Interface } from 'node:readline';
import type { Io } from '../terminal/io.ts';
import type { Output } from '../terminal/output.ts';
import type { Key } from './editor.ts';

export interface KeyboardOptions {
  io: Io;
  output: Output;
  /** False on a dumb terminal: it gives whole lines. */
  isLive: boolean;
  onKey(character: string | undefined, key: Key): void;
  onLine(line: string): void;
  /** stdin has ended: the terminal is gone, or Ctrl-D on a dumb one. */
  onEnd(): void;
}

const PASTES_ON = '\u001b[?2004h';
const PASTES_OFF = '\u001b[?2004l';

/** The keys of the terminal, one by one, pastes in brackets. It is given back as it was found, also when the process ends. */
export class Keyboard {
  readonly #options: KeyboardOptions;
  #lines: Interface | undefined;
  #isOn = false;

  constructor(options: KeyboardOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#isOn) return;
    this.#isOn = true;
    const { io, output, isLive, onKey, onLine, onEnd } = this.#options;
    io.stdin.on('end', onEnd);
    if (isLive) {
      emitKeypressEvents(io.stdin);
      io.stdin.on('keypress', onKey);
      setRaw(io, true);
      output.prompt(PASTES_ON);
      process.on('exit', this.#restore);
    } else {
      this.#lines = createInterface({ input: io.stdin, terminal: false });
      this.#lines.on('line', onLine);
    }
    io.stdin.resume();
  }

  /** Lets go of stdin, so that something else can read it, or the process can end. */
  stop(): void {
    if (!this.#isOn) return;
    this.#isOn = false;
    const { io, isLive, onKey, onEnd } = this.#options;
    io.stdin.off('end', onEnd);
    if (isLive) {
      io.stdin.off('keypress', onKey);
      process.off('exit', this.#restore);
      this.#restore();
      setRaw(io, false);
    }
    this.#lines?.close();
    this.#lines = undefined;
    io.stdin.pause();
  }

  readonly #restore = (): void => this.#options.output.prompt(PASTES_OFF);
}

function setRaw({ stdin }: Io, raw: boolean): void {
  if ('setRawMode' in stdin && typeof stdin.setRawMode === 'function') stdin.setRawMode(raw);
}
