import { type Command, Option } from 'commander';
import type { RuntimeConfig } from '../../protocol/contract/payloads.ts';

type Hooks = NonNullable<RuntimeConfig['hooks']>;

/** The events that have a flag (reference/docker-agent.md 4.1), and when their commands run. */
const HOOK_FLAGS = {
  hookPreToolUse: { event: 'pre_tool_use', about: 'before each tool call, which it can refuse' },
  hookPostToolUse: { event: 'post_tool_use', about: 'after each tool call' },
  hookSessionStart: { event: 'session_start', about: 'when a session begins or goes on' },
  hookSessionEnd: { event: 'session_end', about: 'when a run has ended' },
  hookOnUserInput: { event: 'on_user_input', about: 'before a person is asked' },
  hookStop: { event: 'stop', about: 'when the model stops; its output is more to do' },
} as const satisfies Record<string, { event: keyof Hooks; about: string }>;

/** Commands by event, as they were typed. */
export type HookFlags = { [Name in keyof typeof HOOK_FLAGS]?: string[] } & {
  /** False: hooks of configuration files are left out. */
  configHooks?: boolean;
};

const many = (value: string, before: string[] | undefined): string[] => [...(before ?? []), value];

export function addHookFlags(command: Command): Command {
  const group = command.optionsGroup('Hooks:');
  for (const { event, about } of Object.values(HOOK_FLAGS)) {
    const text = `--hook-${event.replaceAll('_', '-')} <command>`;
    group.addOption(new Option(text, `run this command ${about}; repeatable`).argParser(many));
  }
  // With only the negative one, commander would say `true` for what nobody typed.
  return group
    .addOption(new Option('--config-hooks', 'run them (the default)').hideHelp())
    .option('--no-config-hooks', "leave out the hooks of your configuration and of the project's");
}

/** The hooks that were typed, in the form of the contract; undefined when there are none. */
export function hooksOfFlags(flags: HookFlags): Hooks | undefined {
  const hooks: Hooks = {};
  for (const [name, { event }] of Object.entries(HOOK_FLAGS)) {
    const commands = flags[name as keyof typeof HOOK_FLAGS];
    if (commands === undefined || commands.length === 0) continue;
    const made = commands.map((command) => ({ type: 'command' as const, command }));
    if (event === 'pre_tool_use' || event === 'post_tool_use') hooks[event] = [{ hooks: made }];
    else hooks[event] = made;
  }
  return Object.keys(hooks).length === 0 ? undefined : hooks;
}
