import { isAbsolute } from 'node:path';
import { readTrust, rememberTrust } from '../../config/trust.ts';
import { toYonderError } from '../../protocol/errors.ts';
import type { NeedsTrust, TrustAnswer, TrustItem } from '../../protocol/team.ts';
import { STDIN, type ChosenTeam } from '../team-argument.ts';
import { CommandFault } from '../command-fault.ts';
import { askLine } from '../terminal/ask.ts';
import type { Io } from '../terminal/io.ts';
import type { Output } from '../terminal/output.ts';
import { printable } from '../terminal/style.ts';

export interface TrustQuestion {
  team: Pick<ChosenTeam, 'named' | 'shown' | 'source'>;
  /** What it is; `team` by default. */
  what?: string;
  /** What a person can do instead of a yes; by default, for what it is. */
  orElse?: string;
  /** `--trust`. */
  said: boolean;
  /** Somebody can be asked. */
  ask: boolean;
  /** Where a yes is kept; absent: it holds this once. */
  file?: string;
  io: Io;
  output: Output;
}

/**
 * The yes to what a team would do before any question (R4): given for a file that was named on the command line and by `--trust`; for a project file
 * that was found it is asked for once and kept, and without a person nothing starts (exit 3) where something is held.
 */
export async function trustFor(
  needs: NeedsTrust | undefined,
  question: TrustQuestion,
): Promise<TrustAnswer | undefined> {
  if (needs === undefined) return undefined;
  const yes = { digest: needs.digest };
  const { team, said, ask, output, file, what = 'team' } = question;
  if (team.named || said || needs.items.length === 0) return yes;
  const before = file === undefined ? undefined : (await readTrust(file))[keyOf(team)];
  if (before === needs.digest) return yes;
  const held = needs.items.some((item) => item.blocks);
  if (!ask) {
    if (!held) return undefined;
    output.note(
      `yonder: the ${what} ${team.shown} is not trusted${whyNot(team)}, and it would do this before any question:`,
    );
    output.note(list(needs.items));
    const orFile =
      question.orElse ??
      (isElsewhere(team) ? 'or save it as a file and name that' : 'or name the file: yonder run <file>');
    output.note(`Read it. If you want that, say so: --trust, ${orFile}.`);
    throw new CommandFault(3);
  }
  output.note(
    before === undefined
      ? `The ${what} ${team.shown} ${isElsewhere(team) ? 'comes from elsewhere' : 'was found here'}, and nobody has trusted it yet. It wants:`
      : `The ${what} ${team.shown} wants other things than those that you agreed to. It wants now:`,
  );
  output.note(list(needs.items));
  if (await isYes(question)) {
    await keep(question, needs.digest);
    return yes;
  }
  if (!held) return undefined;
  output.note('Not started.');
  throw new CommandFault(3);
}

/** Under what a yes is kept: an alias may name another URL tomorrow. */
function keyOf({ source, shown }: TrustQuestion['team']): string {
  return source.kind === 'url' ? source.url : shown;
}

/** From a URL or from stdin: whoever named it need not know what is in it (R4). */
function isElsewhere({ source, shown }: TrustQuestion['team']): boolean {
  return source.kind === 'url' || shown === STDIN;
}

function whyNot(team: TrustQuestion['team']): string {
  return isElsewhere(team) ? '' : ': nobody named it';
}

/** The yes holds for this run even where it cannot be kept. */
async function keep({ team, file, output }: TrustQuestion, digest: string): Promise<void> {
  const key = keyOf(team);
  if (file === undefined || !(isAbsolute(key) || team.source.kind === 'url')) return;
  try {
    await rememberTrust(file, key, digest);
    output.note(
      `You are asked again when that list changes (to take it back: yonder permissions remove ${quoted(key)})`,
    );
  } catch (thrown) {
    output.note(`warning: your yes could not be kept: ${toYonderError(thrown).message}`);
  }
}

/** As a shell takes it. */
function quoted(path: string): string {
  return /^[\w./@:+-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

async function isYes({ io, output }: TrustQuestion): Promise<boolean> {
  let interrupted = false;
  const leave = new AbortController();
  const line = await askLine(io, output, 'Trust it? [y]es, [n]o > ', {
    signal: leave.signal,
    onInterrupt: () => {
      interrupted = true;
      leave.abort();
    },
  });
  if (interrupted) throw new CommandFault(130);
  return /^\s*y(?:es)?\s*$/i.test(line ?? '');
}

function list(items: readonly TrustItem[]): string {
  return items
    .map(
      (item) =>
        `  - ${printable(item.where)}: ${printable(item.text)}${item.blocks ? '' : ' (left out until you trust it)'}`,
    )
    .join('\n');
}
