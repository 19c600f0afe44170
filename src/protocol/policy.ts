import { z } from 'zod';
import { type PermissionRules, safetySchema, type Safety } from './permissions.ts';

const folder = z.string().regex(/^\//, { error: 'must be an absolute path' });
const pattern = z.string().min(1);
const address = z.string().regex(/^https?:\/\/[^/]/, { error: 'must begin with https:// or http://' });
const names = z.union([z.boolean(), z.array(z.string())], {
  error: 'must be true, false, or a list of names',
});

const WAIT_UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

const waitSchema = z
  .string()
  .regex(/^(?:never|[1-9]\d{0,5}[smhd])$/, {
    error: 'must be a number with s, m, h or d behind it, e.g. 30m, or never',
  })
  .meta({
    description: 'A number with `s`, `m`, `h` or `d` behind it, e.g. `30m`; `never` is without an end.',
  });

const foldersSchema = z.strictObject({
  allowed: z.array(folder).optional().meta({
    description:
      'Folders that sessions may work in, with all below them; links are followed before it is judged. `--working-dir` and `--add-dir` stay in them.',
  }),
  read: z.array(folder).optional().meta({
    description:
      'Further folders that may be read: `--read-dir`, and `read_roots` of teams. `/` is every folder.',
  }),
  default: folder.optional().meta({
    description: 'Where a session works that names no folder; without it the first of `allowed`.',
  }),
});

const sourcesSchema = z.strictObject({
  served: names.optional().meta({
    description: 'Teams that the server was started with: all, none, or these by name.',
  }),
  builtin: names.optional().meta({ description: 'Built-in teams: all, none, or these by name.' }),
  inline: z.boolean().optional().meta({ description: 'Whether a client may send a team of its own.' }),
  url: z.array(address).optional().meta({
    description:
      'Teams by these addresses, or below them; what they redirect to must be allowed too. `https://` is not enough: name the host.',
  }),
  path: z.array(folder).optional().meta({
    description: 'Folders of the server whose team files a client may name by their path, links followed.',
  }),
});

const permissionsSchema = z.strictObject({
  allow: z.array(pattern).optional().meta({
    description: 'What runs without a question, in every mode but where something must be asked.',
  }),
  ask: z.array(pattern).optional().meta({ description: 'What is always asked, in every mode.' }),
  deny: z.array(pattern).optional().meta({ description: 'What is never done.' }),
});

const budgetSchema = z.strictObject({
  max_cost: z.number().positive().optional().meta({ description: 'US dollars of one session.' }),
  max_tokens: z.number().int().positive().optional().meta({ description: 'Tokens of one session.' }),
  max_iterations: z
    .number()
    .int()
    .positive()
    .optional()
    .meta({ description: 'Model calls of one run; nobody can raise it.' }),
});

/** What one policy says; a key that is absent leaves what held before. */
export const policyRulesSchema = z.strictObject({
  folders: foldersSchema.optional().meta({ description: 'Where sessions may work.' }),
  sources: sourcesSchema.optional().meta({ description: 'Where teams may come from.' }),
  trust: z.boolean().optional().meta({
    description:
      "Whether a client's yes to what a team would do before anybody is asked counts (`--trust`, or a team file that is named on the command line).",
  }),
  models: z.array(pattern).optional().meta({
    description:
      'Models that may be used, as `provider/model` with `*` for any text. Every model of a team is looked at before a session begins.',
  }),
  gateways: z.array(address).optional().meta({
    description:
      'Addresses that model requests may go to beside those of the providers: `--models-gateway`, and `base_url` of teams. Each with all below it; `*` is no part of it.',
  }),
  hooks: z.boolean().optional().meta({ description: 'Whether teams and clients may bring hooks.' }),
  stdio_mcp: z.boolean().optional().meta({
    description: 'Whether teams may start MCP and language servers as programs.',
  }),
  skills: z.array(folder).optional().meta({
    description:
      "Folders of the server whose skills trusted teams may use beside their own and those of the workspace; each holds skills, or well-known folders of skills as a user's home does.",
  }),
  private_networks: z.boolean().optional().meta({
    description:
      'Whether MCP servers that teams of clients name may be at addresses of private networks, of this machine too.',
  }),
  env: z.array(pattern).optional().meta({
    description:
      'Names of variables that a client may send (`--env-from-file`) or have passed on to commands (`--pass-env`), with `*` for any text.',
  }),
  safety: safetySchema.optional().meta({
    description:
      'The loosest mode: `autonomous`, `balanced`, `strict`, `restricted`, each stricter than the one before. A stricter one may always be asked for.',
  }),
  client_allow: z.array(pattern).optional().meta({
    description:
      "Patterns within which a client's allow rules count: those of `--allow`, `--accept-edits`, its configuration, its answers, and a team that is not served. `*/*` is every tool.",
  }),
  permissions: permissionsSchema.optional().meta({
    description: 'Rules of the server itself, above all others.',
  }),
  longest_wait: waitSchema.optional().meta({
    description: 'How long a question waits for an answer before it counts as refused.',
  }),
  budget: budgetSchema.optional().meta({
    description: 'Caps; a request may ask for less, and gets these where it asks for nothing.',
  }),
  uploads: z
    .strictObject({
      max_bytes: z.number().int().positive().optional().meta({ description: 'The largest single upload.' }),
    })
    .optional()
    .meta({ description: 'What may be uploaded.' }),
  shell: z.boolean().optional().meta({
    description: "Whether a person's own `!command` runs; it needs the scope `admin` too.",
  }),
});
export type PolicyRules = z.infer<typeof policyRulesSchema>;

/** A server's policy file: rules for everybody, and others for some by name. */
export const policyFileSchema = policyRulesSchema.extend({
  principals: z.record(z.string().min(1), policyRulesSchema).optional().meta({
    description:
      'Rules for one principal by name; each key takes the place of the one above, but `permissions.ask` and `permissions.deny`, which add to it.',
  }),
});
export type PolicyFile = z.infer<typeof policyFileSchema>;

/** `30m` in milliseconds; `never` is undefined. */
export function waitOf(text: string): number | undefined {
  const unit = WAIT_UNITS[text.slice(-1) as keyof typeof WAIT_UNITS];
  return text === 'never' ? undefined : Number(text.slice(0, -1)) * unit;
}

/** All, none, or these. */
export type AllowedNames = boolean | readonly string[];

/** What one caller may do, with nothing left open; the Host judges by it (R10). */
export interface Policy {
  /** Where it stands, for a person, e.g. `the policy of this server`. */
  where: string;
  folders: { allowed: readonly string[]; read: readonly string[]; default: string };
  sources: {
    served: AllowedNames;
    builtin: AllowedNames;
    inline: boolean;
    /** Addresses; `*` is every one. */
    url: readonly string[];
    path: readonly string[];
  };
  trust: boolean;
  models: readonly string[];
  /** Addresses; `*` is every one. */
  gateways: readonly string[];
  hooks: boolean;
  stdio_mcp: boolean;
  /** Folders. */
  skills: readonly string[];
  private_networks: boolean;
  env: readonly string[];
  safety: Safety;
  client_allow: readonly string[];
  permissions: PermissionRules;
  longest_wait_ms: number | undefined;
  budget: { max_cost?: number; max_tokens?: number; max_iterations?: number };
  upload_bytes: number;
  shell: boolean;
}
