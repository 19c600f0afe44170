import { JOBS_TOOLSET, liveJobs } from '../../tools/shell/job-state.ts';
import type { EventOf } from '../../protocol/events/events.ts';
import { SESSION_RULE } from '../decisions/offers.ts';
import { owner, type Folds } from './owner.ts';
import { addUsage, sharedState, type LogState } from './state.ts';
import { keep } from './tool-result.ts';

/** What holds for the session as a whole: settings, title, background jobs. */
export const SESSION_FOLDS: Folds = {
  runtime_paused(state, event) {
    state.paused = event.paused;
  },
  settings_changed(state, event) {
    if (event.safety !== undefined) state.safety = event.safety;
    if (event.policy !== undefined) state.bounds = event.policy;
    if (event.snapshots !== undefined) {
      state.history.on = event.snapshots;
      state.history.since = state.conversations.get(state.root_id)?.messages.length ?? 0;
      state.history.since_fork = false;
    }
    if (event.accept_edits !== undefined) state.accept_edits = event.accept_edits;
    if (event.agent !== undefined) {
      state.agent_name = event.agent;
      // A person chose: what was handed over before binds no more.
      const root = state.conversations.get(state.root_id);
      if (root !== undefined) root.handed_over = [];
    }
    // Ids belong to the cassette that was in use: another one begins at its own first interaction.
    if (event.cassette !== undefined) state.played = [];
    if (event.model === '') state.models.delete(event.model_agent ?? state.agent_name);
    else if (event.model !== undefined) state.models.set(event.model_agent ?? state.agent_name, event.model);
    bindApproval(state, event);
    for (const kind of ['allow', 'ask', 'deny'] as const) {
      for (const rule of event.permissions?.[kind] ?? []) {
        if (!state.rules[kind].includes(rule)) state.rules[kind].push(rule);
      }
    }
  },
  session_title(state, event) {
    state.title = event.title;
    if (event.usage !== undefined) addUsage(owner(state, event).usage, event.usage, event.cost);
  },
  runner_state(state, event) {
    state.runner = event.detail ?? '';
  },
  session_deleted(state) {
    state.deleted = true;
  },
  background_job(state, event) {
    const { job_id, command_id, cmd, cwd, end } = event;
    keep(state.shared_state, { [JOBS_TOOLSET]: { [job_id]: { job_id, command_id, cmd, cwd, end } } });
    if (liveJobs(sharedState(state, JOBS_TOOLSET)).length === 0) state.stop_jobs = false;
  },
  skills_changed(state, event) {
    state.skills = event.catalog;
  },
  tool_changed(state, event) {
    state.tools.set(event.tool, event.digest);
    if (event.previous !== undefined) state.changed_tools.add(event.tool);
  },
  toolset_info(state, event) {
    for (const [tool, digest] of Object.entries(event.digests ?? {}))
      if (!state.tools.has(tool)) state.tools.set(tool, digest);
  },
};

/** A yes to a tool of a server holds for the definition that the question was about (R16). */
function bindApproval(state: LogState, event: EventOf<'settings_changed'>): void {
  const question = state.resolved.get(event.request_id ?? '');
  if (question?.tool === undefined) return;
  for (const rule of event.permissions?.allow ?? []) {
    // "Everything" was said of the tool as it is now, too.
    if (rule === SESSION_RULE) state.changed_tools.delete(question.tool.identity);
    else state.rule_digests.set(rule, question.tool.digest);
  }
}
