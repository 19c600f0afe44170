import type { ResolvedCommand } from '../protocol/team.ts';
import {
  isCommandLine,
  isPlainPlace,
  parseCommand,
  type TemplateCall,
  type TemplatePart,
} from './command-template.ts';
import type { Resolution } from './resolution.ts';
import type { AgentEntry } from './schema/team.ts';

type Entry = string | { description?: string; instruction?: string };

/** The commands of an agent: a mapping, or a list of mappings; each is text, or text with a description. */
export function resolveCommands(
  entry: AgentEntry['commands'],
  path: string,
  resolution: Resolution,
): Record<string, ResolvedCommand> {
  const commands: Record<string, ResolvedCommand> = {};
  const groups = Array.isArray(entry) ? entry : [entry ?? {}];
  groups.forEach((group, index) => {
    const place = Array.isArray(entry) ? `${path}[${index}]` : path;
    for (const [name, command] of Object.entries(group as Record<string, Entry>)) {
      const here = resolution.pathOf(place, name);
      if (!/^[a-z][a-z0-9_-]*$/i.test(name))
        resolution.fault(
          here,
          `"${name}" is no name of a command; it is typed as /name: letters, digits, - and _`,
        );
      if (Object.hasOwn(commands, name)) resolution.fault(here, `there are two commands "${name}"`);
      const { description, instruction = '' } =
        typeof command === 'string' ? { instruction: command } : command;
      commands[name] = { ...(description === undefined ? {} : { description }), instruction };
      check(instruction, here, resolution);
    }
  });
  return commands;
}

function check(instruction: string, path: string, resolution: Resolution): void {
  const template = parseCommand(instruction);
  const left = template.flatMap((part) => (part.kind === 'text' ? [part.text] : [])).join(' ');
  const [odd] = /\$\{(?:args|env)[^}]*\}?|(?<![\w!])![A-Za-z_]\w*\([^)\s]*=/.exec(left) ?? [];
  if (odd !== undefined) resolution.warn(path, `${odd} is not understood and stays as it is`);
  for (const part of template) if (part.kind === 'call') checkCall(part, path, resolution);
}

/** What a person types becomes words of a command line; inside of quotes it could become more than that (R32). */
function checkCall(call: TemplateCall, path: string, resolution: Resolution): void {
  for (const { name, value } of call.args) {
    if (!Array.isArray(value) || !isCommandLine(call.tool, name)) continue;
    let before = '';
    for (const part of value) {
      if (part.kind === 'text') before += part.text;
      else if (!isPlainPlace(before)) {
        resolution.fault(
          path,
          `${shown(part)} of !${call.tool} stands inside of quotes, a comment or a substitution; write it outside: it becomes words of its own, quoted as they must be`,
        );
      } else before += 'x';
    }
  }
}

function shown(part: TemplatePart): string {
  if (part.kind === 'argument') return `\${args[${part.index}]}`;
  return part.kind === 'variable' ? `\${env.${part.name}}` : '${args.join(...)}';
}
