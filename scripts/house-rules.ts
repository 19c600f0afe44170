import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { ROOMS } from './rooms.ts';

const longestFile = 400;

/** STYLE.md: no file of src/ is over 400 lines, generated ones included. */
export function longFiles(root: string): string[] {
  return readdirSync(path.join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .flatMap((file) => {
      const lines = readFileSync(file, 'utf8').split('\n').length - 1;
      return lines > longestFile ? [`${path.relative(root, file)} has ${lines} lines`] : [];
    });
}

/** Each room says at its door what it is, in five lines or a few more; a folder that is no room has no place in src/. */
export function roomFaults(root: string): string[] {
  const present = readdirSync(path.join(root, 'src'));
  const strangers = present
    .filter((name) => !Object.hasOwn(ROOMS, name))
    .map((name) => `src/${name} is no room`);
  const silent = Object.keys(ROOMS).filter((room) => !existsSync(path.join(root, 'src', room, 'README.md')));
  return [...strangers, ...silent.map((room) => `src/${room}/README.md is missing`)];
}

/** A lock file that names addresses would fetch from one registry only. */
export function lockFaults(lock: string): string[] {
  return lock
    .split('\n')
    .flatMap((line, index) => (/"resolved":|https?:\/\/[^"]*\.tgz/.test(line) ? [`line ${index + 1}`] : []));
}
