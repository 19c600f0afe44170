import type { TeamWarning } from '../../protocol/team.ts';
import type { TeamDocument } from '../document.ts';
import type { TeamProblem } from '../problem.ts';
import { LATEST_VERSION } from '../schema/team.ts';
import { STEPS } from './steps.ts';
import { UpgradeTree } from './tree.ts';

export interface Upgraded {
  /** The version that the file says it has; the latest where it says none, or one that does not exist. */
  version: number;
  warnings: TeamWarning[];
  problems: TeamProblem[];
}

/** Turns a file of version 0 to 8 into one of the latest, in place, a version at a time; places stay those of the file. */
export function upgradeDocument(read: TeamDocument): Upgraded {
  const tree = new UpgradeTree(read);
  const said = tree.text(tree.pair(tree.root, 'version')?.value);
  const version = /^[0-8]$/.test(said) ? Number(said) : Number(LATEST_VERSION);
  for (const step of STEPS) if (version <= step.from) step.apply(tree);
  return { version, warnings: tree.warnings, problems: tree.problems };
}
