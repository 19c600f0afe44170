/* oxlint-disable no-control-regex -- control characters are what this file is about */

/** Escape sequences of terminals: colours, cursor moves (CSI), titles and links (OSC). */
const SEQUENCES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\^_])/g;
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;
const HAS_CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/;
/** The beginning of a sequence whose end may be in the next chunk. */
const OPEN_SEQUENCE = /\u001b(?:\[[0-?]*[ -/]*|\][^\u0007\u001b]*\u001b?)?$/;
const LONGEST_OPEN = 256;

/**
 * Bytes of one stream to text that is safe to show and to send: UTF-8 across chunk borders, without escape sequences, U+FFFD for
 * every other control character but tab and line ends.
 */
export class SafeText {
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  #held = '';

  push(bytes: Uint8Array): string {
    return this.#clean(this.#held + this.#decoder.decode(bytes, { stream: true }), false);
  }

  end(): string {
    return this.#clean(this.#held + this.#decoder.decode(), true);
  }

  #clean(text: string, last: boolean): string {
    this.#held = '';
    if (!HAS_CONTROLS.test(text)) return text;
    const whole = text.replaceAll(SEQUENCES, '');
    const open = last ? -1 : whole.slice(-LONGEST_OPEN).search(OPEN_SEQUENCE);
    const cut = open === -1 ? whole.length : Math.max(0, whole.length - LONGEST_OPEN) + open;
    this.#held = whole.slice(cut);
    return whole.slice(0, cut).replaceAll(CONTROLS, '\uFFFD');
  }
}
