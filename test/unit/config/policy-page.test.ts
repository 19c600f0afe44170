import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { policyJsonSchema } from '../../../src/config/policy/json-schema.ts';
import { readPolicy } from '../../../src/config/policy/read-policy.ts';
import { policyFor } from '../../../src/protocol/policy-for.ts';
import { patternProblem } from '../../../src/runtime/host/pattern-problem.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/policy.md'), 'utf8');
const example = /```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? '';

interface Node {
  description?: string;
  properties?: Record<string, Node>;
  additionalProperties?: boolean | Node;
}

/** Every key of the schema as the page writes it, e.g. `folders.allowed`. */
function keysOf(node: Node, above = ''): { name: string; description: string | undefined }[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, below]) => {
    const name = `${above}${key}`;
    if (key === 'principals') return [{ name: 'principals.<name>', description: below.description }];
    if (below.properties !== undefined) return keysOf(below, `${name}.`);
    return [{ name, description: below.description }];
  });
}

const keys = keysOf(policyJsonSchema());

test('the page has every key of a policy, and the schema says what each is', () => {
  const described = [...page.matchAll(/^\| (`[^|]*`) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
  );
  expect(new Set(described)).toEqual(new Set(keys.map(({ name }) => name)));
  expect(keys.filter(({ description = '' }) => description === '')).toEqual([]);
  expect(keys.length).toBeGreaterThan(25);
});

test('the example of the page is a policy that says something under every key', () => {
  const file = readPolicy(example, 'docs/policy.md', patternProblem);
  const said = JSON.stringify(file);
  const last = keys.map(({ name }) => name.split('.').at(name.startsWith('principals') ? 0 : -1) ?? '');
  expect(last.filter((name) => !said.includes(`"${name}":`))).toEqual(['served', 'allow']);
  const ops = policyFor({ principal: 'ops', scopes: ['run'] }, { folder: '/srv', file });
  expect(ops).toMatchObject({
    trust: true,
    shell: true,
    longest_wait_ms: undefined,
    folders: { default: '/srv/tools' },
  });
  const others = policyFor({ principal: 'ci', scopes: ['run'] }, { folder: '/srv', file });
  expect(others).toMatchObject({
    trust: false,
    longest_wait_ms: 1_800_000,
    folders: { default: '/srv/work' },
  });
});
