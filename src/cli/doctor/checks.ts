import { readTrust, trustFileIn } from '../../config/trust.ts';
import { toYonderError } from '../../protocol/errors.ts';
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
    { name: 'configuration', state: 'ok', detail: places.configFile },
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

async function trusted(file: string): Promise<Check> {
  try {
    const teams = Object.keys(await readTrust(file));
    const detail = teams.length === 0 ? 'no found team was trusted yet' : teams.join(', ');
    return { name: 'trusted teams', state: 'ok', detail };
  } catch (thrown) {
    return { name: 'trusted teams', state: 'failed', detail: toYonderError(thrown).message };
  }
}
