import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { refuseContradictions } from '../../../src/cli/flags/contradictions.ts';
import { placeFrom, withEnvironment } from '../../../src/cli/flags/environment.ts';
import { refuseMisspelt } from '../../../src/cli/flags/misspelt.ts';
import { addRunFlags, duration, type RunFlags } from '../../../src/cli/flags/run-flags.ts';
import { prepareWords } from '../../../src/cli/flags/words.ts';
import { buildPayloads } from '../../../src/cli/payloads.ts';
import { VERSION } from '../../../src/cli/version.ts';
import {
  createSessionRequestSchema,
  loadTeamRequestSchema,
} from '../../../src/protocol/contract/payloads.ts';

function parsed(...words: string[]): { flags: RunFlags; words: string[] } {
  const command = addRunFlags(
    new Command('run')
      .argument('[words...]')
      .exitOverride()
      .configureOutput({ writeErr: () => {} }),
  );
  command.parse(prepareWords(words), { from: 'user' });
  return { flags: command.opts<RunFlags>(), words: command.args };
}

test('the version is that of the package', () => {
  const manifest: { version: string } = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(VERSION).toBe(manifest.version);
});

describe('parsing', () => {
  test('a bare --record or --fake-stream eats no message', () => {
    expect(parsed('--record', 'hello')).toEqual({ flags: { record: '' }, words: ['hello'] });
    expect(parsed('--record=f', 'hello')).toEqual({ flags: { record: 'f' }, words: ['hello'] });
    expect(parsed('--fake-stream', 'hello').flags.fakeStream).toBe(15);
    expect(parsed('--fake-stream=3', 'hello').flags.fakeStream).toBe(3);
    expect(parsed('--', '--record').words).toEqual(['--record']);
  });

  test('repeatable flags gather, and -1 is a session', () => {
    const { flags } = parsed(
      '--model',
      'a/b',
      '--model',
      'r=c/d',
      '--session',
      '-1',
      '--allow',
      'x',
      '--allow',
      'y',
    );
    expect(flags).toEqual({ model: ['a/b', 'r=c/d'], session: '-1', allow: ['x', 'y'] });
  });

  test('commands of --hook-* gather per event, in the form of a team file, here and yonder', () => {
    const { flags } = parsed(
      ...'--hook-pre-tool-use=a --hook-post-tool-use d --hook-session-start e --hook-session-end f'.split(
        ' ',
      ),
      ...'--hook-on-user-input g --hook-stop h --no-config-hooks --hook-pre-tool-use'.split(' '),
      'b c',
    );
    expect(flags.configHooks).toBe(false);
    const { load, create } = buildPayloads({ flags, cwd: '/w', unattended: 'wait' });
    const command = (line: string) => ({ type: 'command', command: line });
    const hooks = {
      pre_tool_use: [{ hooks: [command('a'), command('b c')] }],
      post_tool_use: [{ hooks: [command('d')] }],
      session_start: [command('e')],
      session_end: [command('f')],
      on_user_input: [command('g')],
      stop: [command('h')],
    };
    expect(create.runtime_config).toEqual({ hooks });
    expect(load.runtime_config).toEqual({ hooks });
    expect(createSessionRequestSchema.safeParse(create).success).toBe(true);
  });

  test.each([
    ['90', 90_000],
    ['1.5s', 1500],
    ['10m', 600_000],
    ['500ms', 500],
    ['2h', 7_200_000],
  ])('%s', (text, expected) => {
    expect(duration(text)).toBe(expected);
  });

  test.each(['', '0', 'x', '5d', '-1'])('no time: %j', (text) =>
    expect(() => duration(text)).toThrow('Write e.g.'),
  );

  test.each([
    ['--max-iterations', 'x'],
    ['--safety', 'loose'],
    ['--ask', 'maybe'],
    ['--fake-match', 'url'],
  ])('%s %s is refused', (flag, value) => expect(() => parsed(flag, value)).toThrow(value));
});

describe('contradictions name both', () => {
  test.each<[RunFlags, string, string]>([
    [{ yolo: true, safety: 'balanced' }, '--yolo', '--safety'],
    [{ fake: 'a', record: '' }, '--fake', '--record'],
    [{ fakeMatch: 'body' }, '--fake-match', '--fake'],
    [{ fakeStream: 5 }, '--fake-stream', '--fake'],
    [{ session: 'a', continue: true }, '--session', '--continue'],
    [{ dryRun: true, session: 'a' }, '--dry-run', '--session'],
    [{ dryRun: true, record: '' }, '--dry-run', '--record'],
    [{ safety: 'restricted', ask: 'wait' }, '--safety restricted', '--ask wait'],
    [{ allow: ['x'], deny: ['x'] }, '--allow', '--deny'],
    [{ allow: ['x'], askFor: ['x'] }, '--allow', '--ask-for'],
  ])('%j', (flags, left, right) => {
    expect(() => refuseContradictions(flags)).toThrow(left);
    expect(() => refuseContradictions(flags)).toThrow(right);
  });

  test('the same said twice is none', () => {
    expect(() =>
      refuseContradictions({ yolo: true, safety: 'autonomous', fake: 'a', fakeMatch: 'order' }),
    ).not.toThrow();
  });
});

test('variables: ours before the peer, flags before all', () => {
  expect(placeFrom({ CAGENT_DATA_DIR: 'old', DOCKER_AGENT_DATA_DIR: 'new' }, 'data_dir')).toBe('new');
  expect(placeFrom({ YONDER_DATA_DIR: '', CAGENT_DATA_DIR: 'old' }, 'data_dir')).toBe('old');
  expect(withEnvironment({ dataDir: 'f' }, { YONDER_DATA_DIR: 'v', CAGENT_CACHE_DIR: 'c' })).toEqual({
    dataDir: 'f',
    cacheDir: 'c',
  });
});

test('a misspelt command is no message', () => {
  const commands = ['run', 'sessions', 'models', 'demo'];
  expect(() => refuseMisspelt('sesions', commands)).toThrow('did you mean "sessions"?');
  for (const word of ['hello', 'fix it', 'Models!', undefined])
    expect(() => refuseMisspelt(word, commands)).not.toThrow();
});

describe('payloads', () => {
  test('nothing said: an empty load, and the three booleans with the folder', () => {
    const { load, create } = buildPayloads({ flags: {}, cwd: '/w', unattended: 'refuse' });
    expect(JSON.stringify(load)).toBe('{}');
    expect(create).toEqual({
      tools_approved: false,
      hide_tool_results: false,
      snapshots_enabled: false,
      working_dir: '/w',
      unattended: 'refuse',
    });
  });

  test('everything said, and the schemas take it', () => {
    const { load, create } = buildPayloads({
      flags: {
        agent: 'a',
        model: ['x/y'],
        hideToolResults: true,
        workingDir: 'sub',
        addDir: ['../add'],
        readDir: ['/read'],
        passEnv: ['M', 'N', 'N'],
        modelsGateway: 'https://gw',
        snapshots: true,
        acceptEdits: true,
        safety: 'strict',
        allow: ['p'],
        askFor: ['q'],
        deny: ['r'],
        maxIterations: 3,
        timeout: 5,
        fakeMatch: 'order',
        fakeStream: 1,
      },
      cwd: '/w',
      source: { kind: 'builtin', name: 'default' },
      trust: { digest: 'd' },
      unattended: 'wait',
      project: {
        permissions: { allow: ['t'], ask: [], deny: ['u'] },
        trusted: true,
        safety: 'restricted',
        hooks: { stop: [] },
      },
      userHooks: { on_error: [{ command: 'x' }] },
      env: { K: 'v' },
      defaultModel: 'm',
      cassetteUpload: 'u',
      userPermissions: { allow: [], ask: [], deny: ['z'] },
      promptFiles: [{ name: 'n', upload_id: 'i' }],
    });
    expect(loadTeamRequestSchema.parse(load)).toEqual(load);
    expect(createSessionRequestSchema.safeParse(create).success).toBe(true);
    expect(create).toMatchObject({
      working_dir: '/w/sub',
      permissions: { allow: ['p'], ask: ['q'], deny: ['r'] },
      user_permissions: { deny: ['z'] },
      user_hooks: { on_error: [{ command: 'x' }] },
      project_hooks: { stop: [] },
      project_permissions: { allow: ['t'], deny: ['u'] },
      project_trusted: true,
      project_safety: 'restricted',
      safety: 'strict',
      snapshots_enabled: true,
      runtime_config: {
        add_dirs: ['/add'],
        read_dirs: ['/read'],
        pass_env: ['M', 'N'],
        models_gateway: 'https://gw',
        timeout_ms: 5,
        accept_edits: true,
        default_model: 'm',
        env: { K: 'v' },
        cassette: { mode: 'replay', upload_id: 'u', match: 'order', stream_ms: 1 },
      },
    });
  });

  test('--yolo is tools_approved; a resumed session keeps its folder', () => {
    const { create } = buildPayloads({
      flags: { yolo: true, safety: 'autonomous', record: '' },
      cwd: '/w',
      resume: 's',
      unattended: 'wait',
    });
    expect(create).toMatchObject({
      tools_approved: true,
      resume_session_id: 's',
      runtime_config: { cassette: { mode: 'record' } },
    });
    expect(Object.keys(create)).not.toContain('working_dir');
    expect(Object.keys(create)).not.toContain('safety');
  });
});
