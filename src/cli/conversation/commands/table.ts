import { YonderError } from '../../../protocol/errors.ts';
import { suggestion } from '../../../protocol/nearest.ts';
import { teamCommands } from '../../run/team-command.ts';
import { skillsToType } from '../../run/team-skills.ts';
import { oneLine, printable } from '../../terminal/style.ts';
import type { SlashCommand, Talk } from './command.ts';
import { deleteCommand } from './delete.ts';
import { exportCommand } from './export.ts';
import { fork } from './fork.ts';
import { LOOKING } from './look.ts';
import { ownShell } from './own-shell.ts';
import { search } from './search.ts';
import { SESSION } from './session.ts';
import { RESET } from './reset.ts';
import { SETTINGS } from './settings.ts';
import { SNAPSHOTS } from './snapshots.ts';
import { star } from './star.ts';
import { UNDO } from './undo.ts';

const help: SlashCommand = { name: 'help', usage: '', about: 'this list', anytime: true, run: showHelp };

/** What one does with what was said. */
const KEEPING: readonly SlashCommand[] = [search, star, fork, exportCommand, deleteCommand];

export const COMMANDS: readonly SlashCommand[] = [
  help,
  ...SETTINGS,
  ...LOOKING,
  UNDO,
  RESET,
  SNAPSHOTS,
  ...KEEPING,
  ...SESSION,
];

const KEYS: readonly (readonly [string, string])[] = [
  ['!COMMAND', 'runs a command yourself; the model reads what it wrote at its next turn'],
  ['Enter', 'sends; while a run works it is told at its next step'],
  ['\\ Enter', 'another line, also Alt-Enter or Ctrl-J; a paste keeps its lines'],
  ['Tab', 'completes commands, names, and @paths of the working folder'],
  ['Up, Down', 'what was typed before, in earlier sessions too'],
  ['Ctrl-R', 'looks for a text in what was typed before; again for an older one'],
  ['Esc', 'interrupts the run'],
  ['Ctrl-C', 'interrupts the run, or clears the line; twice leaves'],
  ['Ctrl-D', 'leaves'],
];

async function showHelp(talk: Talk): Promise<void> {
  const own = await teamCommands(talk.runtime());
  const taken = [...COMMANDS, ...own].map(({ name }) => name);
  const skills = await skillsToType(talk.runtime(), taken);
  const rows = [
    ...COMMANDS.map(({ name, usage, about }) => [`/${name} ${usage}`.trim(), about] as const),
    ...own.map(({ name, description }) => [`/${name}`, `${printable(description)} (of the team)`] as const),
    ...skills.map(({ name, description }) => [`/${name}`, `${oneLine(description, 60)} (a skill)`] as const),
  ];
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  for (const [left, right] of [...rows, ...KEYS])
    talk.note(`${left.padEnd(width)}${talk.style('dim', right)}`);
}

/** The command and what follows it; undefined for a line that is a message, one that begins with a path included. */
export function readCommand(line: string): { name: string; argument: string } | undefined {
  const [, own] = /^!\s*(\S[\s\S]*)$/.exec(line.trim()) ?? [];
  if (own !== undefined) return { name: ownShell.name, argument: own };
  const [, name, argument = ''] = /^\/([a-z0-9][\w.-]*)(?:\s+([\s\S]*))?$/i.exec(line.trim()) ?? [];
  return name === undefined ? undefined : { name: name.toLowerCase(), argument: argument.trim() };
}

export function isBuiltIn(name: string): boolean {
  return name === 'quit' || name === ownShell.name || COMMANDS.some((command) => command.name === name);
}

/** `not_found` with the nearest for a command that there is not. */
export function commandOf(name: string): SlashCommand {
  if (name === ownShell.name) return ownShell;
  const wanted = name === 'quit' ? 'exit' : name;
  const found = COMMANDS.find((command) => command.name === wanted);
  if (found !== undefined) return found;
  const names = COMMANDS.map((command) => command.name);
  const near = suggestion(name, names).replaceAll(/"(\w+)"/g, '/$1');
  throw new YonderError(
    'not_found',
    `there is no /${name}${near === '' ? '; /help lists what there is' : near}`,
  );
}
