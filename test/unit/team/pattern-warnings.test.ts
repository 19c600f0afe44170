import { expect, test } from 'vitest';
import { loadTeam } from '../../../src/team/index.ts';

const TEAM = `agents:
  root:
    instruction: help
permissions:
  allow: ["shell:cmd=ls*"]
`;

test('what a person should know of a pattern is a warning with its place', () => {
  const loaded = loadTeam(
    { kind: 'inline', entry: 'team.yaml', files: { 'team.yaml': TEAM } },
    { explainPattern: (pattern) => [`${pattern} matches more`] },
  );
  expect(loaded.warnings.filter(({ message }) => message.includes('matches more'))).toEqual([
    { where: { file: 'team.yaml', line: 5, column: 11 }, message: 'shell:cmd=ls* matches more' },
  ]);
});
