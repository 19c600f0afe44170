import { buildToolsets } from '../../src/tools/build.ts';
import { madeAnew } from '../../src/tools/parameters.ts';
import { BUILTIN_TOOLSETS } from '../../src/tools/tool-table.ts';

/** Longer lines are broken, as the formatter does it. */
const WIDTH = 110;

/** The JSON Schemas that models get of the built-in tools, as texts: making them anew costs a short run a tenth of its time. */
export function toolParameters(): string {
  const toolsets = buildToolsets({
    toolsets: BUILTIN_TOOLSETS.map((type) => ({ type, options: {} })),
    sub_agents: [],
  });
  const lines = toolsets.flatMap(({ type, tools }) =>
    tools.map(({ definition: { name, parameters } }) => {
      const text = JSON.stringify(madeAnew(parameters)).replaceAll("'", "\\'");
      const [key, value] = [`  '${type}/${name}':`, `'${text.replaceAll('\\"', '\\\\"')}',`];
      return key.length + value.length < WIDTH ? `${key} ${value}\n` : `${key}\n    ${value}\n`;
    }),
  );
  return `// Made from the tools' own schemas by \`npm run generate\`.
export const PARAMETERS: Readonly<Record<string, string>> = {
${lines.join('')}};
`;
}
