import { resolveSettings, type Setting } from '../../config/settings.ts';
import { SETTING_NAMES, SETTINGS, type SettingRow } from '../../config/settings-table.ts';
import { readUserConfig, rulesForFolder } from '../../config/user-config.ts';
import { YonderError } from '../../protocol/errors.ts';
import { withEnvironment } from '../flags/environment.ts';
import { flagSettings } from '../flags/flag-settings.ts';
import type { RunFlags } from '../flags/run-flags.ts';
import { placesOf } from '../places.ts';
import { reservedNames } from '../reserved-names.ts';
import { findProject } from '../run/project.ts';
import type { Io } from '../terminal/io.ts';
import { Output } from '../terminal/output.ts';

interface Row {
  name: string;
  value: unknown;
  /** Where the value comes from: a flag, a variable, `file:line`, or `default`. */
  origin: string;
  kind: string;
  /** What a default means that is no value. */
  meaning?: string;
}

/** `yonder config show [--json]` */
export async function showConfig(flags: RunFlags, io: Io): Promise<number> {
  const output = new Output(io);
  for (const row of await rowsOf(flags, io)) {
    await output.text(
      flags.json === true ? `${JSON.stringify(row)}\n` : `${row.name}: ${shownValue(row)}  (${row.origin})\n`,
    );
  }
  return 0;
}

/** `yonder config get <name>`: the value alone, of rules one a line; nothing where there is none. `settings.` of a key in the file may stand before it. */
export async function getConfig(name: string, flags: RunFlags, io: Io): Promise<number> {
  const rows = await rowsOf(flags, io);
  const wanted = name.replace(/^settings\./, '');
  const found = rows.filter((candidate) => candidate.name === wanted);
  const isRules = /^permissions\.(?:allow|ask|deny)$/.test(wanted);
  if (found.length === 0 && !isRules) {
    const names = [...new Set(rows.map((candidate) => candidate.name))].join(', ');
    throw new YonderError('not_found', `there is no setting ${name}; there are ${names}`);
  }
  const output = new Output(io);
  for (const { value } of found) if (value !== undefined) await output.text(`${valueText(value)}\n`);
  return 0;
}

async function rowsOf(flags: RunFlags, io: Io): Promise<Row[]> {
  const places = placesOf(withEnvironment(flags, io.env), io);
  const user = await readUserConfig(places.configFile, { reserved: reservedNames(io) });
  const { configs } = await findProject({ team: undefined, workingDir: io.cwd, io });
  const settings = resolveSettings({ flags: flagSettings(flags), env: io.env, projects: configs, user });
  const folders = new Map<string, string>([
    ['config_dir', places.config],
    ['data_dir', places.data],
    ['cache_dir', places.cache],
    ['session_db', places.store],
  ]);
  const rows = SETTING_NAMES.map((name): Row => {
    const setting: Setting<unknown> = settings[name];
    const row: Pick<SettingRow<unknown>, 'meaning'> = SETTINGS[name];
    // A folder that nobody named is a folder all the same.
    const folder = setting.kind === 'default' ? folders.get(name) : undefined;
    if (folder !== undefined) return { name, value: folder, origin: setting.origin, kind: setting.kind };
    return {
      name,
      value: name === 'models_gateway' ? withoutPassword(setting.value) : setting.value,
      origin: setting.origin,
      kind: setting.kind,
      ...(setting.kind === 'default' && row.meaning !== undefined ? { meaning: row.meaning } : {}),
    };
  });
  const mine = rulesForFolder(user, io.cwd);
  const rules = (['allow', 'ask', 'deny'] as const).flatMap((kind): Row[] => [
    ...mine[kind].map((rule) => ({
      name: `permissions.${kind}`,
      value: rule,
      origin: user.file,
      kind: 'user',
    })),
    ...configs.flatMap((config) =>
      config.permissions[kind].map((rule) => ({
        name: `permissions.${kind}`,
        value: rule,
        origin: `${config.file}${kind === 'allow' ? ', counts once it is trusted' : ''}`,
        kind: 'project',
      })),
    ),
  ]);
  return [...rows, ...rules];
}

/** `user:password@` is a secret. */
function withoutPassword(value: unknown): unknown {
  const url = typeof value === 'string' ? URL.parse(value) : null;
  if (url === null || (url.username === '' && url.password === '')) return value;
  url.username = '***';
  url.password = '';
  return url.href;
}

function shownValue({ value, meaning }: Row): string {
  return meaning ?? valueText(value);
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return value.join(' ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** `yonder config path` */
export async function configPath(flags: RunFlags, io: Io): Promise<number> {
  await new Output(io).text(`${placesOf(withEnvironment(flags, io.env), io).configFile}\n`);
  return 0;
}
