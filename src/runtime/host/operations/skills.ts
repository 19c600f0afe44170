import { YonderError } from '../../../protocol/errors.ts';
import type { Workspace } from '../../../protocol/workspace.ts';
import { currentAgent } from '../describe.ts';
import { newId } from '../../ids.ts';
import type { Host } from '../host.ts';
import type { OpenSession } from '../open-session.ts';
import type { Handlers } from './handlers.ts';
import { send } from './inputs.ts';
import { readySkills, skillsNow } from '../../skills/pin.ts';
import type { PinnedSkills, Skill } from '../../skills/types.ts';
import { pinnedOf } from '../../skills/view.ts';

export const skillHandlers: Handlers<'session/skills' | 'session/skill'> = {
  async 'session/skills'(host, context, request) {
    const session = await host.open(await host.row(context, request.session_id));
    const { skills, warnings } = await skillsOfAgent(host, session);
    return {
      skills: skills.map((skill) => ({
        name: skill.name,
        description: skill.description,
        source: skill.source,
        place: skill.place,
        fork: skill.fork,
        ...(skill.allowed_tools === undefined ? {} : { allowed_tools: skill.allowed_tools }),
        for_person: !skill.for_model_alone,
        for_model: !skill.for_person_alone,
        files: Object.keys(skill.files),
      })),
      warnings,
      as_of: session.log.state.head,
    };
  },

  async 'session/skill'(host, context, request) {
    const session = await host.open(await host.row(context, request.session_id));
    const { skills } = await skillsOfAgent(host, session);
    const offered = skills.filter((skill) => !skill.for_model_alone);
    if (!offered.some(({ name }) => name === request.name)) {
      const available = offered.map(({ name }) => name);
      const there = available.length === 0 ? '' : `; there are ${available.join(', ')}`;
      const agent = currentAgent(session);
      const why =
        agent.skills === undefined ? `${agent.name} uses no skills (skills: true lets it)` : undefined;
      throw new YonderError(
        'not_found',
        why ?? `${agent.name} has no skill "${request.name}" that a person can use${there}`,
        { details: { available } },
      );
    }
    const run_id = newId('run');
    const words = request.arguments === undefined ? [] : [request.arguments];
    const payload = { run_id, name: request.name, arguments: words };
    const { outcome } = await send(host, context, 'session/skill', request, 'skill', payload, {
      require_idle: true,
      outcome: { run_id },
    });
    return outcome as { input_id: string; run_id: string };
  },
};

/** The skills of the agent that is talked to: while a run goes on those that it has pinned, else those that the next one would take. */
async function skillsOfAgent(
  host: Host,
  session: OpenSession,
): Promise<{ skills: Skill[]; warnings: string[] }> {
  const agent = currentAgent(session);
  if (agent.skills === undefined) return { skills: [], warnings: [] };
  const pinned = await pinnedOrNow(host, session);
  return { skills: pinnedOf(agent, pinned), warnings: pinned?.catalog.warnings ?? [] };
}

async function pinnedOrNow(host: Host, session: OpenSession): Promise<PinnedSkills | undefined> {
  if (session.log.state.conversations.get(session.root_id)?.run !== undefined) {
    await readySkills(session);
    return session.skills;
  }
  // One of its own, so that an idle session holds none open.
  const opened: Workspace[] = [];
  try {
    return await skillsNow(session, async () => {
      const [known] = opened;
      if (known !== undefined) return known;
      const made = await host.openWorkspaceOf(session);
      opened.push(made);
      return made;
    });
  } finally {
    await Promise.all(opened.map((workspace) => workspace.close()));
  }
}
