import type {
  CreateMessageRequestParams,
  CreateMessageResult,
  ElicitRequestParams,
  ElicitResult,
} from '@modelcontextprotocol/client';
import { z } from 'zod';
import { readForm } from '../../protocol/form/form.ts';
import { refusalOf } from '../../tools/mcp/connection.ts';
import type { AskRequest, ToolContext, ToolResult } from '../../tools/tool.ts';
import type { OpenCall } from './open-call.ts';

/**
 * A server's question to the person, within the call that it works on (R15). Declined where nobody answers, and where the form cannot be
 * shown, which `say` then says.
 */
export async function elicit(
  call: OpenCall | undefined,
  request: ElicitRequestParams,
  signal: AbortSignal,
  say: (words: string) => void,
): Promise<ElicitResult> {
  if (call === undefined) throw await refusalOf('nobody can be asked outside of a call of a tool');
  const question = questionOf(request);
  if (typeof question === 'string') {
    say(`asked a question that cannot be shown, which was declined: ${question}`);
    return { action: 'decline' };
  }
  const answer = await call.aside(() => call.context.ask({ ...question, held_by: 'connection', signal }));
  if (answer.action === 'refused') return { action: 'decline' };
  if (answer.action !== 'accept') return { action: answer.action };
  return {
    action: 'accept',
    ...(answer.content === undefined ? {} : { content: answer.content as ElicitResult['content'] }),
  };
}

function questionOf(request: ElicitRequestParams): AskRequest | string {
  const { message } = request;
  if (request.mode === 'url') {
    const url = URL.parse(request.url);
    if (url?.protocol !== 'https:' && url?.protocol !== 'http:') return 'its address is none of the web';
    return { message, url: url.href };
  }
  const form = readForm(request.requestedSchema);
  return form.ok ? { message, schema: request.requestedSchema } : form.problem;
}

/** What of a server's question goes through the decision, and is shown to whoever is asked about it. */
const sampleSchema = z.object({
  system: z.string().optional(),
  messages: z.array(z.object({ role: z.enum(['user', 'assistant']), content: z.string() })).min(1),
  max_tokens: z.number().int().min(1),
});

/** Tokens of an answer that a server gets at most. */
const MOST_TOKENS = 16_384;

/** A server's question to the model: a call of its own within the call that it works on, judged and recorded. */
export async function sampleFor(
  call: OpenCall | undefined,
  request: CreateMessageRequestParams,
): Promise<CreateMessageResult> {
  if (call === undefined) throw await refusalOf('no model can be asked outside of a call of a tool');
  const args = {
    ...(request.systemPrompt === undefined ? {} : { system: request.systemPrompt }),
    messages: request.messages.map(({ role, content }) => ({ role, content: textOf(content) })),
    max_tokens: Math.min(request.maxTokens, MOST_TOKENS),
  };
  if (args.messages.some(({ content }) => content === undefined))
    throw await refusalOf('only text can be sampled with');
  const result = await call.aside(() => call.context.call({ tool: call.sampling, arguments: args }));
  if (result.is_error === true) throw await refusalOf(result.output);
  const answer = answerSchema.parse(JSON.parse(result.output));
  return {
    role: 'assistant',
    content: { type: 'text', text: answer.text },
    model: answer.model,
    stopReason: answer.finish_reason === 'length' ? 'maxTokens' : 'endTurn',
  };
}

const answerSchema = z.object({ text: z.string(), model: z.string(), finish_reason: z.string() });

/** The allowed call: asks the agent's model, at the run's cost. */
export async function runSampling(args: Record<string, unknown>, context: ToolContext): Promise<ToolResult> {
  const answer = await context.sample(sampleSchema.parse(args));
  return { output: JSON.stringify(answer) };
}

function textOf(content: CreateMessageRequestParams['messages'][number]['content']): string | undefined {
  const blocks = Array.isArray(content) ? content : [content];
  const texts = blocks.map((block) => (block.type === 'text' ? block.text : undefined));
  return texts.includes(undefined) ? undefined : texts.join('\n');
}
