import { z } from 'zod';
import { policyFileSchema } from '../../protocol/policy.ts';

/** The JSON Schema (draft-07) of a policy file, made from the schema that reads it. */
export function policyJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(policyFileSchema, { target: 'draft-7', io: 'input' });
  return {
    $schema,
    title: 'Yonder policy',
    description: 'What a server lets each of its callers do, as `yonder serve api --policy` takes it.',
    ...schema,
  };
}
