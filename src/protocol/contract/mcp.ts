import { z } from 'zod';
import { JSON_POST, operation } from './declare.ts';
import { loadTeamRequestSchema } from './payloads.ts';

/** What the client is told that took a sign-in upon itself, and nobody else (R31). */
export const claimedSchema = z.looseObject({
  /** For the person's browser. It carries the state of this sign-in. */
  authorization_url: z.string(),
  scope: z.string().optional(),
  /** Until then nobody else can take it. */
  expires_at: z.string(),
});

const server = z.string().min(1).max(2000);
const ofTeam = loadTeamRequestSchema.pick({ source: true, trust: true });

/** The MCP servers of a team, and the sign-ins that are kept for them outside of sessions. */
export const mcpOperations = {
  'mcp/list': operation({
    ...JSON_POST,
    on: 'backend',
    method: 'listMcp',
    scope: 'run',
    changes: false,
    request: ofTeam,
    response: z.looseObject({
      servers: z.array(
        z.looseObject({
          name: z.string(),
          agents: z.array(z.string()),
          transport: z.enum(['stdio', 'streamable', 'sse']),
          url: z.string().optional(),
          /** `own_key`: the team sends a key of its own; `expired`: the token is renewed when it is used, or asked for anew. */
          state: z.enum(['no_sign_in', 'own_key', 'signed_in', 'expired', 'signed_out']),
          scope: z.string().optional(),
          expires_at: z.string().optional(),
          /** Where browsers are sent back to, as the team says. */
          callback_port: z.number().optional(),
        }),
      ),
    }),
  }),
  'mcp/login': operation({
    ...JSON_POST,
    on: 'backend',
    method: 'loginMcp',
    scope: 'approve',
    changes: true,
    request: ofTeam.extend({
      /** The name of a server of the team, or its address. */
      server,
      redirect_url: z.string().max(2000),
    }),
    response: claimedSchema.extend({ login_id: z.string(), name: z.string(), url: z.string() }),
  }),
  'mcp/finish': operation({
    ...JSON_POST,
    on: 'backend',
    method: 'finishMcp',
    scope: 'approve',
    changes: true,
    request: z.strictObject({
      login_id: z.string(),
      decision: z.enum(['accept', 'cancel']),
      /** What the browser brought: `code`, `state`, `iss`. */
      content: z.record(z.string(), z.unknown()).optional(),
    }),
    response: z.looseObject({ signed_in: z.boolean(), scope: z.string().optional() }),
  }),
  'mcp/logout': operation({
    ...JSON_POST,
    on: 'backend',
    method: 'logoutMcp',
    scope: 'approve',
    changes: true,
    request: ofTeam.extend({ server }),
    response: z.looseObject({ name: z.string(), url: z.string(), was_signed_in: z.boolean() }),
  }),
} as const;
