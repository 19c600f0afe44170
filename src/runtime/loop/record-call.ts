import type { ResolvedAgent } from '../../protocol/team.ts';
import type { Toolset } from '../../tools/tool.ts';
import type { RunState } from '../fold/run-state.ts';
import { storeTexts } from './contents.ts';
import { event, type LoopContext } from './context.ts';

/** One call of a turn, as it is made: everything but the history. */
export interface PreparedCall {
  agent: ResolvedAgent;
  /** The model's name in the team. */
  model_name: string;
  message_id: string;
  turn: number;
  system: string[];
  /** What hooks add for this turn alone; empty: nothing. */
  hook_context: string;
}

/** The text of an agent's tool definitions, made once: they are the same objects as long as the team is. */
const DEFINITIONS = new WeakMap<readonly Toolset[], string>();

function definitionsText(toolsets: readonly Toolset[]): string {
  const known = DEFINITIONS.get(toolsets);
  if (known !== undefined) return known;
  const text = JSON.stringify(toolsets.flatMap((toolset) => toolset.tools.map((tool) => tool.definition)));
  DEFINITIONS.set(toolsets, text);
  return text;
}

/** Writes down what is about to be asked, before it is asked (R6, R22). */
export async function recordCall(
  context: LoopContext,
  run: RunState,
  call: PreparedCall,
  attempt: number,
): Promise<void> {
  const digests = await storeTexts(context.log, [
    ...call.system,
    definitionsText(context.toolsets(call.agent)),
  ]);
  const [added] = call.hook_context === '' ? [] : await storeTexts(context.log, [call.hook_context]);
  await context.log.append({
    step_id: `${run.run_id}/${call.turn}/model/${attempt}`,
    flush: true,
    events: [
      event('model_call', run, {
        model: call.model_name,
        turn: call.turn,
        attempt,
        message_id: call.message_id,
        purpose: 'turn',
        folded_seq: context.log.state.head,
        system: digests.slice(0, -1),
        tools: digests.at(-1),
        ...(added === undefined ? {} : { hook_context: added }),
      }),
    ],
  });
}
