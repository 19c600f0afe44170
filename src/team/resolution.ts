import type { TeamPlace, TeamWarning, UnsupportedItem } from '../protocol/team.ts';
import type { Checked } from './check.ts';
import { memberPath } from './member-path.ts';
import type { TeamProblem } from './problem.ts';

/** Collects what is found while names are looked up, at the place where the path of keys stands in the file. */
export interface Resolution {
  readonly problems: TeamProblem[];
  readonly warnings: TeamWarning[];
  readonly unsupported: UnsupportedItem[];
  fault(path: string, message: string): void;
  warn(path: string, message: string): void;
  later(path: string, feature: string): void;
  placeOf(path: string): TeamPlace;
  /** The path of a member that the team named itself. */
  pathOf(parent: string, name: string): string;
}

export function startResolution(checked: Checked): Resolution {
  const problems = [...checked.problems];
  const warnings: TeamWarning[] = [...checked.newer];
  const unsupported = [...checked.unsupported];
  return {
    problems,
    warnings,
    unsupported,
    fault: (path, message) => void problems.push(checked.problemAt(path, message)),
    warn: (path, message) => void warnings.push({ where: checked.placeOf(path), message }),
    later: (path, feature) => void unsupported.push({ key: path, feature, where: checked.placeOf(path) }),
    placeOf: (path) => checked.placeOf(path),
    pathOf: (parent, name) => memberPath(parent, name),
  };
}
