import { YonderError } from '../../../protocol/errors.ts';
import { safetySchema } from '../../../protocol/permissions.ts';
import { explainPattern } from '../../../runtime/decisions/patterns.ts';
import { changing, looking } from '../../request-context.ts';
import type { SlashCommand, Talk } from './command.ts';

/** Commands that change what the next turn is made with. */
export const SETTINGS: readonly SlashCommand[] = [
  {
    name: 'model',
    usage: '[NAME | default]',
    about: 'the models, or the one for the next turn',
    anytime: true,
    run: model,
    words: modelNames,
  },
  {
    name: 'agent',
    usage: '[NAME]',
    about: 'the agents, or the one for the next turn',
    anytime: true,
    run: agent,
    words: agentNames,
  },
  {
    name: 'safety',
    usage: '[MODE]',
    about: 'what is asked about: strict, balanced, restricted or autonomous',
    anytime: true,
    run: safety,
    words: async () => safetySchema.options,
  },
  {
    name: 'permissions',
    usage: '[allow|ask|deny PATTERN]',
    about: 'the rules that count, or one more for this session',
    anytime: true,
    run: permissions,
    words: async () => ['allow', 'ask', 'deny'],
  },
];

async function model(talk: Talk, argument: string): Promise<void> {
  const runtime = talk.runtime();
  if (argument !== '') {
    await runtime.setModel(changing(), { model: argument === 'default' ? '' : argument });
    talk.note(`model from the next turn on: ${argument === 'default' ? "the team's own" : argument}`);
    return;
  }
  const [{ agent: current }, { models }] = await Promise.all([
    runtime.open(looking(), {}),
    runtime.models(looking(), {}),
  ]);
  talk.note(`${current.name} works with ${talk.style('bold', current.model)}`);
  for (const listed of models as { name: string; provider: string; model: string; key_present?: boolean }[]) {
    const full = `${listed.provider}/${listed.model}`;
    const key = listed.key_present === false ? ' (no key)' : '';
    talk.note(talk.style('dim', `  ${listed.name}${full === listed.name ? '' : `: ${full}`}${key}`));
  }
  talk.note(talk.style('dim', '  any provider/model may be named, e.g. /model openai/gpt-4o'));
}

async function modelNames(talk: Talk): Promise<string[]> {
  const [{ models: ofTeam }, { models: all }] = await Promise.all([
    talk.runtime().models(looking(), {}),
    talk.backend.hostModels(looking(), {}),
  ]);
  const known = all.filter(({ key_present }) => key_present !== false).map(({ name }) => name);
  return [...new Set([...(ofTeam as { name: string }[]).map(({ name }) => name), ...known, 'default'])];
}

async function agent(talk: Talk, argument: string): Promise<void> {
  if (argument !== '') {
    await talk.runtime().setAgent(changing(), { agent_name: argument });
    talk.note(`agent from the next turn on: ${argument}`);
    return;
  }
  const { team, agent: current } = await talk.runtime().open(looking(), {});
  for (const name of team.agent_names) {
    talk.note(
      name === current.name ? `${talk.style('bold', name)} (works now): ${current.description}` : name,
    );
  }
}

async function agentNames(talk: Talk): Promise<string[]> {
  return (await talk.runtime().open(looking(), {})).team.agent_names;
}

async function safety(talk: Talk, argument: string): Promise<void> {
  if (argument !== '') {
    const mode = safetySchema.safeParse(argument);
    if (!mode.success)
      throw new YonderError(
        'invalid_request',
        `there is no mode ${argument}; there is ${safetySchema.options.join(', ')}`,
      );
    await talk.runtime().setSafety(changing(), { safety: mode.data });
    talk.note(`safety: ${mode.data}`);
    return;
  }
  talk.note(`safety: ${(await talk.runtime().open(looking(), {})).safety}`);
}

async function permissions(talk: Talk, argument: string): Promise<void> {
  if (argument !== '') return addRule(talk, argument);
  const { safety: mode, accept_edits, layers } = await talk.runtime().permissions(looking(), {});
  talk.note(`safety: ${mode}${accept_edits ? ', edits in the working folder are accepted' : ''}`);
  for (const { layer, rules, trusted } of layers) {
    for (const kind of ['allow', 'ask', 'deny'] as const) {
      for (const rule of rules[kind])
        talk.note(`  ${layer}${trusted ? '' : ' (not trusted)'}: ${kind} ${rule}`);
    }
  }
}

async function addRule(talk: Talk, argument: string): Promise<void> {
  const [, kind = '', pattern = ''] = /^(\S+)\s*(.*)$/.exec(argument) ?? [];
  if ((kind !== 'allow' && kind !== 'ask' && kind !== 'deny') || pattern === '') {
    throw new YonderError(
      'invalid_request',
      '/permissions takes nothing, or allow, ask or deny and a pattern: /permissions allow shell:cmd=npm test',
    );
  }
  const { meaning, warnings } = explainPattern(pattern);
  await talk.runtime().setPermissions(changing(), { permissions: { [kind]: [pattern] } });
  for (const warning of warnings) talk.note(talk.style('yellow', `warning: ${warning}`));
  talk.note(`for this session: ${kind} ${pattern} (${meaning})`);
}
