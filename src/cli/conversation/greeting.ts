import type { CreateSessionAnswer } from '../../protocol/contract/answers.ts';
import { folderAt } from '../remote/remote-server.ts';
import { looking } from '../request-context.ts';
import type { Talk } from './commands/command.ts';
import type { View } from './view.ts';

/** Who is talked to, where, under which mode; then what the agent itself says first. */
export async function greet(talk: Talk, view: View, session: CreateSessionAnswer): Promise<void> {
  const { agent, safety } = session;
  const { working_dir } = session.session;
  const folder = folderAt(working_dir, talk.server);
  const parts = [`${talk.style('bold', agent.name)} with ${agent.model}`, folder, `safety ${safety}`];
  talk.note(parts.join(talk.style('dim', ' · ')));
  talk.note(talk.style('dim', '/help lists the commands, Ctrl-D leaves'));
  const { welcome_message } = await talk.runtime().agentInfo(looking(), {});
  if (welcome_message !== undefined && welcome_message.trim() !== '') {
    talk.note('');
    view.note(welcome_message);
  }
}
