import type {
  JSONObject,
  LanguageModelV4CallOptions,
  LanguageModelV4FunctionTool,
  LanguageModelV4Prompt,
  SharedV4ProviderOptions,
} from '@ai-sdk/provider';
import type { ToolDefinition } from '../../protocol/message.ts';
import type { ResolvedModel } from '../../protocol/team.ts';
import { thinkingOf } from './thinking.ts';
import { wirePrompt } from './wire-prompt.ts';

const INTERLEAVED_BETA = 'interleaved-thinking-2025-05-14';

const functionTools = new WeakMap<ToolDefinition, LanguageModelV4FunctionTool>();

/** Kept by the definition's identity: tools rarely change between turns. */
function functionTool(tool: ToolDefinition): LanguageModelV4FunctionTool {
  const known = functionTools.get(tool);
  if (known !== undefined) return known;
  const inputSchema =
    tool.parameters['type'] === undefined ? { type: 'object', ...tool.parameters } : tool.parameters;
  const made: LanguageModelV4FunctionTool = {
    type: 'function',
    name: tool.name,
    description: tool.description,
    inputSchema,
  };
  functionTools.set(tool, made);
  return made;
}

function openaiOptions(model: ResolvedModel): JSONObject {
  const given = model.provider_opts ?? {};
  const options: JSONObject = {};
  if (model.parallel_tool_calls !== undefined) options['parallelToolCalls'] = model.parallel_tool_calls;
  if (model.api !== 'openai_responses') return options;
  // Nothing is kept at the provider: reasoning travels back encrypted, and a recorded run needs no state there.
  options['store'] = given['store'] === true;
  const thinks =
    model.thinking_budget !== undefined && model.thinking_budget !== 'none' && model.thinking_budget !== 0;
  const summary = given['reasoning_summary'];
  if (typeof summary === 'string') options['reasoningSummary'] = summary;
  else if (thinks) options['reasoningSummary'] = 'auto';
  return options;
}

function anthropicOptions(model: ResolvedModel): JSONObject {
  const betas = model.provider_opts?.['interleaved_thinking'] === true ? [INTERLEAVED_BETA] : [];
  return {
    ...(thinkingOf(model).anthropic as JSONObject | undefined),
    ...(model.parallel_tool_calls === false ? { disableParallelToolUse: true } : {}),
    ...(betas.length === 0 ? {} : { anthropicBeta: betas }),
  };
}

function compatibleOptions(model: ResolvedModel): JSONObject {
  return model.parallel_tool_calls === undefined ? {} : { parallel_tool_calls: model.parallel_tool_calls };
}

function mistralOptions(model: ResolvedModel): JSONObject {
  return model.parallel_tool_calls === undefined ? {} : { parallelToolCalls: model.parallel_tool_calls };
}

function optionsOf(model: ResolvedModel): SharedV4ProviderOptions {
  switch (model.api) {
    case 'anthropic':
      return { anthropic: anthropicOptions(model) };
    case 'google':
      return { google: { ...(thinkingOf(model).google as JSONObject | undefined) } };
    case 'mistral':
      return { mistral: mistralOptions(model) };
    default:
      return { openai: openaiOptions(model), compatible: compatibleOptions(model) };
  }
}

/** Keys of `provider_opts` that are switches of ours and no fields of the request. */
const SWITCHES = new Set(['api_version', 'interleaved_thinking', 'reasoning_summary', 'store']);

/** The fields of `provider_opts` that go into the request's body as they are, named as the provider's API names them. */
export function bodyFields(model: ResolvedModel): Record<string, unknown> {
  return Object.fromEntries(Object.entries(model.provider_opts ?? {}).filter(([key]) => !SWITCHES.has(key)));
}

/** Everything of a call but its signal. */
export function callOptions(
  model: ResolvedModel,
  prompt: LanguageModelV4Prompt,
  tools: readonly ToolDefinition[],
): LanguageModelV4CallOptions {
  const thinking = thinkingOf(model);
  return {
    prompt: wirePrompt(model.api, prompt),
    providerOptions: optionsOf(model),
    ...(tools.length === 0 ? {} : { tools: tools.map(functionTool), toolChoice: { type: 'auto' } }),
    ...(model.max_tokens === undefined ? {} : { maxOutputTokens: model.max_tokens }),
    ...(model.temperature === undefined ? {} : { temperature: model.temperature }),
    ...(model.top_p === undefined ? {} : { topP: model.top_p }),
    ...(model.frequency_penalty === undefined ? {} : { frequencyPenalty: model.frequency_penalty }),
    ...(model.presence_penalty === undefined ? {} : { presencePenalty: model.presence_penalty }),
    ...(thinking.reasoning === undefined ? {} : { reasoning: thinking.reasoning }),
  };
}
