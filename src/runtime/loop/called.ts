import { canonicalJson } from '../../protocol/canonical-json.ts';
import { UnsupportedError, YonderError } from '../../protocol/errors.ts';
import type { ToolCall } from '../../protocol/message.ts';
import type { EventDraft } from '../../protocol/store.ts';
import type { CallRequest, Tool, ToolResult } from '../../tools/tool.ts';
import type { CallState } from '../fold/call-state.ts';
import type { RunState } from '../fold/run-state.ts';
import { newId } from '../ids.ts';
import { agentOf, event, type LoopContext } from './context.ts';
import { withdrawn } from './finish.ts';

interface Parts {
  context: LoopContext;
  run: RunState;
  call: CallState;
  tool: Tool;
  /** Takes a call as far as it goes: decided, asked about, run and recorded as one of the model (R8). */
  drive(call: CallState, signal: AbortSignal): Promise<void>;
  signal: AbortSignal;
}

/** The calls that one execution of a tool asks for, and knows how they stand (R24). */
export class CalledTools {
  readonly #parts: Parts;
  /** How many this execution has asked for; a rerun finds the first ones in the log (R23). */
  #count = 0;
  readonly #ended = new AbortController();
  readonly #driven: Promise<void>[] = [];

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** One has no result yet. */
  get isOpen(): boolean {
    return this.#recorded().some((call) => !call.done);
  }

  async call(request: CallRequest): Promise<ToolResult> {
    const { context, run, tool, call } = this.#parts;
    if (call.source === 'tool')
      throw new UnsupportedError('calling a tool', 'within the call of another tool');
    // Whoever holds a state would wait for what waits for it.
    if (tool.shared === true)
      throw new UnsupportedError('calling a tool', 'within a tool whose state is shared');
    const index = this.#count;
    this.#count += 1;
    const made = await this.#record(request, index);
    if (!made.done) {
      const driven = this.#isParallel(made)
        ? this.#drive(made)
        : context.oneAtATime(`called/${run.run_id}`, () => this.#drive(made));
      this.#driven.push(driven);
      await driven;
    }
    if (made.given === undefined)
      throw new YonderError('tool_failed', `the call of ${request.tool} was cut before it had a result`);
    return made.given;
  }

  /** Ends what a tool that has ended left open, since nobody waits for it any more; what has no result then is closed by these events. */
  async leftOver(): Promise<EventDraft[]> {
    const { context, run } = this.#parts;
    this.#ended.abort();
    await Promise.allSettled(this.#driven);
    return this.#recorded()
      .filter((call) => !call.done)
      .flatMap((call) => withdrawn(context, run, call));
  }

  #recorded(): CallState[] {
    const { run, call } = this.#parts;
    return [...run.calls.values()].filter(({ caller }) => caller === call.call.id);
  }

  #drive(call: CallState): Promise<void> {
    const signal = AbortSignal.any([this.#parts.signal, this.#ended.signal]);
    return signal.aborted ? Promise.resolve() : this.#parts.drive(call, signal);
  }

  #isParallel({ call }: CallState): boolean {
    const { context, run } = this.#parts;
    const tools = context.toolsets(agentOf(context, run)).flatMap((toolset) => toolset.tools);
    return tools.find(({ definition }) => definition.name === call.function.name)?.parallel ?? false;
  }

  async #record(request: CallRequest, index: number): Promise<CallState> {
    const { context, run, call } = this.#parts;
    const text = canonicalJson(request.arguments);
    const known = this.#recorded()[index];
    if (known !== undefined) {
      const { name, arguments: before } = known.call.function;
      if (name === request.tool && before === text) return known;
      const message = `${call.call.function.name} asked for another call than before it was cut (${request.tool}, not ${name})`;
      throw new YonderError('tool_failed', message);
    }
    const tool_call: ToolCall = {
      id: newId('call'),
      type: 'function',
      function: { name: request.tool, arguments: text },
    };
    // One after the other, so that each gets an index of its own.
    await context.oneAtATime(`call/${run.run_id}`, async () => {
      await context.log.append({
        step_id: `${run.run_id}/${run.turn}/called/${call.index}/${index}`,
        events: [
          event('tool_call', run, {
            tool_call,
            index: run.calls.size,
            turn: run.turn,
            source: 'tool',
            caller: call.call.id,
          }),
        ],
      });
    });
    const made = run.calls.get(tool_call.id);
    if (made === undefined) throw new YonderError('tool_failed', 'the run has gone on without this call');
    return made;
  }
}
