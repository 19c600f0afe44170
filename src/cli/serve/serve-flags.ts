import { type Command, InvalidArgumentError, Option } from 'commander';
import { duration, type PlaceFlags } from '../flags/run-flags.ts';

/** Flags of `yonder serve api`, as they were typed. Times are milliseconds. */
export interface ServeFlags extends PlaceFlags {
  listen: string;
  authToken?: string;
  authTokens?: string;
  policy?: string;
  tlsCert?: string;
  tlsKey?: string;
  allowHost?: string[];
  allowOrigin?: string[];
  logFormat: 'json' | 'text';
  workingDir?: string;
  trust?: boolean;
  pullInterval?: number;
  /** Recordings are kept in the store. */
  record?: boolean;
  fake?: string;
  fakeMatch?: 'body' | 'order';
  fakeStream?: number;
  drain: number;
  maxSessions: number;
  maxRuns: number;
  idleTimeout: number;
}

const many = (value: string, before: string[] | undefined): string[] => [...(before ?? []), value];

/** Every flag of `yonder serve api`. */
export function addServeFlags(command: Command): Command {
  return command
    .optionsGroup('Where it listens:')
    .option(
      '--listen <address>',
      'host:port (port 0: a free one), unix:///path, unix:// (where ssh:// looks), or fd://N',
      '127.0.0.1:8080',
    )
    .option('--tls-cert <file>', 'certificate, with those between it and its root, as PEM')
    .option('--tls-key <file>', 'its key, as PEM')
    .option('--allow-host <name>', 'a further name that clients may call it by; repeatable', many)
    .option(
      '--allow-origin <url>',
      'a web page of another site that may ask, as https://host; repeatable',
      many,
    )
    .optionsGroup('Who may come in:')
    .option(
      '--auth-token <token>',
      'what clients must send (default: $YONDER_AUTH_TOKEN, else one is made and shown; a unix socket needs none)',
    )
    .option('--auth-tokens <file>', 'tokens of several people and programs, as: yonder serve token')
    .option('--policy <file>', 'what each of them may do (docs/policy.md)')
    .optionsGroup('What it serves:')
    .option('--working-dir <folder>', 'where sessions work that name no folder (default: this folder)')
    .option('--trust', 'say yes to what teams by URL would do before any question, as they are now')
    .addOption(
      new Option('--pull-interval <time>', 'read the teams again so often, e.g. 5m').argParser(duration),
    )
    .optionsGroup('Its life:')
    .addOption(
      new Option('--drain <time>', 'how long runs get to come to a boundary when it is told to stop')
        .argParser(durationOrNone)
        .default(10_000, '10s'),
    )
    .addOption(
      new Option('--max-sessions <n>', 'sessions open at once; those that nothing happens in make room')
        .argParser(someNumber)
        .default(1_000),
    )
    .addOption(
      new Option('--max-runs <n>', 'runs at once; one that waits for an answer is one of them')
        .argParser(someNumber)
        .default(100),
    )
    .addOption(
      new Option('--idle-timeout <time>', 'let a session go after so long without a run, a reader or a job')
        .argParser(duration)
        .default(600_000, '10m'),
    )
    .addOption(
      new Option('--log-format <how>', 'the lines on stderr: one for each request, never with content')
        .choices(['json', 'text'])
        .default('text'),
    )
    .optionsGroup('Cassettes:')
    .option('--record', 'record the traffic with the models, for each session')
    .option('--fake <file>', 'every session plays this cassette; no key is needed')
    .addOption(new Option('--fake-match <how>', 'how requests find their answer').choices(['body', 'order']))
    .addOption(
      new Option('--fake-stream [=ms]', 'pause between the chunks of a played answer (bare: 15)').argParser(
        wholeNumber,
      ),
    );
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

function someNumber(text: string): number {
  const number = wholeNumber(text);
  if (number > 0) return number;
  throw new InvalidArgumentError('It must be a whole number above 0.');
}

/** `0` is allowed: what is under way is cut at once. */
function durationOrNone(text: string): number {
  return /^0(?:ms|s|m|h)?$/.test(text) ? 0 : duration(text);
}
