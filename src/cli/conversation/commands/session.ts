import { YonderError } from '../../../protocol/errors.ts';
import { changing, looking } from '../../request-context.ts';
import type { SlashCommand, Talk } from './command.ts';

/** Commands about the session as a whole. */
export const SESSION: readonly SlashCommand[] = [
  {
    name: 'new',
    usage: '[FOLDER]',
    about: 'another session of the same team, here or in a folder',
    anytime: false,
    run: begin,
  },
  {
    name: 'compact',
    usage: '[INSTRUCTION]',
    about: 'put a summary in place of what was said so far',
    anytime: false,
    run: compact,
  },
  { name: 'title', usage: '[TEXT]', about: 'name the session, or have it named', anytime: true, run: title },
  {
    name: 'pause',
    usage: '',
    about: 'hold the run at its next step, or let it go on',
    anytime: true,
    run: pause,
  },
  {
    name: 'followup',
    usage: 'TEXT',
    about: 'tell the model this when it is done',
    anytime: true,
    run: followUp,
  },
  {
    name: 'exit',
    usage: '',
    about: 'leave; the session stays',
    anytime: true,
    run: async (talk) => talk.leave(),
  },
];

function begin(talk: Talk, argument: string): Promise<void> {
  return talk.beginSession(argument === '' ? undefined : argument);
}

async function compact(talk: Talk, argument: string): Promise<void> {
  const { as_of } = await talk.runtime().open(looking(), {});
  const { run_id } = await talk
    .runtime()
    .compact(changing(), argument === '' ? {} : { instruction: argument });
  await talk.watch(run_id, as_of);
}

async function title(talk: Talk, argument: string): Promise<void> {
  if (argument === '') {
    await talk.runtime().regenerateTitle(changing(), {});
    talk.note('a title is being made; /sessions shows it');
    return;
  }
  await talk.runtime().setTitle(changing(), { title: argument });
  talk.note(`title: ${argument}`);
}

async function followUp(talk: Talk, argument: string): Promise<void> {
  if (argument === '')
    throw new YonderError('invalid_request', '/followup takes a text: /followup then write the tests');
  await talk.followUp(argument);
}

async function pause(talk: Talk): Promise<void> {
  const { paused } = await talk.runtime().open(looking(), {});
  const now = await talk.runtime().pause(changing(), { paused: !paused });
  talk.note(now.paused ? 'it holds at its next step; /pause again lets it go on' : 'it goes on');
}
