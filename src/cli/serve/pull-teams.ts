import { setTimeout as delay } from 'node:timers/promises';
import { toYonderError } from '../../protocol/errors.ts';
import type { Serving } from '../../runtime/host/serving.ts';
import type { Say } from './say.ts';
import type { ServedTeams } from './served-teams.ts';

/** Reads the served teams again at an interval, until the signal. New sessions get what was read last; a session keeps its own (R22). */
export function pullTeams(input: {
  teams: ServedTeams;
  serving: Serving;
  /** Milliseconds from the end of one reading to the next. */
  every: number;
  say: Say;
  signal: AbortSignal;
}): void {
  void pull(input);
}

async function pull({ teams, serving, every, say, signal }: Parameters<typeof pullTeams>[0]): Promise<void> {
  for (;;) {
    try {
      await delay(every, undefined, { signal });
    } catch {
      return; // the server ends
    }
    const changed = await teams.again((name, thrown) =>
      say(`the team ${name} stays as it was: ${toYonderError(thrown).message}`, 'warning'),
    );
    serving.teams = teams.teams;
    for (const name of changed) say(`the team ${name} was read again, and is another now`);
  }
}
