import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addAliasCommand, listAliases, removeAliasCommand } from '../../../src/cli/commands/alias.ts';
import { importConfig } from '../../../src/cli/commands/config-import.ts';
import { setConfig } from '../../../src/cli/commands/config-set.ts';
import { getConfig, showConfig } from '../../../src/cli/commands/config-show.ts';
import { gather, prepare } from '../../../src/cli/run/prepare.ts';
import { findProject, withTrust } from '../../../src/cli/run/project.ts';
import { Output } from '../../../src/cli/terminal/output.ts';
import { memoryIo } from './streams.ts';

let home: string;
let work: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'yonder-project-'));
  work = join(home, 'repo', 'sub');
  mkdirSync(join(home, 'repo', '.git'), { recursive: true });
  mkdirSync(work);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const at = (options: { terminal?: boolean; cwd?: string; env?: Record<string, string> } = {}) =>
  memoryIo({ cwd: work, home, ...options });
const flags = () => ({ configDir: join(home, 'config'), dataDir: join(home, 'data') });
const config = () => join(home, 'config', 'config.yaml');
const write = (name: string, text: string): string => {
  const path = join(home, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text, { mode: 0o600 });
  return path;
};

test('a project is found upwards and beside the team, and both count', async () => {
  const root = write('repo/yonder.config.yaml', 'permissions: {deny: [a], allow: [x]}\n');
  const beside = write('teams/yonder.config.yml', 'permissions: {ask: [b]}\n');
  const entry = write('teams/team.yaml', 'agents: {}\n');
  const team = { source: { kind: 'inline', entry, files: {} }, named: true, shown: entry } as const;
  const found = await findProject({ team, workingDir: work, io: at() });
  expect(found.configs.map(({ file }) => file)).toEqual([beside, root]);
  expect(found).toMatchObject({ permissions: { allow: ['x'], ask: ['b'], deny: ['a'] }, trusted: false });
  expect((await findProject({ team: undefined, workingDir: home, io: at() })).configs).toEqual([]);
});

test('its allow rules count after --trust, or a yes that is kept to that list', async () => {
  const file = write('repo/yonder.config.yaml', 'permissions: {allow: ["shell:cmd=npm test"]}\n');
  const trustFile = join(home, 'data', 'trust.json');
  const ask = async (said: boolean, answer?: string): Promise<[boolean, string]> => {
    const io = at({ terminal: answer !== undefined });
    const project = await findProject({ team: undefined, workingDir: work, io });
    const done = withTrust(project, {
      said,
      ask: answer !== undefined,
      file: trustFile,
      io,
      output: new Output(io),
    });
    if (answer !== undefined && answer !== '') {
      await io.shows('Trust it?');
      io.type(`${answer}\r`);
    }
    return [(await done).trusted, io.err()];
  };
  expect(await ask(false)).toEqual([
    false,
    `warning: ${file}: its allow rules do not count: nobody has trusted it (--trust)\n`,
  ]);
  expect((await ask(true))[0]).toBe(true);
  const [no, words] = await ask(false, 'n');
  expect(no).toBe(false);
  expect(words).toContain(
    `The project configuration ${file} was found here, and nobody has trusted it yet. It wants:`,
  );
  expect(words).toContain('permissions.allow[0]: runs without a question: shell:cmd=npm test');
  const [yes, kept] = await ask(false, 'y');
  expect(yes).toBe(true);
  expect(kept).toContain(`to take it back: yonder permissions remove ${file})`);
  expect((await ask(false, ''))[0]).toBe(true);
  write('repo/yonder.config.yaml', 'permissions: {allow: ["shell"]}\n');
  expect((await ask(false))[0]).toBe(false);
});

test('hooks of a project hold the run until the yes, or are left out; those of the person need none', async () => {
  const file = write('repo/yonder.config.yaml', 'hooks: {stop: [{command: theirs}]}\n');
  write('config/config.yaml', 'settings: {hooks: {stop: [{command: mine}]}}\n');
  const run = async (more: object): Promise<[string, unknown, unknown]> => {
    const io = at();
    const prepared = prepare({ ...flags(), ...more }, ['coder', 'hi'], io, new Output(io));
    const done = await prepared.catch((thrown: unknown) => thrown);
    if (done instanceof Error) return [io.err(), done, undefined];
    const { userHooks, project } = await gather(await prepared, undefined as never, io);
    return [io.err(), userHooks, project?.hooks];
  };
  const [words, fault] = await run({});
  expect(fault).toMatchObject({ exit: 3 });
  expect(words).toContain(`the project configuration ${file} is not trusted: nobody named it`);
  expect(words).toContain('hooks.stop[0]: runs {"command":"theirs"}');
  expect(words).toContain('say so: --trust, or leave its hooks out: --no-config-hooks.');
  expect(await run({ trust: true })).toEqual([
    '',
    { stop: [{ command: 'mine' }] },
    { stop: [{ command: 'theirs' }] },
  ]);
  expect(await run({ configHooks: false })).toEqual(['', undefined, undefined]);
});

test('a run takes settings of all places; an alias of an alias is a team with both', async () => {
  write('repo/yonder.config.yaml', 'safety: strict\ndefault_model: p/m\n');
  write(
    'config/config.yaml',
    'safety: autonomous\npass_env: [MINE]\naliases: {a: {path: b, model: a/m}, b: {path: coder, hide_tool_results: true}}\nsettings: {snapshot: true}\n',
  );
  const io = at();
  const prepared = await prepare({ ...flags(), passEnv: ['TOO'] }, ['a', 'hi'], io, new Output(io));
  expect(prepared.team?.source).toEqual({ kind: 'builtin', name: 'coder' });
  expect(prepared.flags).toMatchObject({
    model: ['a/m'],
    hideToolResults: true,
    snapshots: true,
    passEnv: ['TOO', 'MINE'],
  });
  expect(prepared.flags).not.toHaveProperty('yolo');
  expect(prepared.settings).toMatchObject({
    safety: { value: 'strict', kind: 'project', origin: `${join(home, 'repo', 'yonder.config.yaml')}:1` },
    default_model: { value: 'p/m', kind: 'project' },
  });
  const off = await prepare({ ...flags(), snapshots: false }, ['coder', 'hi'], io, new Output(io));
  expect(off.flags.snapshots).toBe(false);
});

test('config show has each origin, and no password', async () => {
  write('config/config.yaml', 'models_gateway: https://me:canary@gw/\n\nsettings: {snapshot: true}\n');
  const io = at({ env: { CAGENT_DEFAULT_MODEL: 'e/m' } });
  await showConfig({ ...flags(), safety: 'strict' }, io);
  expect(io.out()).toContain(`models_gateway: https://***@gw/  (${config()}:1)\n`);
  expect(io.out()).toContain('default_model: e/m  (CAGENT_DEFAULT_MODEL)\n');
  expect(io.out()).toContain('safety: strict  (--safety, --yolo)\n');
  expect(io.out()).toContain(`snapshot: true  (${config()}:3)\n`);
  expect(io.out()).toContain('colour: auto  (default)\n');
  expect(io.out()).toContain(`data_dir: ${join(home, 'data')}  (--data-dir)\n`);
  expect(io.out()).toMatch(/^cache_dir: \/.*\/yonder {2}\(default\)$/m);
  expect(io.out()).not.toContain('canary');
});

test('config get takes a name as it stands in the file, and gives each rule a line', async () => {
  write('config/config.yaml', 'settings: {snapshot: true, permissions: {deny: [a, b]}}\n');
  const got = async (name: string): Promise<string> => {
    const io = at();
    await getConfig(name, flags(), io);
    return io.out();
  };
  expect(await got('settings.snapshot')).toBe('true\n');
  expect(await got('settings.permissions.deny')).toBe('a\nb\n');
  expect(await got('permissions.ask')).toBe('');
  await expect(got('settings.colours')).rejects.toMatchObject({
    code: 'not_found',
    message: expect.stringMatching(/^there is no setting settings\.colours; there are models_gateway, /),
  });
});

test('aliases are added, listed and removed; a reserved or unknown one is refused, and nothing is written', async () => {
  write('repo/sub/team.yaml', 'agents: {}\n');
  await addAliasCommand('mine', 'team.yaml', { ...flags(), yolo: true, model: 'x/y' }, at());
  const io = at();
  await listAliases(flags(), io);
  expect(io.out()).toBe(`mine  ${join(work, 'team.yaml')}  --model x/y --yolo\n`);
  const before = readFileSync(config(), 'utf8');
  await expect(addAliasCommand('auth', 'coder', flags(), at())).rejects.toThrow(
    'the alias auth is the name of a command',
  );
  await expect(addAliasCommand('other', 'nothing', flags(), at())).rejects.toThrow(
    'there is no team nothing',
  );
  await expect(setConfig('safety', 'brave', flags(), at())).rejects.toThrow('safety must be one of');
  expect(readFileSync(config(), 'utf8')).toBe(before);
  await removeAliasCommand('mine', flags(), at());
  await expect(removeAliasCommand('mine', flags(), at())).rejects.toMatchObject({ code: 'not_found' });
});

test("the peer's configuration is taken over once; ours is not overwritten, and each key has its word", async () => {
  const team = write('old/team.yaml', 'agents: {}\n');
  const peer = write(
    '.config/cagent/config.yaml',
    `default_model: p/m
models_gateway: 7
credential_helper: {command: x}
aliases:
  t: {path: ${team}, yolo: true, theme: dark}
  oci: {path: me/agent:1}
  run: {path: ${team}}
settings: {YOLO: true, theme: dark, snapshot: true, permissions: {allow: [read_file], deny: [shell]}}
`,
  );
  write('config/config.yaml', '# mine\ndefault_model: o/m\n');
  const io = at();
  await importConfig(undefined, flags(), io);
  expect(io.out().split('\n')).toEqual([
    'not taken  default_model: yours says it already (default_model)',
    'not taken  models_gateway: models_gateway must be a text; put it in quotes',
    expect.stringMatching(/^not taken {2}credential_helper: the peer's prints one token/),
    'taken      aliases.t: without theme, which Yonder has not',
    expect.stringMatching(/^not taken {2}aliases.oci: there is no team at its path/),
    expect.stringMatching(/^not taken {2}aliases.run: the alias run is the name of a command/),
    'taken      settings.YOLO as safety',
    'not taken  settings.theme: Yonder takes the colours of your terminal',
    'taken      settings.snapshot',
    'taken      settings.permissions.allow: an ask beats an allow here, in the same layer',
    'taken      settings.permissions.deny',
    '',
  ]);
  expect(io.err()).toBe(`5 of 11 from ${peer} to ${config()}\n`);
  const written = readFileSync(config(), 'utf8');
  expect(written).toContain('# mine\ndefault_model: o/m\n');
  await importConfig(undefined, flags(), at());
  expect(readFileSync(config(), 'utf8')).toBe(written);
  await expect(importConfig('nothing.yaml', flags(), at())).rejects.toThrow(
    'nothing.yaml is not there, or empty',
  );
});
