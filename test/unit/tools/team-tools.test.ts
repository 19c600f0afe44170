import { expect, test } from 'vitest';
import { BUILT_IN_TOOLS } from '../../../src/team/schema/toolsets.ts';
import { TOOL_TABLE } from '../../../src/tools/tool-table.ts';

/** Toolsets that a team names; `agents` comes with `sub_agents`, `skills` with the key of that name. */
const NAMED = Object.entries(TOOL_TABLE).filter(([toolset]) => toolset !== 'agents' && toolset !== 'skills');

test('a team may name exactly the tools that there are', () => {
  const built = Object.fromEntries(
    Object.entries(BUILT_IN_TOOLS).map(([toolset, tools]) => [toolset, tools.built.toSorted()]),
  );
  const made = Object.fromEntries(NAMED.map(([toolset, tools]) => [toolset, Object.keys(tools).toSorted()]));
  expect(built).toEqual(made);
});

test('no tool is said to come later that is there already', () => {
  for (const [toolset, tools] of Object.entries(BUILT_IN_TOOLS))
    expect([toolset, tools.later.filter((name) => tools.built.includes(name))]).toEqual([toolset, []]);
});
