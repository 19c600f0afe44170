/** What of an answer has been shown, so that each character shows once (R2): previews may overlap, stop, or begin anew. */
export class ShownText {
  #message_id = '';
  #attempt = 0;
  #length = 0;

  /** The part of a preview that is new. `voided`: what was shown of this message counts no longer. */
  preview(part: { message_id: string; attempt: number; offset: number; content: string }): {
    text: string;
    voided: boolean;
  } {
    const same = part.message_id === this.#message_id && part.attempt === this.#attempt;
    const voided = !same && this.#message_id === part.message_id && this.#length > 0;
    if (!same) {
      this.#message_id = part.message_id;
      this.#attempt = part.attempt;
      this.#length = 0;
    }
    const text = part.content.slice(Math.max(this.#length - part.offset, 0));
    this.#length = Math.max(this.#length, part.offset + part.content.length);
    return { text, voided };
  }

  /** What is still missing of a whole message. */
  whole(message: { message_id: string; content: string }): string {
    const shown = message.message_id === this.#message_id ? this.#length : 0;
    this.#message_id = '';
    this.#length = 0;
    return message.content.slice(shown);
  }
}
