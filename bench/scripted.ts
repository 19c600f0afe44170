// What the scripted models of the benches share.
import { createModels, type Models, type ModelPart } from '../src/model/index.ts';
import type { ToolCall } from '../src/protocol/message.ts';

/** The end of an answer, with one tool call or none. */
export function finishPart(text: string, call?: { id: string; name: string; arguments: string }): ModelPart {
  const tool_calls: ToolCall[] =
    call === undefined
      ? []
      : [{ id: call.id, type: 'function', function: { name: call.name, arguments: call.arguments } }];
  return {
    type: 'finish',
    text,
    reasoning: [],
    tool_calls,
    finish_reason: call === undefined ? 'stop' : 'tool-calls',
    usage: {
      input_tokens: 10,
      output_tokens: 5,
      cached_input_tokens: 0,
      cached_write_tokens: 0,
      reasoning_tokens: 0,
    },
    usage_known: true,
    price_known: false,
    model: 'openai/gpt-4o-mini',
  };
}

/** Models whose answers are made here; nothing reaches the network. */
export function scriptedModels(stream: Models['stream']): Models {
  const plain = createModels({
    env: () => 'none',
    fetch: () => Promise.reject(new Error('no network here')),
  });
  return { ...plain, stream };
}
