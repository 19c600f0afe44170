import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { normalise } from '../../src/testing/contract/normalise.ts';
import { SCENARIOS, type Scenario } from '../../src/testing/contract/transcripts.ts';
import { scriptCassette } from '../../src/testing/model-server/script-cassette.ts';
import { cases, long, tried } from '../long.ts';
import { eventsOf, scratch, type Finished, type Scratch } from './cli.ts';

const TOKEN = 'token-of-the-test';
/** The same for the command and the server: commands of a run are told which variables they do not get. */
const ENV = { YONDER_TOKEN: TOKEN, YONDER_AUTH_TOKEN: TOKEN };
type Command = NonNullable<Scenario['command']>;

/** The scenarios that the command plays alone, without somebody who answers or sends meanwhile. */
const PLAYED = Object.entries(SCENARIOS).flatMap(([name, { turns, command }]) =>
  command === undefined ? [] : [{ name, turns, command }],
);
const SHORT = ['tool', 'refused', 'max iterations', 'skill run'];
const CASES = PLAYED.filter(({ name }) => long || SHORT.includes(name));

interface Place {
  scratch: Scratch;
  url: string;
}

async function serve(): Promise<Place> {
  const place = await scratch();
  await mkdir(join(place.root, 'away'));
  const words = ['serve', 'api', '--listen', '127.0.0.1:0'];
  const server = place.start(words, {
    cwd: join(place.root, 'away'),
    env: ENV,
    stdin: null,
  });
  await server.shows(/listening on http/);
  return { scratch: place, url: /listening on (http:\S+?);/.exec(server.stdout)?.[1] ?? '' };
}

interface Played extends Finished {
  folder: string;
  files: Record<string, string>;
}

/** The same command here and yonder, each in a folder of its own. */
async function play(
  { scratch: place, url }: Place,
  name: string,
  { command, words }: { command: Command; words: readonly string[] },
): Promise<{ here: Played; yonder: Played }> {
  const one = async (where: 'here' | 'away', more: readonly string[]): Promise<Played> => {
    const folder = join(place.root, where, name.replaceAll(' ', '-'));
    await mkdir(folder, { recursive: true });
    const line = ['run', 'team.yaml', 'do it', '--exec', '--fake', 'cassette.yaml', ...command.flags];
    const finished = await place.run([...line, '--working-dir', folder, ...words, ...more], { env: ENV });
    return { ...finished, folder, files: await filesUnder(folder) };
  };
  const [here, yonder] = await Promise.all([one('here', []), one('away', ['--remote', url])]);
  return { here, yonder };
}

async function filesUnder(folder: string): Promise<Record<string, string>> {
  const names = await readdir(folder);
  const read = async (name: string) => [name, await readFile(join(folder, name), 'utf8')] as const;
  return Object.fromEntries(await Promise.all(names.toSorted().map(read)));
}

/** What a person sees, without ids, times and the words that name the place. */
function screenOf(text: string, { folder }: Played, url: string): string {
  return text
    .replaceAll(folder, '<workspace>')
    .replaceAll(` --remote ${url}`, '')
    .replace(/\b(session) \w{16}\b|(--session) \w{16}\b/g, '$1$2 <session>')
    .replace(/\b\d+(\.\d+)? ?(ms|s)\b/g, '<time>');
}

test(
  'the same command does the same here and yonder',
  { timeout: cases(90_000, 300_000) },
  async (context) => {
    const place = await serve();
    for (const { name, turns, command } of CASES) {
      await place.scratch.write('team.yaml', command.team);
      for (const [path, text] of Object.entries(command.beside ?? {})) await place.scratch.write(path, text);
      const api = name === 'reasoning' ? 'anthropic' : 'openai_chatcompletions';
      await place.scratch.write('cassette.yaml', scriptCassette(turns, { api }));
      const { here, yonder } = await play(place, name, { command, words: ['--json'] });
      expect.soft([here.code, here.stderr, yonder.stderr], name).toEqual([command.exit, '', '']);
      expect.soft(yonder.code, name).toBe(here.code);
      const events = normalise(eventsOf(here.stdout), here.folder);
      expect.soft(events.at(-1)?.type, name).toBe('stream_stopped');
      expect.soft(normalise(eventsOf(yonder.stdout), yonder.folder), name).toEqual(events);
      expect.soft(yonder.files, name).toEqual(here.files);
      if (name !== 'tool' && !long) continue;
      const shown = await play(place, `${name} shown`, { command, words: [] });
      expect.soft([shown.here.code, shown.yonder.code], name).toEqual([command.exit, command.exit]);
      for (const stream of ['stdout', 'stderr'] as const) {
        const screen = screenOf(shown.here[stream], shown.here, place.url);
        expect.soft(screenOf(shown.yonder[stream], shown.yonder, place.url), name).toBe(screen);
      }
    }
    tried(context, CASES.length);
  },
);
