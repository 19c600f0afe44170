import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { builtInTeamText, teamJsonSchema, teamKeysMarkdown } from '../../../src/team/index.ts';
import { fits } from './schema-check.ts';

const root = join(import.meta.dirname, '../../..');
const schema = teamJsonSchema();

describe('the JSON Schema', () => {
  test('takes what the loader takes', async () => {
    const names = (await readdir(join(root, 'examples'))).filter(
      (name) => name.endsWith('.yaml') && !name.includes('cassette'),
    );
    for (const name of names) {
      const text = await readFile(join(root, 'examples', name), 'utf8');
      expect({ name, fits: fits(parse(text), schema, schema) }).toEqual({ name, fits: true });
    }
    for (const name of ['default', 'coder'])
      expect(fits(parse(builtInTeamText(name)), schema, schema)).toBe(true);
  });

  test.each([
    '{}',
    'agents: {root: {modle: x}}',
    'agents: {root: {add_date: yes}}',
    'agents: {root: {max_iterations: -1}}',
    'agents: {root: {toolsets: [{type: thinks}]}}',
    'agents: {root: {toolsets: [{type: think, env: {}}]}}',
    'agents: {root: {toolsets: [{}]}}',
    'agents: {root: {safety: lax}}',
    'agents: {root: {}}\nmodels: {m: {provider: x}}',
    'agents: {root: {}}\nmodels: {m: {provider: x, model: y, thinking_budget: huge}}',
  ])('refuses what the loader refuses: %s', (text) => {
    expect(fits(parse(text), schema, schema)).toBe(false);
  });

  test('docs hold its present form, and that of the page of keys', async () => {
    expect(await readFile(join(root, 'docs/team-schema.json'), 'utf8')).toBe(
      `${JSON.stringify(schema, null, 2)}\n`,
    );
    expect(await readFile(join(root, 'docs/team-keys.md'), 'utf8')).toBe(teamKeysMarkdown());
  });
});
