import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { BUILTIN_HOOKS, HOOK_EVENTS } from '../../src/protocol/contract/hooks.ts';

const page = readFileSync(resolve(import.meta.dirname, '../../docs/hooks.md'), 'utf8');
const rowsBelow = (title: string): string[] => {
  const [part = ''] = (page.split(`\n## ${title}\n`)[1] ?? '').split('\n## ');
  return [...part.matchAll(/^\| `(\w+)` \|/gm)].map(([, name = '']) => name);
};

test('docs/hooks.md has a row for each event and for each built-in hook', () => {
  expect(rowsBelow('The events').toSorted()).toEqual(HOOK_EVENTS.toSorted());
  const built = Object.entries(BUILTIN_HOOKS).filter(([, { later }]) => later !== true);
  expect(rowsBelow('Built-in hooks')).toEqual(built.map(([name]) => name));
});

test('its three guards are those of examples/hooks.yaml', () => {
  const [shown = ''] = /(?<=^```yaml guards\.yaml\n).*?(?=^```$)/ms.exec(page) ?? [];
  const example = readFileSync(resolve(import.meta.dirname, '../../examples/hooks.yaml'), 'utf8');
  const hooks = (text: string): string => text.slice(text.indexOf('    hooks:\n')).trimEnd();
  expect(hooks(shown)).toContain('pre_tool_use');
  expect(hooks(example)).toBe(hooks(shown));
});
