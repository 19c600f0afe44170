import { dirname } from 'node:path';
import { readTrust, trustFileIn } from '../../config/trust.ts';
import { readUserConfig, rulesForFolder } from '../../config/user-config.ts';
import type { PermissionRules } from '../../protocol/permissions.ts';
import { explainPattern } from '../../runtime/decisions/patterns.ts';
import { withEnvironment } from '../flags/environment.ts';
import { placesOf } from '../places.ts';
import type { Io } from '../terminal/io.ts';
import { Output } from '../terminal/output.ts';
import type { LookFlags } from './with-backend.ts';

/** `yonder permissions list [--json]` */
export async function listPermissions(flags: LookFlags, io: Io): Promise<number> {
  const output = new Output(io);
  const { configFile, data } = placesOf(withEnvironment(flags, io.env), io);
  const config = await readUserConfig(configFile);
  const elsewhere = Object.entries(config.folders).filter(([folder]) => folder !== io.cwd);
  const rows = [
    ...rowsOf(io.cwd, rulesForFolder(config, io.cwd)),
    ...elsewhere.flatMap(([folder, entry]) => (entry === null ? [] : rowsOf(folder, entry.permissions))),
    ...Object.entries(await readTrust(trustFileIn(data))).map(([team, digest]) => ({
      folder: dirname(team),
      kind: 'trust' as const,
      pattern: team,
      meaning: 'you agreed to what this team wants before any question',
      digest,
    })),
  ];
  for (const row of rows) {
    await output.text(
      flags.json === true
        ? `${JSON.stringify(row)}\n`
        : `${row.folder}  ${row.kind}  ${row.pattern}  (${row.meaning})\n`,
    );
  }
  if (rows.length === 0)
    output.note(`no rules yet; "always here" adds one, and so does: yonder permissions add (${configFile})`);
  return 0;
}

function rowsOf(folder: string, rules: PermissionRules) {
  return (['deny', 'ask', 'allow'] as const).flatMap((kind) =>
    rules[kind].map((pattern) => ({ folder, kind, pattern, meaning: explainPattern(pattern).meaning })),
  );
}
