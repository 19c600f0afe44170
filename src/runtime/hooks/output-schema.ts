import { z } from 'zod';

const specificSchema = z.looseObject({
  hook_event_name: z.string().optional(),
  permission_decision: z.enum(['allow', 'deny', 'ask']).optional(),
  permission_decision_reason: z.string().optional(),
  updated_input: z.record(z.string(), z.unknown()).optional(),
  additional_context: z.string().optional(),
  summary: z.string().optional(),
  updated_messages: z.array(z.looseObject({ role: z.string() })).optional(),
  updated_tool_response: z.string().optional(),
});

/** What a hook may answer, to the letter; what else it writes is left alone. Loaded when a hook first answers. */
export const hookOutputSchema = z.looseObject({
  /** `false` blocks, with `stop_reason` as the words. */
  continue: z.boolean().optional(),
  stop_reason: z.string().optional(),
  /** What it says and adds is shown to nobody but the model. */
  suppress_output: z.boolean().optional(),
  /** Shown to the person. */
  system_message: z.string().optional(),
  decision: z.string().optional(),
  reason: z.string().optional(),
  hook_specific_output: specificSchema.optional(),
});
