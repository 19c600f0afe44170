import { z } from 'zod';

/** Token counts of one model call, as the provider reports them. */
export const usageSchema = z.object({
  input_tokens: z.number(),
  output_tokens: z.number(),
  cached_input_tokens: z.number().default(0),
  cached_write_tokens: z.number().default(0),
  reasoning_tokens: z.number().optional(),
});
export type Usage = z.infer<typeof usageSchema>;

/** A tool call as the model asked for it; `arguments` is the JSON text exactly as the model wrote it. */
export const toolCallSchema = z.object({
  id: z.string(),
  type: z.literal('function').default('function'),
  function: z.object({ name: z.string(), arguments: z.string() }),
  /** The provider's own data that must travel back with the call, e.g. a signature. */
  provider_metadata: z.record(z.string(), z.unknown()).optional(),
});
export type ToolCall = z.infer<typeof toolCallSchema>;

/** A part of a user message or of a tool result. Bytes are blobs of the session, never inline (R30). */
export const contentPartSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({
    type: z.literal('file'),
    blob_id: z.string(),
    name: z.string().optional(),
    media_type: z.string(),
    size: z.number().optional(),
  }),
]);
export type ContentPart = z.infer<typeof contentPartSchema>;

/** A block of reasoning. `provider_metadata` carries signatures and encrypted content back to the provider. */
export const reasoningPartSchema = z.object({
  text: z.string(),
  provider_metadata: z.record(z.string(), z.unknown()).optional(),
});
export type ReasoningPart = z.infer<typeof reasoningPartSchema>;

/** A message of the transcript, whole. `content` is the text; for `tool` it is what the model gets to read. */
export const messageSchema = z.object({
  message_id: z.string(),
  role: z.enum(['user', 'assistant', 'tool', 'system']),
  content: z.string(),
  parts: z.array(contentPartSchema).optional(),
  agent_name: z.string().optional(),
  reasoning: z.array(reasoningPartSchema).optional(),
  tool_calls: z.array(toolCallSchema).optional(),
  /** Of its text: what must travel back with it, e.g. a signature. */
  provider_metadata: z.record(z.string(), z.unknown()).optional(),
  tool_call_id: z.string().optional(),
  is_error: z.boolean().optional(),
  /** `provider/model` that wrote it. */
  model: z.string().optional(),
  usage: usageSchema.optional(),
  /** US dollars; absent when the price is not known. */
  cost: z.number().optional(),
  finish_reason: z.string().optional(),
  created_at: z.string(),
});
export type Message = z.infer<typeof messageSchema>;

/** A tool as the model sees it; field names are the peer's (reference 1.3). */
export const toolDefinitionSchema = z.object({
  name: z.string(),
  /** The toolset that it belongs to; with `name` its identity `toolset/tool` (R16). */
  category: z.string(),
  description: z.string(),
  parameters: z.record(z.string(), z.unknown()),
  annotations: z
    .object({
      title: z.string().optional(),
      readOnlyHint: z.boolean().optional(),
      destructiveHint: z.boolean().optional(),
      idempotentHint: z.boolean().optional(),
      openWorldHint: z.boolean().optional(),
    })
    .optional(),
  outputSchema: z.record(z.string(), z.unknown()).optional(),
});
export type ToolDefinition = z.infer<typeof toolDefinitionSchema>;
