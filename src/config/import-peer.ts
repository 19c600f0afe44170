import { type Alias, parseUserConfig, type UserConfig } from './user-config.ts';

/** What an import does with one key of the peer's configuration. */
export interface ImportLine {
  /** The peer's key. */
  key: string;
  /** Ours, where it was taken. */
  to?: string[];
  value?: unknown;
  /** Why it was not taken, or what is different now. */
  note?: string;
}

export interface ImportContext {
  ours: UserConfig;
  reserved: readonly string[];
  /** Whether a team is at such a place. */
  isTeam(path: string): Promise<boolean>;
}

const NOT_HERE: Readonly<Record<string, string>> = {
  expand_thinking: 'Yonder has no such display setting',
  split_diff_view: 'Yonder has no such display setting',
  theme: 'Yonder takes the colours of your terminal',
  tab_title_max_length: 'there are no tabs',
  restore_tabs: 'there are no tabs',
  sound: 'there are no sounds',
  sound_threshold: 'there are no sounds',
};

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What of the peer's configuration becomes ours (reference/docker-agent.md 4.3), what does not, and why; nothing that stands in ours is changed. */
export async function planImport(peer: unknown, context: ImportContext): Promise<ImportLine[]> {
  if (peer === null || peer === undefined) return [];
  if (!isMapping(peer)) return [{ key: 'the file', note: 'it is no mapping of settings' }];
  const lines: ImportLine[] = [];
  for (const [key, value] of Object.entries(peer)) {
    if (key === 'aliases') lines.push(...(await aliasLines(value, context)));
    else if (key === 'settings') lines.push(...settingLines(value, context));
    else if (key === 'models_gateway' || key === 'default_model')
      lines.push(take(key, [key], value, context));
    else if (key === 'credential_helper') {
      lines.push({
        key,
        note: "the peer's prints one token for its gateway; ours is given the name of a variable and prints that key",
      });
    } else lines.push({ key, note: 'Yonder has no such key' });
  }
  return lines;
}

function settingLines(settings: unknown, context: ImportContext): ImportLine[] {
  if (!isMapping(settings)) return [{ key: 'settings', note: 'it is no mapping' }];
  return Object.entries(settings).flatMap(([name, value]): ImportLine[] => {
    const key = `settings.${name}`;
    if (name === 'hide_tool_results' || name === 'snapshot')
      return [take(key, ['settings', name], value, context)];
    if (name === 'YOLO') {
      if (value !== true) return [{ key, note: 'it is off, as it is here when nothing is said' }];
      return [take(key, ['safety'], 'autonomous', context)];
    }
    if (name === 'permissions') return permissionLines(value, context);
    return [{ key, note: NOT_HERE[name] ?? 'Yonder has no such key' }];
  });
}

function permissionLines(rules: unknown, context: ImportContext): ImportLine[] {
  if (!isMapping(rules)) return [{ key: 'settings.permissions', note: 'it is no mapping' }];
  return Object.entries(rules).map(([kind, patterns]) => {
    const key = `settings.permissions.${kind}`;
    if (kind !== 'allow' && kind !== 'ask' && kind !== 'deny')
      return { key, note: 'Yonder has no such rules' };
    const line = take(key, ['settings', 'permissions', kind], patterns, context);
    if (kind !== 'allow' || line.to === undefined) return line;
    return { ...line, note: 'an ask beats an allow here, in the same layer' };
  });
}

async function aliasLines(aliases: unknown, context: ImportContext): Promise<ImportLine[]> {
  if (!isMapping(aliases)) return [{ key: 'aliases', note: 'it is no mapping' }];
  const lines: ImportLine[] = [];
  for (const [name, given] of Object.entries(aliases)) lines.push(await aliasLine(name, given, context));
  return lines;
}

async function aliasLine(name: string, given: unknown, context: ImportContext): Promise<ImportLine> {
  const key = `aliases.${name}`;
  const alias = typeof given === 'string' ? { path: given } : given;
  if (!isMapping(alias) || typeof alias['path'] !== 'string') return { key, note: 'it names no team' };
  if (!(await context.isTeam(alias['path']))) {
    return {
      key,
      note: 'there is no team at its path; Yonder takes files, folders, URLs and built-in names',
    };
  }
  const known = ['path', 'model', 'yolo', 'hide_tool_results'] as const satisfies (keyof Alias)[];
  const kept = Object.fromEntries(known.flatMap((field) => (field in alias ? [[field, alias[field]]] : [])));
  const left = Object.keys(alias).filter((field) => !known.some((other) => other === field));
  const line = take(key, ['aliases', name], kept, context);
  if (left.length === 0 || line.to === undefined) return line;
  return { ...line, note: `without ${left.join(', ')}, which Yonder has not` };
}

/** Takes a value that our own check lets through, where ours says nothing yet. */
function take(key: string, to: string[], value: unknown, { ours, reserved }: ImportContext): ImportLine {
  if (ours.places.has(to.join('.'))) return { key, note: `yours says it already (${to.join('.')})` };
  const alone = to.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value);
  try {
    parseUserConfig('', JSON.stringify(alone), { reserved });
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message.replace(/^:\d+:\d+: /, '') : String(thrown);
    return { key, note: why };
  }
  return { key, to, value };
}
