import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nearest, suggestion } from '../../../src/protocol/nearest.ts';
import { teamRecord } from '../../../src/team/schema/team.ts';
import { unknownKey, walkKeys } from '../../../src/team/unknown-key.ts';
import type { Keys } from '../../../src/team/schema/key.ts';
import { cases } from '../../long.ts';

const table: { title: string; name: string; keys: Keys }[] = [];
walkKeys(teamRecord, (title, name, keys) => table.push({ title, name, keys }));

const misspelling = fc
  .record({
    entry: fc.constantFrom(...table),
    at: fc.nat(),
    letter: fc.constantFrom('a', 'e', 'k', 'm', 's', 't', 'x', 'z', '_', '-'),
    kind: fc.constantFrom('insert', 'remove', 'change', 'swap'),
  })
  .map(({ entry, at, letter, kind }) => {
    const { name } = entry;
    const place = at % name.length;
    const head = name.slice(0, place);
    const rest = name.slice(place + 1);
    if (kind === 'insert') return { entry, wrong: `${head}${letter}${name.slice(place)}` };
    if (kind === 'remove') return { entry, wrong: head + rest };
    if (kind === 'change') return { entry, wrong: head + letter + rest };
    return { entry, wrong: `${head}${rest.slice(0, 1)}${name[place] ?? ''}${rest.slice(1)}` };
  })
  .filter(({ entry, wrong }) => wrong !== '' && !Object.hasOwn(entry.keys, wrong));

describe('a misspelt key', () => {
  test('is found with the right suggestion, whatever key of the table it is', () => {
    fc.assert(
      fc.property(misspelling, ({ entry, wrong }) => {
        const near = nearest(wrong, Object.keys(entry.keys));
        // `model_` is one letter from `models`, and `model` itself but for a stroke: that is nearer.
        const but = near.filter((name) => name === wrong.replace(/[-_]/g, ''));
        expect(near).toEqual(but.length > 0 ? but : expect.arrayContaining([entry.name]));
        expect(unknownKey(wrong, entry.keys, entry.title)).toContain(
          `unknown key "${wrong}" of ${entry.title}; did you mean `,
        );
      }),
      { numRuns: cases(1000, 20_000) },
    );
  });

  test('the table has every key of the reference', () => {
    const agent = table.filter(({ title }) => title === 'an agent').map(({ name }) => name);
    expect(new Set(agent).size).toBe(25);
    expect(new Set(table.filter(({ title }) => title === 'a model').map(({ name }) => name)).size).toBe(16);
    expect(new Set(table.filter(({ title }) => title === 'a provider').map(({ name }) => name)).size).toBe(
      16,
    );
    expect(new Set(table.filter(({ title }) => title === 'the hooks').map(({ name }) => name)).size).toBe(23);
  });

  test('what is near is bounded by the length of the name', () => {
    expect(nearest('xy', ['model'])).toEqual([]);
    expect(nearest('max-iterations', ['max_iterations', 'max_tokens'])).toEqual(['max_iterations']);
    expect(suggestion('modl', ['model', 'mode'])).toBe('; did you mean "model" or "mode"?');
    expect(suggestion('model_', ['model', 'models'])).toBe('; did you mean "model"?');
    expect(suggestion('zzz', ['model'])).toBe('');
  });
});
