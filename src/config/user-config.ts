import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { YonderError } from '../protocol/errors.ts';
import type { PermissionRules } from '../protocol/permissions.ts';

const patterns = z
  .array(z.string())
  .nullish()
  .transform((value) => value ?? []);
const rules = z
  .looseObject({ allow: patterns, ask: patterns, deny: patterns })
  .nullish()
  .transform((value) => ({ allow: value?.allow ?? [], ask: value?.ask ?? [], deny: value?.deny ?? [] }));

const aliasSchema = z.looseObject({
  path: z.string(),
  yolo: z.boolean().optional(),
  model: z.string().optional(),
  hide_tool_results: z.boolean().optional(),
});
export type Alias = z.infer<typeof aliasSchema>;

/** The peer's keys that we read (reference/docker-agent.md 4.3) and ours; all others are left to whoever wrote them. */
const configSchema = z.looseObject({
  default_model: z.string().optional(),
  models_gateway: z.string().optional(),
  aliases: z
    .record(z.string(), aliasSchema)
    .nullish()
    .transform((value) => value ?? {}),
  settings: z
    .looseObject({
      permissions: rules,
      YOLO: z.boolean().optional(),
      hide_tool_results: z.boolean().optional(),
      pass_env: patterns,
    })
    .nullish(),
  folders: z
    .record(z.string(), z.looseObject({ permissions: rules }).nullable())
    .nullish()
    .transform((value) => value ?? {}),
});
export type UserConfig = z.infer<typeof configSchema>;

/** The user's configuration; a missing file is an empty one. A broken one is `invalid_request` with its place. */
export async function readUserConfig(path: string): Promise<UserConfig> {
  const document = parseDocument(await readConfigText(path), { prettyErrors: true });
  const [fault] = document.errors;
  if (fault !== undefined) {
    throw new YonderError('invalid_request', `${path}: ${fault.message.trim()}`, { cause: fault });
  }
  const read = configSchema.safeParse(document.toJS() ?? {});
  if (read.success) return read.data;
  const issues = read.error.issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`);
  throw new YonderError('invalid_request', `${path}: ${issues.join('; ')}`, { cause: read.error });
}

/** The text of the file; empty where there is none. */
export async function readConfigText(path: string): Promise<string> {
  try {
    if ((await stat(path)).isFIFO()) {
      // A thread that waited for its writer would keep the process from ending.
      throw new YonderError('invalid_request', `the configuration ${path} is a pipe, not a regular file`);
    }
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof YonderError) throw cause;
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    if (code === 'ENOENT') return '';
    throw new YonderError('invalid_request', `the configuration ${path} cannot be read (${code})`, { cause });
  }
}

/**
 * The user's own rules for a folder: those of `settings.permissions`, and of `folders.<path>`. An allow holds for that very folder; asks and denies
 * of a folder hold for all below it as well.
 */
export function rulesForFolder(config: UserConfig, folder: string): PermissionRules {
  const everywhere = config.settings?.permissions ?? { allow: [], ask: [], deny: [] };
  const here = config.folders[folder]?.permissions;
  const above = [folder, ...ancestors(folder)].flatMap((path) => config.folders[path]?.permissions ?? []);
  return {
    allow: unique([...everywhere.allow, ...(here?.allow ?? [])]),
    ask: unique([...everywhere.ask, ...above.flatMap((found) => found.ask)]),
    deny: unique([...everywhere.deny, ...above.flatMap((found) => found.deny)]),
  };
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}

function ancestors(folder: string): string[] {
  const above = dirname(folder);
  return above === folder ? [] : [above, ...ancestors(above)];
}
