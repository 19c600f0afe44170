import { join, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { changeConfig } from '../../config/change-config.ts';
import { planImport } from '../../config/import-peer.ts';
import { readConfigText } from '../../config/read-config-text.ts';
import { parseUserConfig, readUserConfig } from '../../config/user-config.ts';
import { YonderError } from '../../protocol/errors.ts';
import { BUILT_IN_TEAM_NAMES } from '../../team/index.ts';
import { withEnvironment } from '../flags/environment.ts';
import { placesOf } from '../places.ts';
import { reservedNames } from '../reserved-names.ts';
import { pathExists } from '../team-argument.ts';
import type { Io } from '../terminal/io.ts';
import { Output } from '../terminal/output.ts';
import type { LookFlags } from './with-backend.ts';

/** Where the peer keeps its configuration (reference/docker-agent.md 4.3), under its names new and old. */
const PLACES = [
  '.config/cagent/config.yaml',
  '.config/docker-agent/config.yaml',
  '.docker-agent/config.yaml',
  '.cagent/config.yaml',
];

/** `yonder config import [file] [--json]`: takes what the peer's configuration says and ours does not; says what was left and why. */
export async function importConfig(file: string | undefined, flags: LookFlags, io: Io): Promise<number> {
  const output = new Output(io);
  const { path, text } = await peerConfig(file, io);
  const document = parseDocument(text);
  const [fault] = document.errors;
  if (fault !== undefined)
    throw new YonderError('invalid_request', `${path}: ${fault.message.trim()}`, { cause: fault });
  const { configFile } = placesOf(withEnvironment(flags, io.env), io);
  const reserved = reservedNames(io);
  const ours = await readUserConfig(configFile, { reserved });
  const lines = await planImport(document.toJS(), {
    ours,
    reserved,
    isTeam: async (team) =>
      /^https?:\/\//i.test(team) ||
      BUILT_IN_TEAM_NAMES.includes(team) ||
      (await pathExists(resolve(io.home, team.replace(/^~\//, '')))),
  });
  const taken = lines.filter(({ to }) => to !== undefined);
  if (taken.length > 0) {
    await changeConfig(
      configFile,
      (own) => {
        for (const { to = [], value } of taken) own.setIn(to, own.createNode(value));
        return true;
      },
      (changed) => parseUserConfig(configFile, changed, { reserved }),
    );
  }
  for (const { key, to, note } of lines) {
    const why = note === undefined ? '' : `: ${note}`;
    await output.text(
      flags.json === true
        ? `${JSON.stringify({ key, taken: to !== undefined, ...(to === undefined ? {} : { to: to.join('.') }), ...(note === undefined ? {} : { note }) })}\n`
        : to === undefined
          ? `not taken  ${key}${why}\n`
          : `taken      ${key}${to.join('.') === key ? '' : ` as ${to.join('.')}`}${why}\n`,
    );
  }
  output.note(`${taken.length} of ${lines.length} from ${path} to ${configFile}`);
  return 0;
}

async function peerConfig(file: string | undefined, io: Io): Promise<{ path: string; text: string }> {
  const paths = file === undefined ? PLACES.map((place) => join(io.home, place)) : [resolve(io.cwd, file)];
  for (const path of paths) {
    const text = await readConfigText(path);
    if (text !== '') return { path, text };
  }
  throw new YonderError(
    'not_found',
    file === undefined
      ? `there is no configuration of the peer: looked at ${paths.join(', ')}; name one: yonder config import FILE`
      : `${paths[0] ?? ''} is not there, or empty`,
  );
}
