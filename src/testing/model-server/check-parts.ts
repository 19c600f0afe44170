export type Json = Record<string, unknown>;

export function object(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

export function array(value: unknown): Json[] {
  return Array.isArray(value) ? value.map(object) : [];
}

const TOOL_NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** What a provider says about tool names. */
export function checkNames(names: readonly unknown[]): string[] {
  const faults: string[] = [];
  const seen = new Set<unknown>();
  for (const name of names) {
    if (typeof name !== 'string' || !TOOL_NAME.test(name))
      faults.push(`bad tool name ${JSON.stringify(name)}`);
    if (seen.has(name)) faults.push(`tool name ${JSON.stringify(name)} twice`);
    seen.add(name);
  }
  return faults;
}

/**
 * Follows calls and their answers: each call is answered once, right after the message that made it.
 */
export class CallLedger {
  readonly faults: string[] = [];
  #open = new Set<string>();
  readonly #answered = new Set<string>();

  call(id: unknown): void {
    if (typeof id !== 'string' || id === '') this.faults.push('a tool call without id');
    else if (this.#open.has(id)) this.faults.push(`tool call ${id} twice`);
    else this.#open.add(id);
  }

  answer(id: unknown): void {
    if (typeof id !== 'string' || id === '') this.faults.push('a tool result without call id');
    else if (this.#open.delete(id)) this.#answered.add(id);
    else
      this.faults.push(
        this.#answered.has(id) ? `tool call ${id} answered twice` : `orphan tool result ${id}`,
      );
  }

  /** Something else comes, or the end: nothing may be unanswered. */
  close(): void {
    for (const id of this.#open) this.faults.push(`tool call ${id} is not answered`);
    this.#open = new Set();
    this.#answered.clear();
  }
}
