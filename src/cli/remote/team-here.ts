import { dirname, resolve } from 'node:path';
import { readWhole } from '../../process/read-whole.ts';
import { LIMITS } from '../../protocol/contract/contract.ts';
import { YonderError } from '../../protocol/errors.ts';
import { isSecretPath } from '../../runtime/decisions/secrets.ts';
import { patternProblem } from '../../runtime/host/pattern-problem.ts';
import { loadTeam } from '../../team/index.ts';
import { codeOf } from '../flags/env-file.ts';
import type { ChosenTeam } from '../team-argument.ts';

/**
 * A team file of this machine before it goes to a server: checked, so that a fault in it needs no server, and with the files that its agents name, which
 * the server's workspace may not have. Never one of the secret list (R3). Throws `invalid_team`, and `forbidden` for such a name.
 */
export async function checkTeamHere(
  team: ChosenTeam,
  cwd: string,
  modelOverrides: readonly string[] | undefined,
): Promise<ChosenTeam> {
  if (team.source.kind !== 'inline') return team;
  const { entry, files } = team.source;
  const { promptFiles } = loadTeam(team.source, { modelOverrides, checkPattern: patternProblem });
  const named: Record<string, string> = {};
  for (const name of promptFiles) {
    if (isSecretPath(name))
      throw new YonderError(
        'forbidden',
        `${entry}: add_prompt_files names ${name}, which may hold secrets and is not sent to a server; name another file`,
      );
    const text = await textOf([resolve(cwd, dirname(entry), name), resolve(cwd, name)]);
    if (text !== undefined) named[name] = text;
  }
  return { ...team, source: { ...team.source, files: { ...named, ...files } } };
}

/** The first that is there; undefined where none is, and the server's workspace is looked in alone. */
async function textOf(paths: readonly string[]): Promise<string | undefined> {
  for (const path of new Set(paths)) {
    try {
      const bytes = await readWhole(path, { limit: LIMITS.prompt_file_bytes });
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch (cause) {
      if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(codeOf(cause))) continue;
      const why =
        codeOf(cause) === 'EFBIG'
          ? `is longer than ${LIMITS.prompt_file_bytes} bytes`
          : `cannot be read as text (${codeOf(cause)})`;
      throw new YonderError('invalid_request', `${path}, which the team names, ${why}`, { cause });
    }
  }
  return undefined;
}
