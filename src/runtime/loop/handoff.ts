import { LIMITS } from '../../protocol/contract/contract.ts';
import type { EventDraft } from '../../protocol/store.ts';
import type { ResolvedAgent } from '../../protocol/team.ts';
import type { ToolResult } from '../../tools/tool.ts';
import type { RunState } from '../fold/run-state.ts';
import { agentOf, event, ofRun, type LoopContext } from './context.ts';

/**
 * What a call of `handoff` asks for. It is recorded with the call's result, and counts from the next model call on: what else the same turn
 * asked for is still the first agent's (R20). A run hands over a bounded number of times, so that two agents cannot send a conversation to and fro for ever.
 */
export class HandoffRequest {
  readonly #context: LoopContext;
  readonly #run: RunState;
  #to: ResolvedAgent | undefined;

  constructor(context: LoopContext, run: RunState) {
    this.#context = context;
    this.#run = run;
  }

  readonly ask = (name: string): ToolResult => {
    const { handed_to, handoffs } = this.#run;
    const from = agentOf(this.#context, this.#run);
    if (handed_to !== undefined)
      return refused(`The conversation goes to ${handed_to} already; it goes to one agent at a time.`);
    if (handoffs >= LIMITS.handoffs_per_run)
      return refused(
        `The conversation was handed over ${handoffs} times in this run; go on with it yourself and answer.`,
      );
    const agent = this.#context.team.agents.find((candidate) => candidate.name === name);
    if (agent === undefined || !from.handoffs.includes(name))
      return refused(`${from.name} cannot hand over to ${name}; it can to: ${from.handoffs.join(', ')}.`);
    this.#to = agent;
    return {
      output: `${from.name} handed the conversation over to ${name}. You are ${name} from here on: go on with what the user wants.`,
    };
  };

  /** What is recorded before the result of the call. */
  events(): EventDraft[] {
    const to = this.#to;
    if (to === undefined) return [];
    const { log } = this.#context;
    return [
      event('agent_switching', this.#run, {
        switching: true,
        from_agent: this.#run.agent_name,
        to_agent: to.name,
        kind: 'handoff',
      }),
      {
        type: 'agent_info',
        fields: {
          ...ofRun(this.#run),
          agent_name: to.name,
          model: log.state.models.get(to.name) ?? to.models.join(','),
          description: to.description,
        },
      },
    ];
  }

  /** The agent of the session's row: that of its root conversation. */
  get sessionAgent(): string | undefined {
    return this.#run.session_id === this.#context.log.root_id ? this.#to?.name : undefined;
  }
}

function refused(output: string): ToolResult {
  return { output, is_error: true };
}
