import type { ErrorCode } from '../protocol/errors.ts';
import type { Message, ReasoningPart, ToolCall, ToolDefinition, Usage } from '../protocol/message.ts';
import type { ResolvedModel } from '../protocol/team.ts';

/** What one model call takes. Nothing in it is changed; messages are cached by identity, so pass the same objects every turn. */
export interface ModelCall {
  model: ResolvedModel;
  /** Ordered: what stays the same from turn to turn comes first, so that the provider's prompt cache can serve it. */
  system: readonly string[];
  messages: readonly Message[];
  /**
   * Given where `messages` is the same array in each call and only grows: all its places that were written over, oldest first, the same
   * array in each call as well. Without it every call looks through the whole past for what changed.
   */
  exchanges?: readonly number[] | undefined;
  tools: readonly ToolDefinition[];
  /** Reads a blob of the session; asked once per message that has files. */
  loadBlob: (blobId: string) => Promise<Uint8Array>;
  /** Number of the first attempt, from 1; a recovered call goes on counting. */
  attempt?: number;
  /** Retries after the first attempt; absent: the default. */
  retries?: number;
  /** Ids of the messages that came with this run: a file in them that the model cannot take is refused. */
  fresh?: ReadonlySet<string>;
}

/** What went wrong in an attempt, as plain data for events. */
export interface AttemptFailure {
  code: ErrorCode;
  message: string;
  /** HTTP status, where there was an answer. */
  status?: number;
  /** Whether another attempt at the same model may do better. */
  passing: boolean;
}

/** The whole answer. `usage.input_tokens` leaves out what was read from or written to a cache (the peer's way of counting). */
export interface FinishPart {
  type: 'finish';
  text: string;
  reasoning: ReasoningPart[];
  /** Of the text, to be given back with it. */
  provider_metadata?: Record<string, unknown>;
  tool_calls: ToolCall[];
  /** `stop`, `length`, `content-filter`, `tool-calls` or `other`. */
  finish_reason: string;
  usage: Usage;
  /** Whether the provider reported any usage; all numbers are 0 where it did not. */
  usage_known: boolean;
  /** US dollars; absent when the price is not known. */
  cost?: number;
  price_known: boolean;
  /** `provider/model`. */
  model: string;
  /** Tokens that the model can hold; absent when not known. */
  context_limit?: number;
  /** The recorded interaction that was played; a process that goes on for this one gives it as used. */
  cassette_id?: number;
}

/** `attempt_failed` voids everything that was streamed since the attempt began (R2). */
export type ModelPart =
  | { type: 'text_delta'; text: string }
  | { type: 'reasoning_delta'; text: string }
  | { type: 'tool_call_delta'; id: string; name?: string; arguments_delta: string }
  | {
      type: 'attempt_failed';
      attempt: number;
      error: AttemptFailure;
      will_retry: boolean;
      delay_ms: number;
      /** As in `finish`. */
      cassette_id?: number;
    }
  | { type: 'silent'; seconds: number }
  | FinishPart;

/** Prices in US dollars per million tokens. */
export interface ModelPrice {
  input: number;
  output: number;
  cache_read?: number;
  cache_write?: number;
}

export interface ModelFacts {
  price?: ModelPrice;
  context_limit?: number;
}

export interface ListedModel extends ModelFacts {
  provider: string;
  model: string;
  /** Absent for providers that need none. */
  token_key?: string;
  key_present: boolean;
}

/** A clock and its waits, so that tests do not sleep. All in milliseconds. */
export interface ModelTimes {
  /** Without a byte for this long, a `silent` part is given. 60,000. */
  silentAfter: number;
  /** Without a byte for this long, the call ends with `timeout`. 300,000. */
  giveUpAfter: number;
  /** Retries after the first attempt. 2. */
  retries: number;
  /** Delay before the first retry, doubled for each further one. 200. */
  firstDelay: number;
  /** 2,000. */
  longestDelay: number;
  /** What a local model server gets to answer, for `model: auto`. 300. */
  localAnswer: number;
}
