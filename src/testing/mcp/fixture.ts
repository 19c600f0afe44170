import { join } from 'node:path';

/** How our MCP server for tests is started: what a toolset of a team says. */
export interface FixtureOptions {
  name?: string;
  /** Absolute path of a file that gets a line for each start and call. */
  trace?: string;
  /** How it goes wrong, see `trouble.ts`. */
  behaviour?: string;
  env?: Readonly<Record<string, string>>;
  /** Further lines under the toolset. */
  more?: readonly string[];
}

/** Absolute; Node runs it. */
export const FIXTURE_SERVER = join(import.meta.dirname, 'server.ts');

/** A toolset of a team file that starts our MCP server for tests. */
export function fixtureToolset({
  name = 'fix',
  trace,
  behaviour,
  env = {},
  more = [],
}: FixtureOptions = {}): string[] {
  const variables = {
    ...(trace === undefined ? {} : { MCP_TRACE: trace }),
    ...(behaviour === undefined ? {} : { MCP_BEHAVIOUR: behaviour }),
    ...env,
  };
  return [
    '- type: mcp',
    `  name: ${name}`,
    `  command: ${JSON.stringify(process.execPath)}`,
    `  args: ${JSON.stringify([FIXTURE_SERVER])}`,
    ...(Object.keys(variables).length === 0 ? [] : [`  env: ${JSON.stringify(variables)}`]),
    ...more.map((line) => `  ${line}`),
  ];
}

/** A team of one agent with these toolsets, each as the lines that `fixtureToolset` gives. */
export function mcpTeam(toolsets: readonly (readonly string[])[], more: readonly string[] = []): string {
  return [
    'agents:',
    '  root:',
    '    model: openai/gpt-4o',
    '    description: Does what it is told',
    '    instruction: Do what you are told.',
    '    toolsets:',
    ...toolsets.flat().map((line) => `      ${line}`),
    ...more,
    '',
  ].join('\n');
}
