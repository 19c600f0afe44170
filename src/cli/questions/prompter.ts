/** Where a question is put: a terminal that is asked line by line, or the line of a conversation. */
export interface Prompter {
  /** Text that stays, above the line. */
  note(text: string): void;
  /** Ends an open line of the answer before a question. */
  settle(): Promise<void>;
  /**
   * One line of the person; undefined when the question was withdrawn or nobody types any more. A place that sees single keys may take one of
   * `keys` without Enter.
   */
  line(prompt: string, signal: AbortSignal, keys?: readonly string[]): Promise<string | undefined>;
}
