import { owner, runOf, type Folds } from './owner.ts';
import type { RunState } from './run-state.ts';
import { progressed } from './tree.ts';

/** Runs of hooks, so that a finished one is not made again and a cut one is known (R14). */
export const HOOK_FOLDS: Folds = {
  hooks_pinned(state, event) {
    const run = runOf(state, event);
    if (run !== undefined) run.hook_scripts = event.scripts;
  },
  hook_started(state, event) {
    if (event.hook_key === undefined) return;
    runOf(state, event)?.hooks.set(event.hook_key, {
      invocation_id: event.invocation_id ?? '',
      attempt: event.attempt ?? 1,
      finished: undefined,
    });
  },
  hook_finished(state, event) {
    const run = runOf(state, event);
    const known = run?.hooks.get(event.hook_key ?? '');
    if (known === undefined) return;
    progressed(state, run);
    known.finished = {
      output: event.output ?? {},
      output_digest: event.output_digest,
      failure: event.error,
      fatal: event.fatal === true,
    };
  },
  hook_blocked(state, event) {
    const run = runOf(state, event);
    if (run !== undefined && event.stops === true) run.hook_stop ??= event.message;
  },
  hook_context(state, event) {
    owner(state, event).messages.push({
      message_id: event.message_id,
      role: 'user',
      content: event.context,
      created_at: event.timestamp,
    });
  },
};

/** What hooks said of the calls before is over with their batch. */
export function forgetToolHooks(run: RunState): void {
  for (const key of run.hooks.keys())
    if (/^(?:[a-z]+_tool_|permission_|tool_)/.test(key)) run.hooks.delete(key);
}
