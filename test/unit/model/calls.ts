import {
  createModels,
  type ModelCall,
  type ModelPart,
  type Models,
  type ModelsOptions,
} from '../../../src/model/index.ts';
import type { Message, ToolDefinition } from '../../../src/protocol/message.ts';
import type { ResolvedModel } from '../../../src/protocol/team.ts';
import { WIRES, type Wire } from '../../../src/testing/model-server/script.ts';

export { WIRES };

/** A key that must show up nowhere. */
export const KEY = 'sk-canary-4f1d8a77e2';

export function modelFor(api: Wire, url: string, extra: Partial<ResolvedModel> = {}): ResolvedModel {
  const provider = api === 'openai_responses' || api === 'openai_chatcompletions' ? 'openai' : api;
  const model = {
    google: 'gemini-2.5-flash',
    mistral: 'mistral-small-latest',
    anthropic: 'claude-sonnet-4-6',
    openai_responses: 'gpt-5-mini',
    openai_chatcompletions: 'gpt-4o',
  }[api];
  return { name: 'main', provider, model, api, base_url: url, token_key: 'TEST_KEY', ...extra };
}

let counter = 0;

export function message(role: Message['role'], content: string, extra: Partial<Message> = {}): Message {
  return { message_id: `m${++counter}`, role, content, created_at: '2026-01-01T00:00:00Z', ...extra };
}

export function toolCall(id: string, name: string, args = '{}'): NonNullable<Message['tool_calls']>[number] {
  return { id, type: 'function', function: { name, arguments: args } };
}

export const READ_FILE: ToolDefinition = {
  name: 'read_file',
  category: 'filesystem',
  description: 'Reads a file.',
  parameters: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] },
};

export function callOf(model: ResolvedModel, extra: Partial<ModelCall> = {}): ModelCall {
  return {
    model,
    system: ['You are a test.', 'Be brief.'],
    messages: [message('user', 'hello')],
    tools: [READ_FILE],
    loadBlob: () => Promise.reject(new Error('no blobs here')),
    ...extra,
  };
}

/** Models that wait for nothing and have a key. */
export function testModels(options: Partial<ModelsOptions> = {}): Models {
  return createModels({
    env: (name) => (name === 'TEST_KEY' ? KEY : undefined),
    fetch,
    sleep: () => Promise.resolve(),
    random: () => 0.5,
    ...options,
  });
}

export interface Collected {
  parts: ModelPart[];
  error: unknown;
}

/** Reads a stream to its end; what it throws is kept. */
export async function collect(stream: AsyncIterable<ModelPart>): Promise<Collected> {
  const parts: ModelPart[] = [];
  try {
    for await (const part of stream) parts.push(part);
  } catch (error) {
    return { parts, error };
  }
  return { parts, error: undefined };
}

export function finishOf(collected: Collected): Extract<ModelPart, { type: 'finish' }> {
  const last = collected.parts.at(-1);
  if (last?.type !== 'finish')
    throw new Error(`no finish: ${JSON.stringify(last)}`, { cause: collected.error });
  return last;
}

export function run(
  models: Models,
  call: ModelCall,
  signal = new AbortController().signal,
): Promise<Collected> {
  return collect(models.stream(call, signal));
}
