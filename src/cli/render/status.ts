import type { Style } from '../terminal/style.ts';
import { count } from './closing.ts';
import { clip } from './markdown-wrap.ts';

/** What a run does now, as far as a person waiting for it wants to know. */
export interface Status {
  /** Since the run began, in milliseconds. */
  elapsed: number;
  input_tokens: number;
  output_tokens: number;
  /** The model, a tool, a person; empty where nothing is known yet. */
  waitsFor: string;
  /** Messages that were typed and not yet taken. */
  queued: number;
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 120;

/** One line of at most so many columns; it moves with the time alone. */
export function statusLine(status: Status, width: number, style: Style): string {
  const frame = FRAMES[Math.floor(status.elapsed / FRAME_MS) % FRAMES.length] ?? '';
  const tokens = status.input_tokens + status.output_tokens;
  const parts = [
    seconds(status.elapsed),
    ...(tokens === 0 ? [] : [`${count(status.input_tokens)} in, ${count(status.output_tokens)} out`]),
    ...(status.waitsFor === '' ? [] : [`waits for ${status.waitsFor}`]),
    ...(status.queued === 0 ? [] : [`${status.queued} queued`]),
    'Ctrl-C interrupts',
  ];
  return `${style('cyan', frame)} ${style('dim', clip(parts.join(' · '), Math.max(width - 2, 1)))}`;
}

/** Whole seconds: a line that is drawn again and again must not flicker. */
export function seconds(milliseconds: number): string {
  const whole = Math.floor(milliseconds / 1000);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
