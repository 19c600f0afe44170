import { readTrust, trustFileIn } from '../../config/trust.ts';
import { toYonderError } from '../../protocol/errors.ts';
import { readUserConfig } from '../../config/user-config.ts';
import { reservedNames } from '../reserved-names.ts';
import type { Places } from '../places.ts';
import type { Io } from '../terminal/io.ts';

export interface Check {
  name: string;
  state: 'ok' | 'warning' | 'missing' | 'failed';
  detail: string;
}

/** What is checked where the person sits: node, configuration, folders. */
export async function clientChecks(places: Places, io: Io): Promise<Check[]> {
  return [
    { name: 'node', state: 'ok', detail: process.versions.node },
    ...(await configuration(places, io)),
    {
      name: 'terminal',
      state: 'ok',
      detail:
        io.stdin.isTTY === true
          ? 'questions are asked here'
          : 'no terminal: questions are refused unless --ask wait',
    },
    await trusted(trustFileIn(places.data)),
  ];
}

/** Also a gateway that stands there; a password in its address does not show. */
async function configuration({ configFile }: Places, io: Io): Promise<Check[]> {
  const name = 'configuration';
  try {
    const { models_gateway } = await readUserConfig(configFile, { reserved: reservedNames(io) });
    const gateway = models_gateway === undefined ? null : URL.parse(models_gateway);
    const read: Check = { name, state: 'ok', detail: configFile };
    if (gateway === null) return [read];
    const detail = `${gateway.origin}${gateway.pathname}, from models_gateway of your configuration; models need no key here`;
    return [read, { name: 'models gateway', state: 'ok', detail }];
  } catch (thrown) {
    return [{ name, state: 'failed', detail: toYonderError(thrown).message }];
  }
}

async function trusted(file: string): Promise<Check> {
  try {
    const teams = Object.keys(await readTrust(file));
    const detail = teams.length === 0 ? 'no found team was trusted yet' : teams.join(', ');
    return { name: 'trusted teams', state: 'ok', detail };
  } catch (thrown) {
    return { name: 'trusted teams', state: 'failed', detail: toYonderError(thrown).message };
  }
}
