// Writes every file that is made from another one, or says which are stale.
//
//   node scripts/generate.ts [--check]
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { errorsPage } from './generate/errors-page.ts';
import { configurationPage } from './generate/configuration-page.ts';
import { eventsPage } from './generate/events-page.ts';
import { openApiDocument } from '../src/protocol/openapi/document.ts';
import { teamJsonSchema } from '../src/team/json-schema.ts';
import { teamKeysMarkdown } from '../src/team/keys-markdown.ts';
import { fromDockerAgentMarkdown } from '../src/team/peer-markdown.ts';
import { parityPage } from './generate/parity-page.ts';
import { manifest } from './generate/manifest.ts';
import { priceFiles } from './generate/prices.ts';
import { toolParameters } from './generate/tool-parameters.ts';

/** One line per generated file. */
const generated: Record<string, (root: string) => string> = {
  'package.json': manifest,
  'docs/configuration.md': configurationPage,
  'docs/errors.md': errorsPage,
  'docs/events.md': eventsPage,
  'docs/openapi.json': () => `${JSON.stringify(openApiDocument(), null, 1)}\n`,
  'docs/parity.md': parityPage,
  'docs/team-keys.md': teamKeysMarkdown,
  'docs/from-docker-agent.md': fromDockerAgentMarkdown,
  'docs/team-schema.json': () => `${JSON.stringify(teamJsonSchema(), null, 2)}\n`,
  'src/tools/generated-parameters.ts': toolParameters,
  ...priceFiles(),
};

function current(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

const root = path.dirname(import.meta.dirname);
const onlyCheck = process.argv.includes('--check');
for (const [name, render] of Object.entries(generated)) {
  const file = path.join(root, name);
  const text = render(root);
  if (current(file) === text) continue;
  if (onlyCheck) {
    console.error(`${name} is stale: run \`npm run generate\``);
    process.exitCode = 1;
    continue;
  }
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  console.error(`wrote ${name}`);
}
