/** Characters of a command's output that a model gets (reference/docker-agent.md, Appendix C). */
export const OUTPUT_LIMIT = 30_000;
const HALF = OUTPUT_LIMIT / 2;

/** Keeps head and tail of a text that comes in pieces, in bounded memory. */
export class KeptOutput {
  #head = '';
  #tail = '';
  #length = 0;

  add(text: string): void {
    this.#length += text.length;
    const room = HALF - this.#head.length;
    this.#head += text.slice(0, Math.max(0, room));
    this.#tail += text.slice(Math.max(0, room));
    // Cut now and then, not for each piece.
    if (this.#tail.length > 4 * HALF) this.#tail = this.#tail.slice(-HALF);
  }

  text(): string {
    if (this.#length <= OUTPUT_LIMIT) return this.#head + this.#tail;
    const head = this.#head.replace(/[\ud800-\udbff]$/, '');
    const tail = this.#tail.slice(-HALF).replace(/^[\udc00-\udfff]/, '');
    const missing = this.#length - head.length - tail.length;
    return `${head}\n[... ${missing} characters of output are left out ...]\n${tail}`;
  }
}
