import { Command, InvalidArgumentError, Option } from 'commander';
import { SETTINGS } from '../../config/settings-table.ts';
import type { Safety, Unattended } from '../../protocol/permissions.ts';
import { addRemoteFlags, type RemoteFlags } from '../remote/remote-flags.ts';
import { addHookFlags, type HookFlags } from './hook-flags.ts';

/** Flags that every command takes. */
export interface PlaceFlags {
  debug?: boolean;
  configDir?: string;
  dataDir?: string;
  cacheDir?: string;
  sessionDb?: string;
}

/** Flags of `yonder run`, as they were typed. */
export interface RunFlags extends PlaceFlags, RemoteFlags, HookFlags {
  logFile?: string;
  agent?: string;
  model?: string[];
  exec?: boolean;
  json?: boolean;
  hideToolCalls?: boolean;
  hideToolResults?: boolean;
  workingDir?: string;
  session?: string;
  /** What `--session` names where there is no such session: one of that id is made. */
  newSession?: string;
  sessionReadOnly?: boolean;
  continue?: boolean;
  dryRun?: boolean;
  /** Empty: a name is made. */
  record?: string;
  fake?: string;
  fakeMatch?: 'body' | 'order';
  fakeStream?: number;
  addDir?: string[];
  readDir?: string[];
  passEnv?: string[];
  acceptEdits?: boolean;
  yolo?: boolean;
  safety?: Safety;
  allow?: string[];
  askFor?: string[];
  deny?: string[];
  ask?: Unattended;
  trust?: boolean;
  promptFile?: string[];
  attach?: string[];
  maxIterations?: number;
  /** US dollars. */
  maxCost?: number;
  maxTokens?: number;
  /** Milliseconds. */
  timeout?: number;
  keepJobs?: boolean;
  output?: string;
  envFromFile?: string[];
  modelsGateway?: string;
  /** Neither flag: the configuration decides. */
  snapshots?: boolean;
}

export function addPlaceFlags(command: Command): Command {
  return command
    .optionsGroup('Everywhere:')
    .option('-d, --debug', 'say where an error came from')
    .option('--config-dir <folder>', "Yonder's configuration (default: $XDG_CONFIG_HOME/yonder)")
    .option('--data-dir <folder>', 'sessions (default: $XDG_DATA_HOME/yonder)')
    .option('--cache-dir <folder>', 'what can be made again (default: $XDG_CACHE_HOME/yonder)')
    .option('-s, --session-db <file>', 'the session store (default: session.db in the data folder)');
}

const flag = (text: string, about: string): Option => new Option(text, about);
const many = (value: string, before: string[] | undefined): string[] => [...(before ?? []), value];

export function addRunFlags(command: Command): Command {
  addRemoteFlags(command.optionsGroup('Where:'), 'run on this Yonder server');
  return addHookFlags(addOwnFlags(command));
}

function addOwnFlags(command: Command): Command {
  return command
    .optionsGroup('Which agent and model:')
    .option('-a, --agent <name>', 'the agent that begins (default: the first of the team)')
    .option('--model <model>', 'another model, as [agent=]provider/model; repeatable, or a comma list', many)
    .option('--models-gateway <url>', 'send the requests to models there')
    .option('--prompt-file <file>', 'a file that every agent reads with its instruction; repeatable', many)
    .option(
      '--env-from-file <file>',
      'variables for keys and ${env.X}, as NAME=value lines; repeatable',
      many,
    )
    .option('--attach <file>', 'a file that goes with the first message; repeatable', many)
    .optionsGroup('Which session:')
    .option(
      '--session <id>',
      'go on with a session (id, prefix of one, or -1 for the newest), after ending what was cut; a name of your own with - _ or . in it, e.g. review-2026, is begun where there is none',
    )
    .option('--session-read-only', 'only look at the session: nothing runs, nothing is sent or changed')
    .option('--continue', 'go on with the newest session of this folder')
    .option(
      '--working-dir <folder>',
      "where tools act (default: this folder; with --remote the server's, and a path there)",
    )
    .optionsGroup('What is allowed:')
    .addOption(
      flag('--safety <mode>', 'what is asked about').choices([
        'strict',
        'balanced',
        'restricted',
        'autonomous',
      ]),
    )
    .option('--yolo', 'ask nothing that a rule does not demand: --safety autonomous')
    .option('--accept-edits', 'let the file tools write in the working folder')
    .option(
      '--allow <pattern>',
      'run such calls without a question, e.g. "shell:cmd=npm test *"; repeatable',
      many,
    )
    .option('--ask-for <pattern>', 'ask about such calls; repeatable', many)
    .option('--deny <pattern>', 'never run such calls; repeatable', many)
    .addOption(
      flag(
        '--ask <how>',
        'questions that nobody can answer (default: wait on a terminal, else refuse)',
      ).choices(['wait', 'refuse']),
    )
    .option('--trust', 'say yes to what a team would do before any question')
    .option('--add-dir <folder>', 'a further folder for reads and writes; repeatable', many)
    .option('--read-dir <folder>', 'a further folder for reads; repeatable', many)
    .option('--pass-env <name>', 'hand a withheld variable on to commands; repeatable', many)
    .option('--snapshots', 'keep the workspace of each turn, for /undo')
    .option('--no-snapshots', 'keep none, whatever your configuration says')
    .optionsGroup('Output and limits:')
    .option('--exec', 'no conversation: run, print, end')
    .option('--json', 'one event per line on stdout and nothing else')
    .option('--hide-tool-calls', 'no line per tool call')
    .option('--hide-tool-results', 'no result in the line of a tool call')
    .option('--log-file <file>', 'append what happens to this file, for reports')
    .option('-o, --output <file>', 'write the final answer to this file')
    .option('--max-iterations <n>', 'model calls in one run; 0 is without a limit', wholeNumber)
    .option('--max-cost <dollars>', 'end a run when the whole session has cost so much, e.g. 0.50', amount)
    .option('--max-tokens <n>', 'end a run when the whole session has used so many tokens', someNumber)
    .option('--timeout <time>', 'end a run after this time, e.g. 90s, 10m', duration)
    .option('--keep-jobs', 'leave background jobs running when this command ends')
    .option('--dry-run', 'load and check the team, change nothing')
    .optionsGroup('Cassettes:')
    .option('--record [=file]', 'record the traffic with the models')
    .option('--fake <file>', 'play a cassette; no key is needed')
    .addOption(flag('--fake-match <how>', 'how requests find their answer').choices(['body', 'order']))
    .option('--fake-stream [=ms]', 'pause between the chunks of a played answer (bare: 15)', wholeNumber);
}

/** Those flags of `run` that say a setting of the table of precedence, for `config show`. */
export function addSettingFlags(command: Command): Command {
  const run = addRunFlags(new Command());
  const said = Object.values(SETTINGS as Record<string, { flag?: string }>).flatMap(
    ({ flag: text }) => text?.split(', ') ?? [],
  );
  for (const option of run.options) if (said.includes(option.long ?? '')) command.addOption(option);
  return command;
}

function amount(text: string): number {
  const dollars = /^\d{1,9}(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (dollars > 0) return dollars;
  throw new InvalidArgumentError('It must be an amount of US dollars above 0, e.g. 0.50.');
}

function someNumber(text: string): number {
  const number = wholeNumber(text);
  if (number > 0) return number;
  throw new InvalidArgumentError('It must be a whole number above 0.');
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `90s`, `10m`, `500ms`, `2h`, or plain seconds; in milliseconds. */
export function duration(text: string): number {
  const [, amount, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? [];
  const milliseconds = Math.round(Number(amount) * (UNITS[unit] ?? 1000));
  if (amount === undefined || milliseconds < 1)
    throw new InvalidArgumentError('Write e.g. 90s, 10m or 500ms.');
  return milliseconds;
}
