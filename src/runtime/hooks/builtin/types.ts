import type { Workspace } from '../../../protocol/workspace.ts';
import type { HttpAnswer, HttpRequest } from '../../../tools/tool.ts';
import type { HookOutput } from '../types.ts';

/** What a built-in hook sees of the world. Its logic runs on the Host, its reads go through the Workspace (R17). */
export interface BuiltinParts {
  args: readonly string[];
  /** What a command hook would get on stdin. */
  input: Readonly<Record<string, unknown>>;
  workspace(): Promise<Workspace>;
  working_dir: string;
  platform: string;
  now: Date;
  /** What a client sent of the files that agents name. */
  named_files?: Readonly<Record<string, string>> | undefined;
  /** The Host's one way out. */
  http(request: HttpRequest): Promise<HttpAnswer>;
  /** Takes values out that may not leave this process. */
  clean(text: string): string;
  /** Has the workspace of each turn kept from now on. */
  keepSnapshots(): Promise<void>;
  /** Milliseconds that are left to it. */
  timeout_ms: number;
  signal: AbortSignal;
}

/** Throws a YonderError where it cannot do its work; that is a failure of the hook, as of a command. */
export type BuiltinHook = (parts: BuiltinParts) => Promise<HookOutput>;

/** Text for the model; nothing where there is none. */
export function contextOf(text: string): HookOutput {
  return text.trim() === '' ? {} : { hook_specific_output: { additional_context: text } };
}
