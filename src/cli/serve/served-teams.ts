import { readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { followAlias } from '../../config/check-aliases.ts';
import type { Alias } from '../../config/user-config.ts';
import { YonderError } from '../../protocol/errors.ts';
import { BUILT_IN_TEAM_NAMES, fetchTeam, loadTeam, readTeamSource } from '../../team/index.ts';
import type { FetchTeamOptions } from '../../team/index.ts';
import { isSecretPath } from '../../runtime/decisions/secrets.ts';
import type { ServedTeam } from '../../runtime/host/serving.ts';
import { codeOf } from '../flags/env-file.ts';
import { isUrl, pathExists } from '../team-argument.ts';
import type { Io } from '../terminal/io.ts';

export interface ServedWords {
  /** What stands on the command line: files, folders, URLs, aliases, built-in names. */
  words: readonly string[];
  aliases: Readonly<Record<string, Alias>>;
  io: Io;
  fetching: FetchTeamOptions;
  /** Say yes to what teams by URL would do before any question, as they are now (R4). */
  trust: boolean;
}

/** One thing to read again and again: a file, a URL or a built-in team, under the name that it is served by. */
interface Place {
  name: string;
  word: string;
  read(): Promise<ServedTeam['source']>;
  /** Named by a person on this machine: what it would do needs no further yes (R4). */
  trusted: boolean;
}

/** The teams of a server, read from where they were named. */
export class ServedTeams {
  readonly #places: readonly Place[];
  /** The list of what each team by URL would do that a yes was said to, by name. */
  readonly #agreed = new Map<string, string>();
  #teams: readonly ServedTeam[] = [];

  private constructor(places: readonly Place[]) {
    this.#places = places;
  }

  /** Reads them all. `invalid_team` says what is wrong where, `invalid_request` which two have one name. */
  static async read(input: ServedWords): Promise<ServedTeams> {
    const places: Place[] = [];
    for (const word of input.words) places.push(...(await placesOfWord(word, input)));
    refuseTwins(places);
    const served = new ServedTeams(places);
    const teams: ServedTeam[] = [];
    for (const place of places) {
      const source = await place.read();
      const { needsTrust } = loadTeam(source);
      if (place.trusted || input.trust) served.#agreed.set(place.name, needsTrust.digest);
      teams.push(served.#team(place, source));
    }
    served.#teams = teams;
    return served;
  }

  get teams(): readonly ServedTeam[] {
    return this.#teams;
  }

  /** Reads them again; one that cannot be read stays as it was, and is told of. Gives the names of those that changed. */
  async again(problem: (name: string, thrown: unknown) => void): Promise<string[]> {
    const changed: string[] = [];
    const teams: ServedTeam[] = [];
    for (const [index, place] of this.#places.entries()) {
      const before = this.#teams[index];
      const now = await this.#pull(place, problem);
      if (before !== undefined && now !== undefined && textOf(before) !== textOf(now))
        changed.push(place.name);
      const kept = now ?? before;
      if (kept !== undefined) teams.push(kept);
    }
    this.#teams = teams;
    return changed;
  }

  async #pull(
    place: Place,
    problem: (name: string, thrown: unknown) => void,
  ): Promise<ServedTeam | undefined> {
    try {
      return this.#team(place, await place.read());
    } catch (thrown) {
      problem(place.name, thrown);
      return undefined;
    }
  }

  #team(place: Place, source: ServedTeam['source']): ServedTeam {
    const { team, agentNames, needsTrust } = loadTeam(source);
    const lead = team.agents.find((agent) => agent.name === team.default_agent);
    const agreed = this.#agreed.get(place.name);
    return {
      name: place.name,
      source,
      trust_digest: place.trusted || agreed === needsTrust.digest ? needsTrust.digest : undefined,
      description: lead?.description ?? '',
      agents: agentNames,
    };
  }
}

function textOf({ source, trust_digest }: ServedTeam): string {
  return JSON.stringify([source, trust_digest]);
}

async function placesOfWord(word: string, input: ServedWords): Promise<Place[]> {
  const { io, fetching } = input;
  const alias = followAlias(word, input.aliases);
  if (alias !== undefined) {
    const path = alias.path.startsWith('~/') ? join(io.home, alias.path.slice(2)) : alias.path;
    const [place, ...others] = await placesOfWord(path, { ...input, aliases: {} });
    return place === undefined || others.length > 0
      ? [...(place === undefined ? [] : [place]), ...others]
      : [{ ...place, name: word }];
  }
  if (isUrl(word)) {
    const read = async (): Promise<ServedTeam['source']> => (await fetchTeam(word, fetching)).source;
    return [{ name: nameOf(new URL(word).pathname, word), word, read, trusted: false }];
  }
  const path = resolve(io.cwd, word);
  if (BUILT_IN_TEAM_NAMES.includes(word) && !(await pathExists(path))) {
    return [{ name: word, word, read: async () => ({ kind: 'builtin', name: word }), trusted: true }];
  }
  return (await filesOf(word, path)).map((file) => fileOf(file, io.cwd));
}

function fileOf(file: string, cwd: string): Place {
  const read = async (): Promise<ServedTeam['source']> => {
    const path = resolve(cwd, file);
    const { entry, files } = await readTeamSource(path, isSecretPath);
    const { [entry]: text = '', ...beside } = files;
    // Under the name as it was typed, so that messages name what the person knows.
    const shown = entry === path ? file : entry;
    return { kind: 'inline', entry: shown, files: { ...beside, [shown]: text } };
  };
  return { name: nameOf(file, file), word: file, read, trusted: true };
}

/** A file is itself; a folder is every team file in it, in the order of their names. */
async function filesOf(word: string, path: string): Promise<string[]> {
  let names: string[];
  try {
    names = await readdir(path);
  } catch (cause) {
    // No folder, or nothing at all: the reader of the file says what is wrong with it.
    if (['ENOTDIR', 'ENOENT'].includes(codeOf(cause))) return [word];
    throw new YonderError('invalid_request', `the folder ${word} cannot be listed (${codeOf(cause)})`, {
      cause,
    });
  }
  const found = names.filter((name) => /\.ya?ml$/i.test(name) && !name.startsWith('.')).toSorted();
  if (found.length > 0) return found.map((name) => join(word, name));
  throw new YonderError(
    'invalid_team',
    `the folder ${word} has no team: no file in it ends in .yaml or .yml`,
  );
}

/** `teams/review.yaml` is served as `review`. */
function nameOf(path: string, word: string): string {
  const name = basename(path).replace(/\.(?:ya?ml|hcl)$/i, '');
  if (name !== '') return name;
  throw new YonderError('invalid_request', `${word} has no file name that a team could be served by`);
}

function refuseTwins(places: readonly Place[]): void {
  const known = new Map<string, string>();
  for (const { name, word } of places) {
    const other = known.get(name);
    if (other !== undefined) {
      throw new YonderError(
        'invalid_request',
        `${other} and ${word} would both be served as "${name}"; give one of the files another name`,
      );
    }
    known.set(name, word);
  }
}
