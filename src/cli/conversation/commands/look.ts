import { YonderError } from '../../../protocol/errors.ts';
import { costLines } from '../../render/cost-bars.ts';
import { listText } from '../../render/sessions.ts';
import { costText, count } from '../../render/closing.ts';
import { agentSkills } from '../../run/team-skills.ts';
import { resumeCommand } from '../../remote/remote-server.ts';
import { looking } from '../../request-context.ts';
import { oneLine, printable } from '../../terminal/style.ts';
import type { SlashCommand, Talk } from './command.ts';

const SESSIONS = 20;
/** Columns of a terminal that does not say how many it has. */
const WIDTH = 80;

/** Commands that only look. */
export const LOOKING: readonly SlashCommand[] = [
  { name: 'tools', usage: '', about: 'the tools of the agent', anytime: true, run: tools },
  {
    name: 'show',
    usage: '[N]',
    about: 'the whole result of call #N, or of the last one',
    anytime: true,
    run: show,
  },
  {
    name: 'cost',
    usage: '',
    about: 'tokens and cost per turn, model and agent, and how full the context is',
    anytime: true,
    run: cost,
  },
  {
    name: 'skills',
    usage: '',
    about: 'the skills of the agent, and where they are',
    anytime: true,
    run: skills,
  },
  { name: 'sessions', usage: '', about: "this folder's sessions", anytime: true, run: sessions },
];

async function tools(talk: Talk): Promise<void> {
  const listed = (await talk.runtime().tools(looking(), {})).tools;
  if (listed.length === 0) talk.note('the agent has no tools');
  for (const { name, category, description } of listed) {
    talk.note(`${talk.style('bold', name)} ${talk.style('dim', `${category}: ${oneLine(description, 90)}`)}`);
  }
}

async function skills(talk: Talk): Promise<void> {
  const { skills: listed, warnings } = await agentSkills(talk.runtime());
  if (listed.length === 0) talk.note('the agent has no skills');
  for (const { name, description, place, for_model, for_person } of listed) {
    const who = for_model ? (for_person ? '' : ' (for the model alone)') : ' (for a person alone)';
    const about = `${oneLine(description, 90)} ${printable(place)}${who}`;
    talk.note(`${talk.style('bold', `/${name}`)} ${talk.style('dim', about)}`);
  }
  for (const warning of warnings) talk.note(talk.style('yellow', `warning: ${printable(warning)}`));
}

async function show(talk: Talk, argument: string): Promise<void> {
  const number = argument === '' || argument === 'last' ? 'last' : Number(argument.replace(/^#/, ''));
  const id = number === 'last' || Number.isInteger(number) ? talk.calls.idOf(number) : undefined;
  if (id === undefined)
    throw new YonderError(
      'not_found',
      `there is no call ${argument === '' ? 'yet' : argument}; /show takes the number behind a call's line`,
    );
  const { messages } = await talk.runtime().transcript(looking(), { include_children: true });
  const result = messages.find((message) => message.role === 'tool' && message.tool_call_id === id);
  if (result === undefined)
    throw new YonderError('not_found', 'the result of that call is not in this session');
  talk.note(printable(result.content));
}

async function cost(talk: Talk): Promise<void> {
  const usage = await talk.runtime().usage(looking(), {});
  for (const line of costLines(usage, talk.io.stderr.columns ?? WIDTH, talk.style)) talk.note(line);
  const price_unknown = !usage.price_known;
  const parts = [
    `${count(usage.input_tokens)} in, ${count(usage.output_tokens)} out`,
    costText({ cost: usage.cost, price_unknown }),
  ];
  const { context_length = 0, context_limit = 0 } = usage;
  if (context_limit > 0) {
    const share = Math.round((context_length / context_limit) * 100);
    parts.push(`context ${count(context_length)} of ${count(context_limit)} (${share}%)`);
  }
  talk.note(parts.join(' · '));
}

async function sessions(talk: Talk): Promise<void> {
  const { session } = await talk.runtime().open(looking(), {});
  const cwd = session.working_dir;
  const listed = await talk.backend.listSessions(looking(), { cwd, limit: SESSIONS });
  talk.note(
    listText(listed.sessions, { cwd, now: talk.io.now(), style: talk.style, server: talk.server }).trimEnd(),
  );
  talk.note(talk.style('dim', `go on with one: ${resumeCommand('ID', talk.server)}`));
}
