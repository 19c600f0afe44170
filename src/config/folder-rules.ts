import { isSeq } from 'yaml';
import type { PermissionRules } from '../protocol/permissions.ts';
import { changeConfig } from './change-config.ts';

export type RuleKind = keyof PermissionRules;

/** Adds a rule to `folders.<folder>.permissions`; comments and order of the file stay. False when it stands there already. */
export function addFolderRule(
  path: string,
  folder: string,
  kind: RuleKind,
  pattern: string,
): Promise<boolean> {
  return changeConfig(path, (document) => {
    const place = ['folders', folder, 'permissions', kind];
    const list = document.getIn(place);
    if (!isSeq(list)) {
      document.setIn(place, document.createNode([pattern]));
      return true;
    }
    if (valuesOf(list.toJSON()).includes(pattern)) return false;
    document.addIn(place, pattern);
    return true;
  });
}

/** Takes a rule out of `folders.<folder>.permissions`, whichever kind it is; false when it is not there. */
export function removeFolderRule(path: string, folder: string, pattern: string): Promise<boolean> {
  return changeConfig(path, (document) => {
    const found = (['allow', 'ask', 'deny'] as const).flatMap((kind) => {
      const place = ['folders', folder, 'permissions', kind];
      const list = document.getIn(place);
      const index = isSeq(list) ? valuesOf(list.toJSON()).indexOf(pattern) : -1;
      return index === -1 ? [] : [[...place, index]];
    });
    for (const place of found) document.deleteIn(place);
    return found.length > 0;
  });
}

function valuesOf(json: unknown): unknown[] {
  return Array.isArray(json) ? json : [];
}
