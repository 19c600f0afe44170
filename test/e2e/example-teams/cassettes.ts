// Writes the cassettes of the examples and of the demo from their scripted turns:  node test/e2e/example-teams/cassettes.ts
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { serializeCassette } from '../../../src/model/cassette/yaml.ts';
import type { ScriptedTurn } from '../../../src/testing/model-server/script.ts';
import {
  type ScriptCassetteOptions,
  scriptCassette,
  scriptInteractions,
} from '../../../src/testing/model-server/script-cassette.ts';
import * as turns from './turns.ts';

const chat = { api: 'openai_chatcompletions', model: 'gpt-4o-mini' } as const;
const claude = { api: 'anthropic', model: 'claude-sonnet-4-5' } as const;

/** Text of each cassette by its path below examples/. All are played in order, so that no example depends on the words of a prompt. */
export const CASSETTES: Readonly<Record<string, string>> = {
  'cassettes/ask.yaml': scriptCassette(turns.ASK, chat),
  'cassettes/auto.yaml': scriptCassette(turns.AUTO, { ...claude, model: 'claude-sonnet-4-6' }),
  'cassettes/coder-pair.yaml': scriptCassette(turns.CODER_PAIR, chat),
  'cassettes/docs-writer.yaml': scriptCassette(turns.DOCS_WRITER, chat),
  'cassettes/hello.yaml': scriptCassette(turns.HELLO, chat),
  'cassettes/hooks.yaml': scriptCassette(turns.HOOKS, chat),
  'cassettes/mcp.yaml': scriptCassette(turns.MCP, chat),
  'cassettes/model-providers.yaml': joined(
    [turns.QUICK, chat],
    [turns.DEEP, claude],
    [turns.LOCAL, { api: 'openai_chatcompletions', base_url: 'http://127.0.0.1:8080/v1', model: 'llama-3' }],
  ),
  'cassettes/permissions.yaml': scriptCassette(turns.PERMISSIONS, chat),
  'cassettes/reviewer.yaml': scriptCassette(turns.REVIEWER, chat),
  'cassettes/skills.yaml': scriptCassette(turns.SKILLS, chat),
  'cassettes/sub-agents.yaml': scriptCassette(turns.SUB_AGENTS, chat),
  'cassettes/think.yaml': scriptCassette(turns.THINK, chat),
  'cassettes/todo.yaml': scriptCassette(turns.TODO, chat),
  'demo/cassette.yaml': scriptCassette(turns.DEMO, chat),
};

/** One cassette of several wires. The first line goes, as in `scriptCassette`. */
function joined(...parts: [ScriptedTurn[], ScriptCassetteOptions][]): string {
  const interactions = parts.flatMap(([script, options]) => scriptInteractions(script, options));
  return serializeCassette(interactions.map((one, id) => ({ ...one, id }))).replace(/^#.*\n/, '');
}

if (import.meta.main) {
  const examples = path.resolve(import.meta.dirname, '../../../examples');
  for (const [name, text] of Object.entries(CASSETTES)) writeFileSync(path.join(examples, name), text);
  console.error(`wrote ${Object.keys(CASSETTES).length} cassettes`);
}
