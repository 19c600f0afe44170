import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { parse } from 'yaml';
import { fits } from '../../unit/team/schema-check.ts';
import { test } from '../cli.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const KEY = 'sk-canary-0123456789abcdef';

test.concurrent('version is that of the package', async ({ place }) => {
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  for (const words of [['version'], ['--version']])
    expect(await place.run(words)).toMatchObject({ code: 0, stdout: `yonder ${version}\n`, stderr: '' });
});

test.concurrent('models: names, prices, and whose key is there; a word picks', async ({ place }) => {
  const env = { OPENAI_API_KEY: KEY };
  const all = await place.run(['models', '--json'], { env });
  expect(all).toMatchObject({ code: 0, stderr: '' });
  expect(all.stdout).not.toContain(KEY);
  const rows = all.stdout
    .trimEnd()
    .split('\n')
    .map((line): Record<string, unknown> => JSON.parse(line));
  expect(rows.length).toBeGreaterThan(50);
  for (const row of rows) {
    expect(row['name']).toBe([row['provider'], row['model']].join('/'));
    expect(row['key_present'], String(row['name'])).toBe(row['provider'] === 'openai');
  }
  const picked = await place.run(['models', 'openai/gpt-4o-mini'], { env });
  const line = picked.stdout.split('\n').find((each) => each.startsWith('openai/gpt-4o-mini  '));
  expect(line).toBe('openai/gpt-4o-mini  $0.15 in, $0.6 out per million tokens, 128k context');
  const without = await place.run(['models', 'openai/gpt-4o-mini']);
  expect(without.stdout).toContain(`${line}  (no key)\n`);
  const none = await place.run(['models', 'no-such-model', '--json']);
  expect(none).toMatchObject({ code: 0, stdout: '' });
  expect(none.stderr).toBe('no model has "no-such-model" in its name\n');
});

test.concurrent('doctor: what is here and what is missing, keys and proxies without their values; nothing is made', async ({
  place,
}) => {
  const env = { OPENAI_API_KEY: KEY, HTTPS_PROXY: `http://me:${KEY}@127.0.0.1:9` };
  const ended = await place.run(['doctor', '--json'], { env });
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  expect(ended.stdout).not.toContain(KEY);
  const checks = ended.stdout
    .trimEnd()
    .split('\n')
    .map((line): { name: string; state: string; detail: string } => JSON.parse(line));
  for (const check of checks) {
    expect(Object.keys(check)).toEqual(['name', 'state', 'detail']);
    expect(['ok', 'warning', 'missing', 'failed']).toContain(check.state);
    expect(check.detail).not.toBe('');
  }
  const states = Object.fromEntries(checks.map(({ name, state }) => [name, state]));
  expect(states).toMatchObject({
    node: 'ok',
    configuration: 'ok',
    terminal: 'ok',
    'key OPENAI_API_KEY': 'ok',
    'key ANTHROPIC_API_KEY': 'missing',
    proxy: 'ok',
    shell: 'ok',
    git: 'ok',
    store: 'ok',
    confinement: 'warning',
  });
  expect(Object.keys(states)).toContain('rg');
  const detail = (name: string): string | undefined => checks.find((check) => check.name === name)?.detail;
  expect(detail('node')).toBe(process.versions.node);
  expect(detail('store')).toContain(place.store);
  expect(detail('confinement')).toMatch(/file tools stay inside .* commands .* are not confined/);
  expect(await readdir(place.root)).toEqual(['home', 'work']);

  const text = await place.run(['doctor'], { env: { PATH: place.work } });
  expect(text.code).toBe(0);
  expect(text.stdout).toMatch(/^missing +git: /m);
  expect(text.stdout).toMatch(/^missing +rg: /m);
});

/** The keywords of draft-07 with what they hold: a schema, several, some by name, or anything. */
const HOLDS: Record<string, 'schema' | 'list' | 'names' | 'value'> = {
  allOf: 'list',
  anyOf: 'list',
  oneOf: 'list',
  if: 'schema',
  then: 'schema',
  else: 'schema',
  not: 'schema',
  items: 'schema',
  additionalProperties: 'schema',
  propertyNames: 'schema',
  properties: 'names',
  patternProperties: 'names',
  definitions: 'names',
};
const VALUES =
  /^(?:\$schema|\$ref|title|description|default|type|enum|const|pattern|format|minimum|maximum|minLength|maxLength|minItems|maxItems|uniqueItems|required|exclusiveMinimum)$/;

/** Walks a schema: every keyword is one of the draft, and every $ref leads to a definition. */
function walk(node: unknown, root: Record<string, unknown>): void {
  if (typeof node === 'boolean') return;
  for (const [keyword, held] of Object.entries(node as Record<string, unknown>)) {
    const kind = HOLDS[keyword];
    if (kind === undefined) expect(keyword).toMatch(VALUES);
    if (keyword === '$ref')
      expect(Object.keys(root['definitions'] as object)).toContain(
        String(held).replace(/^#\/definitions\//, ''),
      );
    if (kind === 'schema') walk(held, root);
    if (kind === 'list' || kind === 'names')
      for (const inner of Object.values(held as Record<string, unknown>)) walk(inner, root);
  }
}

test.concurrent('schema: a JSON Schema that names the keys, takes every example and refuses a misspelt key', async ({
  place,
}) => {
  const ended = await place.run(['schema']);
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  const schema = JSON.parse(ended.stdout) as Record<string, unknown>;
  expect(schema['$schema']).toBe('http://json-schema.org/draft-07/schema#');
  walk(schema, schema);
  const definitions = schema['definitions'] as Record<string, { properties: object }>;
  expect(Object.keys(definitions['team']?.properties ?? {})).toEqual(
    expect.arrayContaining(['version', 'agents', 'models', 'providers', 'permissions', 'metadata']),
  );
  expect(Object.keys(definitions['agent']?.properties ?? {})).toEqual(
    expect.arrayContaining(['model', 'description', 'instruction', 'toolsets', 'sub_agents', 'add_date']),
  );
  expect(ended.stdout).toBe(await readFile(join(ROOT, 'docs/team-schema.json'), 'utf8'));

  const names = (await readdir(join(ROOT, 'examples'))).filter((name) => name.endsWith('.yaml'));
  expect(names.length).toBeGreaterThan(8);
  for (const name of names) {
    const text = await readFile(join(ROOT, 'examples', name), 'utf8');
    expect(text.split('\n')[0], name).toBe('# yaml-language-server: $schema=../docs/team-schema.json');
    expect({ name, fits: fits(parse(text), schema, schema) }).toEqual({ name, fits: true });
  }
  expect(fits({ agents: { root: { instrution: 'x' } } }, schema, schema)).toBe(false);
});
