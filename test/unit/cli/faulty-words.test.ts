import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { start } from '../../../src/cli/start.ts';
import { memoryIo, type MemoryIo } from './streams.ts';

let home: string;
let file: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'yonder-words-'));
  file = join(home, 'config.yaml');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

async function said(words: string, env: Record<string, string> = {}): Promise<[number, MemoryIo]> {
  const io = memoryIo({ home, cwd: home, env: { XDG_DATA_HOME: home, ...env } });
  return [await start([...words.split(' '), '--config-dir', home], io), io];
}

test.each([
  ['sessions frk', 'there is no command "sessions frk"; did you mean "fork"?'],
  ['config sett', 'there is no command "config sett"; did you mean "set"?'],
  ['alias zzzzzz', 'there is no command "alias zzzzzz"; there are list, add and remove'],
  ['permissions ad', 'there is no command "permissions ad"; did you mean "add"?'],
])('%s', async (words, message) => {
  const [code, io] = await said(words);
  expect([code, io.err()]).toEqual([2, `yonder: ${message}\n`]);
});

test('what cannot be written is said without a line of a file that is not there', async () => {
  writeFileSync(file, '# mine\nsafety: strict\n', { mode: 0o600 });
  const [code, io] = await said('config set defualt_model a/b');
  expect([code, io.err()]).toEqual([
    2,
    `yonder: ${file} was not changed: unknown key defualt_model; did you mean "default_model"?\n`,
  ]);
  const [, alias] = await said('alias add a.b default');
  expect(alias.err()).toBe(
    `yonder: ${file} was not changed: "a.b" cannot be the name of an alias; use letters, digits, - and _\n`,
  );
  const [, model] = await said('config set default_model nonsense');
  expect(model.err()).toContain('default_model must be provider/model, e.g. anthropic/claude-sonnet-4-6');
  expect(readFileSync(file, 'utf8')).toBe('# mine\nsafety: strict\n');
});

test('a configuration that is a link to nothing is an error, for who reads and who writes', async () => {
  symlinkSync(join(home, 'gone.yaml'), file);
  for (const words of ['config show', 'config set safety strict']) {
    const [code, io] = await said(words);
    expect([code, io.err()]).toEqual([
      2,
      `yonder: the configuration ${file} is a link to ${home}/gone.yaml, which is not there; make that file, or remove the link\n`,
    ]);
  }
});

test('with a gateway no model lacks a key', async () => {
  expect((await said('models claude-sonnet-4-6'))[1].out()).toMatch(
    /^anthropic\/claude-sonnet-4-6 .*\(no key\)$/m,
  );
  const [, io] = await said('models claude-sonnet-4-6', {
    DOCKER_AGENT_MODELS_GATEWAY: 'https://gw.example',
  });
  expect(io.out()).toMatch(/^anthropic\/claude-sonnet-4-6 .*\(key: the gateway has it\)$/m);
});
