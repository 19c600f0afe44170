import { z } from 'zod';
import { hooksSchema } from './contract/hooks.ts';
import { permissionRulesSchema, safetySchema } from './permissions.ts';

/**
 * What of a policy binds a session while it works and nobody asks: kept in its log, so that it holds over a restart and whoever drives (R22). What
 * is absent binds nothing; empty: no policy.
 */
export const sessionBoundsSchema = z.looseObject({
  /** The loosest mode. */
  safety: safetySchema.optional(),
  /** Allow rules of clients count within these; absent: everywhere. */
  client_allow: z.array(z.string()).optional(),
  /** Rules of the layer `policy`. */
  permissions: permissionRulesSchema.optional(),
  /** Patterns, `provider/model`. */
  models: z.array(z.string()).optional(),
  /** Hooks of the layer `policy`. */
  hooks: hooksSchema.optional(),
  /** False: MCP servers are on the open internet alone. */
  private_networks: z.boolean().optional(),
  longest_wait_ms: z.number().optional(),
  max_cost: z.number().optional(),
  max_tokens: z.number().optional(),
  max_iterations: z.number().optional(),
  /** Folders of the Host whose skills it may use; absent: none but the user's own, where there is one. */
  skills: z.array(z.string()).optional(),
});
export type SessionBounds = z.infer<typeof sessionBoundsSchema>;
