import type { ContentPart, ToolCall } from '../../protocol/message.ts';

/** One tool call of the turn that is under way, as far as the log knows it. */
export interface CallState {
  call: ToolCall;
  index: number;
  /** The arguments as hooks rewrote them, as JSON; undefined: those of the call (R26). */
  rewritten: string | undefined;
  /** `command`: of a command that a person invoked; `tool`: of the tool of another call, `caller`; else of the model. */
  source: 'command' | 'tool' | undefined;
  caller: string | undefined;
  decision: 'allow' | 'ask' | 'deny' | undefined;
  /** What decided, as the event says it. */
  decided_by: { source: string; layer: string | undefined } | undefined;
  /** The question about it, while or after it was asked. */
  request_id: string | undefined;
  /** Digest of the arguments that the question was about (R14). */
  arguments_digest: string | undefined;
  answer: { decision: string; reason?: string | undefined; by?: string | undefined } | undefined;
  started: boolean;
  /** What the call asked the person while it ran, in order (R15). */
  questions: CallQuestion[];
  command_id: string | undefined;
  child: { session_id: string; run_id: string } | undefined;
  done: boolean;
  /** What a tool that asked for the call was given, and is given again when it is run again (R23). */
  given: CallResult | undefined;
}

export interface CallResult {
  output: string;
  is_error?: boolean | undefined;
  parts?: readonly ContentPart[] | undefined;
}

/** A call that was asked for, and nothing more. */
export function newCall(
  call: ToolCall,
  index: number,
  source?: CallState['source'],
  caller?: string,
): CallState {
  return {
    call,
    index,
    rewritten: undefined,
    source,
    caller,
    decision: undefined,
    decided_by: undefined,
    request_id: undefined,
    arguments_digest: undefined,
    answer: undefined,
    started: false,
    questions: [],
    command_id: undefined,
    child: undefined,
    done: false,
    given: undefined,
  };
}

/** A form or an address that a call put to the person. */
export interface CallQuestion {
  request_id: string;
  held_by: 'step' | 'connection';
  /** Undefined while it waits. */
  answer: { decision: string; content?: unknown; reason?: string | undefined; outcome: string } | undefined;
}
