import { YonderError } from '../../../protocol/errors.ts';
import { currentAgent } from '../describe.ts';
import { newId } from '../../ids.ts';
import { CommandText } from '../../loop/command-text.ts';
import type { Handlers } from './handlers.ts';
import { send } from './inputs.ts';

export const commandHandlers: Handlers<'session/commands' | 'session/command'> = {
  async 'session/commands'(host, context, request) {
    const session = await host.open(await host.row(context, request.session_id));
    const commands = Object.entries(currentAgent(session).commands ?? {});
    return {
      commands: commands.map(([name, command]) => ({ name, ...command })),
      as_of: session.log.state.head,
    };
  },

  async 'session/command'(host, context, request) {
    const session = await host.open(await host.row(context, request.session_id));
    const agent = currentAgent(session);
    const commands = agent.commands ?? {};
    const found = Object.hasOwn(commands, request.name) ? commands[request.name] : undefined;
    if (found === undefined) {
      const names = Object.keys(commands);
      throw new YonderError(
        'not_found',
        `${agent.name} has no command "${request.name}"${names.length === 0 ? '' : `; there are ${names.join(', ')}`}`,
        { details: { available: names } },
      );
    }
    const args = request.arguments ?? [];
    // What is missing is said to the one who typed it, before anything begins.
    const text = new CommandText(found.instruction, {
      args,
      variable: (name) => session.variable(name),
    });
    text.calls();
    text.text([]);
    const run_id = newId('run');
    const payload = { run_id, name: request.name, arguments: args };
    const { outcome } = await send(host, context, 'session/command', request, 'command', payload, {
      require_idle: true,
      outcome: { run_id },
    });
    return outcome as { input_id: string; run_id: string };
  },
};
