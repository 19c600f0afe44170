import type { Workspace } from '../../../protocol/workspace.ts';
import type { HttpAnswer, HttpRequest } from '../../../tools/tool.ts';

/** What a built-in hook may answer: the fields of a hook's output that they use, as they are written. */
export interface BuiltinOutput {
  continue?: boolean;
  stop_reason?: string;
  system_message?: string;
  hook_specific_output?: {
    additional_context?: string;
    updated_input?: Record<string, unknown>;
    updated_messages?: unknown[];
    updated_tool_response?: string;
  };
}

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
  /** Values that may not leave this process. */
  secrets: readonly { value: string; replacement: string }[];
  /** Has the workspace of each turn kept from now on. */
  keepSnapshots(): Promise<void>;
  /** Milliseconds that are left to it. */
  timeout_ms: number;
  signal: AbortSignal;
}

/** Throws a YonderError where it cannot do its work; that is a failure of the hook, as of a command. */
export type BuiltinHook = (parts: BuiltinParts) => Promise<BuiltinOutput>;

/** Text for the model; nothing where there is none. */
export function contextOf(text: string): BuiltinOutput {
  return text.trim() === '' ? {} : { hook_specific_output: { additional_context: text } };
}
