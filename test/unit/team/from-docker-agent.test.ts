import { describe, expect, test } from 'vitest';
import { comparedRecords, fromDockerAgentMarkdown } from '../../../src/team/peer-markdown.ts';
import { DIFFERENCES, NOTES, OURS, SAME } from '../../../src/team/peer-verdicts.ts';

const records = comparedRecords();
const keys = records.flatMap(({ title, keys: own }) =>
  own.map((key) => ({ ...key, at: `${title}.${key.name}` })),
);

describe("how team files compare with docker-agent's", () => {
  test('every key has one verdict: same, differs (with the reason), ours, or later', () => {
    expect(
      keys.filter(({ verdicts }) => verdicts.length !== 1).map(({ at, verdicts }) => [at, verdicts]),
    ).toEqual([]);
    const short = keys.filter(({ verdicts, reason }) => verdicts[0] === 'differs' && reason.length < 20);
    expect(short).toEqual([]);
  });

  test('no verdict is of a key that there is not', () => {
    const known = new Set(keys.map(({ at }) => at));
    const listed = [
      ...Object.entries(SAME).flatMap(([title, names]) => names.map((name) => `${title}.${name}`)),
      ...Object.entries(DIFFERENCES).flatMap(([title, of]) =>
        Object.keys(of).map((name) => `${title}.${name}`),
      ),
      ...OURS,
    ];
    expect(listed.filter((at) => !known.has(at))).toEqual([]);
    expect(Object.keys(NOTES).filter((title) => !records.some((record) => record.title === title))).toEqual(
      [],
    );
  });

  test('what stands in something that is not built is later too', () => {
    const verdictOf = (at: string): unknown => keys.find((key) => key.at === at)?.verdicts;
    expect(verdictOf('a script.cmd')).toEqual(['later']);
    expect(verdictOf('a hook.prompt')).toEqual(['later']);
    expect(verdictOf('a command.description')).toEqual(['same']);
    expect(fromDockerAgentMarkdown()).toMatch(/\| `permissions` \| differs \| Deny beats ask/);
  });
});
