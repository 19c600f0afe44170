import type { ResolvedAgent } from '../../protocol/team.ts';
import type { RunState } from '../fold/run-state.ts';
import { systemPrompt } from '../prompt/system.ts';
import { loadTexts } from './contents.ts';
import { event, type LoopContext } from './context.ts';
import { warn } from './report.ts';

/** A run keeps the system parts that it began with (R13, R22); a recovered one reads them from the log's contents. */
export async function systemOf(context: LoopContext, run: RunState, agent: ResolvedAgent): Promise<string[]> {
  const kept = run.system === undefined ? undefined : await loadTexts(context.log, run.system);
  if (kept !== undefined) return kept;
  const prompt = await systemPrompt({
    team: context.team,
    agent,
    toolsets: context.toolsets(agent),
    workspace: () => context.workspace(),
    working_dir: context.working_dir,
    now: context.now(),
    platform: context.platform,
    withheld: await withheldFrom(context, run, agent),
  });
  for (const warning of prompt.warnings) await warn(context, run, warning);
  // As a recovered run would read them.
  return prompt.parts.map((part) => context.log.clean(part));
}

/** R13: what commands do not get is told to the person once per session, and to the model. */
async function withheldFrom(
  context: LoopContext,
  run: RunState,
  agent: ResolvedAgent,
): Promise<readonly string[]> {
  if (!context.toolsets(agent).some((toolset) => toolset.type === 'shell')) return [];
  const { withheld } = await context.workspace();
  if (withheld.length === 0 || context.log.state.runner !== undefined) return withheld;
  const detail = `commands do not get ${withheld.join(', ')}; --pass-env NAME passes one on`;
  await context.log.append({
    events: [event('runner_state', run, { runner: 'unix-local', state: 'ready', detail })],
  });
  return withheld;
}
