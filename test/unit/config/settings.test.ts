import { expect, test } from 'vitest';
import type { ProjectConfig } from '../../../src/config/project-config.ts';
import { resolveSettings, type SettingSources } from '../../../src/config/settings.ts';
import {
  SETTING_NAMES,
  SETTINGS,
  type SettingName,
  type SettingRow,
} from '../../../src/config/settings-table.ts';
import { parseUserConfig } from '../../../src/config/user-config.ts';

/** For each setting what every place could say, strongest first; the first that is left wins. A place that is not listed may not say it. */
type Kind = 'flag' | 'env' | 'alias' | 'project' | 'user';
const SAID: Record<SettingName, Partial<Record<Kind, unknown>>> = {
  models_gateway: { flag: 'https://flag', env: 'https://env', user: 'https://user' },
  default_model: { env: 'e/m', project: 'p/m', user: 'u/m' },
  model: { flag: ['f/m'], alias: ['a/m'] },
  safety: { flag: 'balanced', alias: 'autonomous', user: 'strict' },
  snapshot: { flag: false, user: true },
  hide_tool_results: { flag: true, alias: false, user: true },
  hide_tool_calls: { flag: true, user: true },
  colour: { env: 'never', user: 'never' },
  pass_env: { flag: ['F'], user: ['U'] },
  credential_helper: { user: ['helper'] },
  config_dir: { flag: '/f', env: '/e' },
  data_dir: { flag: '/f', env: '/e' },
  cache_dir: { flag: '/f', env: '/e' },
  session_db: { flag: '/f', env: '/e' },
  log_file: { flag: '/f', env: '/e' },
};

const project = (values: Partial<ProjectConfig> = {}): ProjectConfig => ({
  file: '/p/yonder.config.yaml',
  places: new Map([
    ['default_model', { line: 3, column: 1 }],
    ['safety', { line: 4, column: 1 }],
  ]),
  permissions: { allow: [], ask: [], deny: [] },
  ...values,
});

/** Sources in which exactly these places say it. */
function sourcesFor(name: SettingName, said: Partial<Record<Kind, unknown>>): SettingSources {
  const row: Pick<SettingRow<unknown>, 'env' | 'user' | 'presence'> = SETTINGS[name];
  const user =
    'user' in said && row.user !== undefined
      ? `# mine\n${row.user.split('.').reduceRight((inner, key) => `{${key}: ${inner}}`, JSON.stringify(said.user))}\n`
      : '';
  const variable = row.presence?.variable ?? `CAGENT_${row.env ?? ''}`;
  const alias =
    name === 'model' ? { model: 'a/m' } : name === 'safety' ? { yolo: true } : { hide_tool_results: false };
  return {
    flags: 'flag' in said ? { [name]: said.flag } : {},
    env: 'env' in said ? { [variable]: row.presence === undefined ? String(said.env) : '1' } : {},
    alias: 'alias' in said ? { name: 'mine', alias: { path: 't', ...alias } } : undefined,
    projects: 'project' in said ? [project({ [name]: said.project })] : [],
    user: parseUserConfig('/c/config.yaml', user),
  };
}

const ORIGIN: Record<Kind, (name: SettingName) => string> = {
  flag: (name) => SETTINGS[name].flag ?? '',
  env: (name) => (name === 'colour' ? 'NO_COLOR' : `CAGENT_${SETTINGS[name].env ?? ''}`),
  alias: () => 'alias mine (/c/config.yaml)',
  project: () => '/p/yonder.config.yaml:3',
  user: () => '/c/config.yaml:2',
};

const rows = SETTING_NAMES.flatMap((name) => {
  const kinds = Object.keys(SAID[name]) as Kind[];
  return kinds.map((winner, index) => ({ name, winner, weaker: kinds.slice(index) }));
});

test.each(rows)('$name: $winner wins over what is behind it', ({ name, winner, weaker }) => {
  const said = Object.fromEntries(weaker.map((kind) => [kind, SAID[name][kind]]));
  const setting = resolveSettings(sourcesFor(name, said))[name];
  if (name === 'pass_env' && winner === 'flag') {
    expect(setting).toEqual({ value: ['F', 'U'], kind: 'flag', origin: '--pass-env, /c/config.yaml:2' });
    return;
  }
  expect(setting).toEqual({ value: SAID[name][winner], kind: winner, origin: ORIGIN[winner](name) });
});

test.each(SETTING_NAMES)('%s: nothing said is the default, and the table lists who may say it', (name) => {
  const row: Omit<SettingRow<unknown>, 'project'> & { project?: unknown } = SETTINGS[name];
  expect(resolveSettings(sourcesFor(name, {}))[name]).toEqual({
    value: row.fallback,
    kind: 'default',
    origin: 'default',
  });
  const listed = (['flag', 'env', 'presence', 'alias', 'user'] as const)
    .filter((key) => row[key] !== undefined)
    .map((key) => (key === 'presence' ? 'env' : key));
  const sets = row.project === 'sets' ? ['project'] : [];
  expect(Object.keys(SAID[name]).toSorted()).toEqual([...listed, ...sets].toSorted());
});

test('the three prefixes, ours first; an empty variable is none', () => {
  const modelWith = (env: Record<string, string>) =>
    resolveSettings({ ...sourcesFor('default_model', {}), env }).default_model;
  const env = {
    YONDER_DEFAULT_MODEL: 'y/m',
    DOCKER_AGENT_DEFAULT_MODEL: 'd/m',
    CAGENT_DEFAULT_MODEL: 'c/m',
  };
  expect(modelWith(env)).toMatchObject({ value: 'y/m', origin: 'YONDER_DEFAULT_MODEL' });
  expect(modelWith({ ...env, YONDER_DEFAULT_MODEL: '' })).toMatchObject({ value: 'd/m' });
});

test('a value that cannot be is named by the variable or flag that says it, where it counts', () => {
  const resolved = (flags: object, env: Record<string, string>) =>
    resolveSettings({ ...sourcesFor('models_gateway', {}), flags, env }).models_gateway.value;
  const env = { DOCKER_AGENT_MODELS_GATEWAY: 'gw.example' };
  const address = 'must be an address that begins with https:// or http://';
  expect(() => resolved({}, env)).toThrow(`DOCKER_AGENT_MODELS_GATEWAY ${address}`);
  expect(() => resolved({ models_gateway: 'ftp://x' }, env)).toThrow(`--models-gateway ${address}`);
  expect(resolved({ models_gateway: 'https://gw.example' }, env)).toBe('https://gw.example');
});

test.each([
  // others, the project's, what holds, who says so
  [undefined, 'strict', 'strict', 'project'],
  [undefined, 'balanced', undefined, 'default'],
  [undefined, 'autonomous', undefined, 'default'],
  ['autonomous', 'balanced', 'balanced', 'project'],
  ['restricted', 'strict', 'restricted', 'user'],
  ['strict', 'restricted', 'restricted', 'project'],
] as const)('safety: user %s, project %s: %s', (user, theirs, value, kind) => {
  const sources = sourcesFor('safety', user === undefined ? {} : { user });
  expect(resolveSettings({ ...sources, projects: [project({ safety: theirs })] }).safety).toMatchObject({
    value,
    kind,
  });
});

test('safety: a flag is beyond the project, an alias is not', () => {
  const projects = [project({ safety: 'strict' })];
  const typed = sourcesFor('safety', { flag: 'autonomous' });
  expect(resolveSettings({ ...typed, projects }).safety).toMatchObject({ value: 'autonomous', kind: 'flag' });
  const named = sourcesFor('safety', { alias: true });
  expect(resolveSettings({ ...named, projects }).safety).toMatchObject({ value: 'strict', kind: 'project' });
});
