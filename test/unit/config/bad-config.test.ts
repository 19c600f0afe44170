import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readProjectConfig } from '../../../src/config/project-config.ts';
import { parseUserConfig, readUserConfig } from '../../../src/config/user-config.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'yonder-bad-config-'));
  file = join(folder, 'config.yaml');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const reserved = ['run', 'coder'];

test.each([
  ['defualt_model: a/b', 'f:1:1: unknown key defualt_model; did you mean "default_model"?'],
  ['default_model: nonsense', 'f:1:16: default_model must be provider/model, e.g. '],
  ['colours: auto', 'f:1:1: unknown key colours; there are models_gateway, default_model, '],
  ['default_model: 7', 'f:1:16: default_model must be a text; put it in quotes'],
  ['default_model:', 'f:1:15: default_model is empty; write a value, or take the line out'],
  [
    'models_gateway: gw.example',
    'f:1:17: models_gateway must be an address that begins with https:// or http://',
  ],
  ['safety: brave', 'f:1:9: safety must be one of strict, balanced, restricted, autonomous, not "brave"'],
  ['pass_env: [A, "B C"]', 'f:1:15: pass_env[1] "B C" is not a name of a variable, e.g. MY_TOKEN'],
  ['settings: {snapshot: yes please}', 'f:1:22: settings.snapshot must be true or false'],
  [
    'settings:\n  YOLO: true',
    'f:2:3: unknown key settings.YOLO; write safety: autonomous at the top of the file',
  ],
  [
    'settings:\n  theme: dark',
    'f:2:3: unknown key settings.theme; Yonder has no such display setting; take the line out',
  ],
  ['hooks: {}', 'f:1:1: unknown key hooks; hooks stand under settings'],
  ['settings: {hooks: x}', 'f:1:19: settings.hooks must be a mapping, key: value'],
  [
    'settings:\n  hooks:\n    stopp: []',
    'f:3:12: settings.hooks.stopp is not known; the events are pre_tool_use, ',
  ],
  [
    'settings:\n  hooks:\n    stop:\n      - {command: a, timeout: soon}',
    'f:4:31: settings.hooks.stop[0].timeout is not right: ',
  ],
  ['settings: 3', 'f:1:11: settings must be a mapping, key: value'],
  ['folders: {src: {}}', 'f:1:11: the folder "src" must be an absolute path'],
  ['aliases: {mine: {model: a/b}}', 'f:1:17: aliases.mine has no path; write path: ...'],
  ['aliases: {"a b": x}', 'f:1:11: "a b" cannot be the name of an alias; use letters, digits, - and _'],
  [
    'aliases: {run: x}',
    'f:1:11: the alias run is the name of a command or of a built-in team; give it another name',
  ],
  ['aliases: {coder: x}', 'f:1:11: the alias coder is the name of a command'],
  [
    'aliases:\n  a: b\n  b: {path: c}\n  c: a',
    'f:2:3: the alias a leads in a circle (a -> b -> c -> a); let one of them name a team',
  ],
  ['aliases: {me: me}', 'f:1:11: the alias me leads in a circle (me -> me)'],
  ['default_model: a\ndefault_model: b', 'f:2:1: Map keys must be unique'],
  ['- a', 'f:1:1: the file must be a mapping, key: value'],
  ['1: a', 'f:1:1: the file has a key that is no text; put it in quotes'],
  ['safety: !!js/function x', 'f:1:9: '],
])('%j', (text, message) => {
  let said = '';
  try {
    parseUserConfig('f', text, { reserved });
  } catch (thrown) {
    expect(thrown).toMatchObject({ code: 'invalid_request' });
    said = (thrown as Error).message;
  }
  expect(said).toContain(message);
});

test('all faults at once, each on its line, ten at most', () => {
  const text = Array.from({ length: 12 }, (_, index) => `k${index}: 1`).join('\n');
  const { message } = (() => {
    try {
      parseUserConfig('f', text);
    } catch (thrown) {
      return thrown as Error;
    }
    return new Error('nothing was wrong');
  })();
  const lines = message.split('\n');
  expect(lines).toHaveLength(11);
  expect(lines[9]).toMatch(/^f:10:1: unknown key k9;/);
  expect(lines[10]).toBe('and 2 more');
});

test('what is empty, short and repeated by anchors is taken', () => {
  const text =
    'settings:\naliases: {mine: ./t.yaml, other: {path: mine, yolo: true}}\npass_env: &e [A]\ncredential_helper: helper\n';
  expect(parseUserConfig('f', text)).toMatchObject({
    aliases: { mine: { path: './t.yaml' }, other: { path: 'mine', yolo: true } },
    pass_env: ['A'],
    credential_helper: ['helper'],
    settings: { permissions: { allow: [], ask: [], deny: [] } },
  });
});

test.each([
  [0o664, 'default_model: a/b', 'can be changed by others; run: chmod go-w'],
  [0o602, 'default_model: a/b', 'can be changed by others; run: chmod go-w'],
  [
    0o644,
    'models_gateway: https://me:secret@gw',
    'holds secrets and can be read by others; run: chmod go-rwx',
  ],
])('the mode %o of %j is too loose', async (mode, text, message) => {
  writeFileSync(file, text);
  chmodSync(file, mode);
  await expect(readUserConfig(file)).rejects.toThrow(
    `${file}:1:1: the file mode ${mode.toString(8).padStart(4, '0')} is too loose: ${message}`,
  );
  chmodSync(file, 0o600);
  await expect(readUserConfig(file)).resolves.toMatchObject({ file });
});

test("a folder that others can change, and another user's file", async () => {
  writeFileSync(file, '');
  chmodSync(folder, 0o777);
  await expect(readUserConfig(file)).rejects.toThrow('could replace the configuration; run: chmod go-w');
  chmodSync(folder, 0o1777);
  await readUserConfig(file);
  chownSync(file, 65_534, 65_534);
  await expect(readUserConfig(file)).rejects.toThrow(`${file} belongs to another user (65534)`);
});

test.each([
  ['aliases: {}', 'unknown key aliases; a project may not say that; it belongs in your own configuration'],
  ['models_gateway: https://x', 'a project may not say that'],
  ['credential_helper: x', 'a project may not say that'],
  ['pass_env: [A]', 'a project may not say that'],
  ['settings: {permissions: {}}', 'permissions stand at the top of this file'],
  ['permissions: {alow: []}', 'unknown key permissions.alow; did you mean "allow"?'],
])('a project may not say %j', async (text, message) => {
  writeFileSync(file, text);
  await expect(readProjectConfig(file)).rejects.toThrow(`${file}:1:`);
  await expect(readProjectConfig(file)).rejects.toThrow(message);
});
