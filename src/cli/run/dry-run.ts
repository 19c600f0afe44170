import type { ResponseOf } from '../../protocol/contract/contract.ts';
import type { Output } from '../terminal/output.ts';
import { printable } from '../terminal/style.ts';

type Loaded = ResponseOf<'team/load'>;

/** What `--dry-run` says: agents, models, tools on stdout, warnings on stderr. */
export async function showTeam(loaded: Loaded, json: boolean, output: Output): Promise<void> {
  if (json) {
    await output.text(`${JSON.stringify(loaded)}\n`);
    return;
  }
  const agents = loaded.agents.flatMap((agent) => [
    `agent ${agent.name}${agent.name === loaded.default_agent ? ' (begins)' : ''}: ${printable(agent.description) || 'no description'}`,
    `  model: ${agent.model}`,
    ...((agent.sub_agents ?? []).length === 0
      ? []
      : [`  sub-agents: ${(agent.sub_agents ?? []).join(', ')}`]),
    ...((agent.handoffs ?? []).length === 0 ? [] : [`  hands over to: ${(agent.handoffs ?? []).join(', ')}`]),
    ...((agent.tools ?? []).length === 0 ? [] : [`  tools: ${(agent.tools ?? []).join(', ')}`]),
  ]);
  const models = loaded.models.map(
    (model) =>
      `model ${model.name}: ${model.provider}/${model.model}${model.key_present === false ? ' (no key)' : ''}`,
  );
  const trust = (loaded.needs_trust?.items ?? []).map(
    (item) =>
      `${loaded.trusted ? 'trusted' : 'needs trust'}: ${printable(item.where)}: ${printable(item.text)}`,
  );
  await output.text(`${[...agents, ...models, ...trust, `team ${loaded.team_digest}`].join('\n')}\n`);
  for (const { where, message } of loaded.warnings) {
    output.note(`${where.file}:${where.line}:${where.column}: warning: ${printable(message)}`);
  }
}
