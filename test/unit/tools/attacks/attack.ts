import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Place, Use } from './place.ts';

/** What each use gets, in the order of USES: an error's code, or what it gives. */
export type Outcome = Record<Use, string>;

export interface Attack {
  path: string | ((place: Place) => string);
  prepare?: (place: Place) => void | Promise<void>;
  /** Needs the rights of root: to mount, to make a device. */
  root?: true;
  gets: Outcome;
}

export const all = (code: string): Outcome => ({
  read: code,
  list: code,
  search: code,
  edit: code,
  write: code,
  remove: code,
});
export const OUT = all('path_escape');
export const INVALID = all('invalid_request');
export const MISSING: Outcome = { ...all('not_found'), write: 'made', remove: 'removed' };
/** A link that leads out: itself it may go. */
export const LINK_OUT: Outcome = { ...OUT, remove: 'removed' };
export const FILE: Outcome = {
  read: 'needle a',
  list: 'invalid_request',
  search: 'needle a',
  edit: 'edited',
  write: 'replaced',
  remove: 'removed',
};
export const SPECIAL: Outcome = { ...INVALID, search: 'nothing', remove: 'removed' };

/** Something on the way is not there. */
export const NO_FOLDER = all('not_found');
/** What cannot be read or written as a file, nor be removed. */
export const FOLDER: Outcome = { ...INVALID };

export const link =
  (target: string | ((place: Place) => string), name = 'link') =>
  (place: Place): void =>
    symlinkSync(typeof target === 'string' ? target : target(place), join(place.root, name));
export const under = (path: string) => (place: Place) => join(place.root, path);
export const beside = (path: string) => (place: Place) => join(place.outside, path);

export function chain(length: number): (place: Place) => void {
  return ({ root }) => {
    symlinkSync('a.txt', join(root, 'link1'));
    for (let index = 2; index <= length; index += 1)
      symlinkSync(`link${index - 1}`, join(root, `link${index}`));
  };
}

/** Mounts something at `mnt` for the length of the test. */
export const mounted =
  (...words: string[]) =>
  ({ root, outside, after }: Place): void => {
    const at = join(root, 'mnt');
    mkdirSync(at);
    const args = words.map((word) => (word === 'OUTSIDE' ? outside : word));
    execFileSync('mount', [...args, at]);
    after(() => void execFileSync('umount', ['-l', at]));
  };
