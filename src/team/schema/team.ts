import { SAFETY_MODES } from '../../protocol/permissions.ts';
import { agentRecord } from './agent.ts';
import {
  atLeast,
  choice,
  duration,
  integer,
  key,
  later,
  mapOf,
  number,
  oneOf,
  record,
  required,
  since,
  text,
  texts,
  type ValueOf,
} from './key.ts';
import { modelRecord, providerRecord } from './models.ts';
import { ragEntry } from './rag.ts';
import { mcpEntry } from './toolsets.ts';

const budget = record('a budget', {
  max_cost: key({ ...number, minimum: 0 }, 'US dollars.'),
  max_tokens: key(atLeast(0), 'Tokens, in and out.'),
  max_time: key(duration, 'Time on the clock.'),
});

const permissions = record('the permissions', {
  allow: key(texts, 'Patterns of tool calls that run without a question. They need trust.'),
  ask: since(4, key(texts, 'Patterns of tool calls that are asked about.')),
  deny: key(texts, 'Patterns of tool calls that never run.'),
});

const metadata = record('the metadata', {
  author: key(text, 'Who wrote the team.'),
  license: key(text, 'Its licence.'),
  description: key(text, 'What it is for.'),
  readme: key(text, 'More about it.'),
  version: key(text, 'Its own version.'),
});

/** Every key of a team file (reference/docker-agent.md section 5 and Appendix A, and ours). */
export const teamRecord = record('a team', {
  version: key(
    choice(text, integer),
    'Version of the schema; 9 is the latest and the one that is meant when it is absent.',
  ),
  agents: required(mapOf(agentRecord), 'The agents by name. The one named `root` begins, else the first.'),
  models: key(mapOf(modelRecord), 'The models by name.'),
  providers: since(
    3,
    key(mapOf(providerRecord), 'Providers of your own, whose values their models inherit.'),
  ),
  permissions: since(
    3,
    key(permissions, 'Rules for tool calls. A pattern is `tool` or `tool:argument=glob`.'),
  ),
  safety: since(
    9,
    key(oneOf(...SAFETY_MODES), 'The safety mode: what is asked about. `autonomous` needs trust.'),
  ),
  read_roots: since(
    9,
    key(texts, 'Folders beside the workspace that tools may read. Those outside of it need trust.'),
  ),
  metadata: key(metadata, 'About the team.'),
  mcps: since(6, key(mapOf(mcpEntry), 'MCP servers that agents refer to by name.')),
  rag: later('rag', mapOf(ragEntry), 'Document searches that agents refer to by name.'),
  budget: since(9, later('budgets', budget, 'Limits for each run of the team.')),
  budgets: since(9, later('budgets', mapOf(budget), 'Limits that agents refer to by name.')),
});

export type TeamFile = ValueOf<typeof teamRecord>;
export type AgentEntry = ValueOf<typeof agentRecord>;
export type ModelEntry = ValueOf<typeof modelRecord>;
export type ProviderEntry = ValueOf<typeof providerRecord>;

export const LATEST_VERSION = '9';
