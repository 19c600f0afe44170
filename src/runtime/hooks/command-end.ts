/** Seconds that a hook has when it names none (reference/docker-agent.md 5.7). */
export const DEFAULT_TIMEOUT_S = 60;
/** Bytes of stdout that a hook may write; one that writes more is ended, and has failed. */
export const MAX_STDOUT = 8 * 1024 * 1024;

/** What one run of a command hook is given, wherever it runs. */
export interface CommandRun {
  /** Its own variables. */
  env: Readonly<Record<string, string>>;
  stdin: string;
  timeout_ms: number;
  /** Unique on the machine: its process tree is known by it. */
  tag: string;
  signal: AbortSignal;
}

/** A program that ended by itself, or the words for why there is nothing to read from it; `changed`: its script is not the one that the run began with (R17). */
export type CommandEnd =
  | { code: number; stdout: string; stderr: string }
  | { failure: string; changed?: true };

export function timedOut(timeout_ms: number): string {
  return `it had not ended after ${timeout_ms / 1000} s, and was ended with all that it started`;
}

export const TOO_LONG = `it wrote more than ${MAX_STDOUT / (1024 * 1024)} MiB, and was ended`;
