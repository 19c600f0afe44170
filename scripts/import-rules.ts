import { readFileSync, readdirSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { moduleImports, type ModuleImport } from './module-imports.ts';
import { isRoom, ROOMS, type Room } from './rooms.ts';

export interface Violation {
  /** Relative to the root that was checked. */
  file: string;
  line: number;
  message: string;
}

/** Rooms that must run where there is no Node: they may not reach it through another room either. */
const browserRooms: readonly Room[] = ['protocol', 'client'];

/** Rooms that act through a Workspace alone. */
const workspaceRooms: readonly Room[] = ['tools', 'model'];
const hostModules = ['fs', 'fs/promises', 'child_process'];

/** Folders beside src/ that may use the test parts. */
const testingUsers = ['test', 'bench'];

interface SourceFile {
  file: string;
  imports: ModuleImport[];
}

/** Reads every TypeScript file of src/, test/, bench/ and scripts/ under `root` and names each import that DESIGN.md section 3 does not draw. */
export function checkImports(root: string): Violation[] {
  const files = ['src', 'test', 'bench', 'scripts'].flatMap((folder) => sourceFiles(root, folder));
  const violations = files.flatMap(({ file, imports }) =>
    imports.flatMap((found) => {
      const message = judge(file, found.specifier);
      return message === undefined ? [] : [{ file, line: found.line, message }];
    }),
  );
  return [...violations, ...reachesNode(files)];
}

function sourceFiles(root: string, folder: string): SourceFile[] {
  const place = path.join(root, folder);
  const names = readdirSync(place, { recursive: true, encoding: 'utf8' }).filter(
    (name) => /\.[cm]?[jt]sx?$/.test(name) && !/(^|\/)(fixtures|node_modules)\//.test(name),
  );
  return names.map((name) => {
    const file = path.posix.join(folder, name);
    return { file, imports: moduleImports(file, readFileSync(path.join(root, file), 'utf8')) };
  });
}

function roomOf(file: string): string | undefined {
  return /^src\/([^/]+)\//.exec(file)?.[1];
}

/** Why `file` may not import `specifier`, or undefined. */
export function judge(file: string, specifier: string | undefined): string | undefined {
  const folder = file.split('/', 1)[0] ?? '';
  if (specifier === undefined) {
    return folder === 'src' ? 'names a module by a computed text; write the name out' : undefined;
  }
  if (specifier.startsWith('/') || /^(file|data|https?):/.test(specifier))
    return `${specifier} is not a module of ours`;
  if (specifier.startsWith('yonder-agents')) return `${specifier} is this package itself; import the file`;
  const target = specifier.startsWith('.') ? path.posix.join(path.posix.dirname(file), specifier) : undefined;
  if (folder !== 'src') return judgeOutside(folder, target);
  const room = roomOf(file);
  if (room === undefined || !isRoom(room)) return `is in no room of DESIGN.md section 3`;
  return target === undefined ? judgePackage(room, specifier) : judgeArrow(room, target);
}

function judgeOutside(folder: string, target: string | undefined): string | undefined {
  const touchesTesting = target !== undefined && roomOf(target) === 'testing';
  return touchesTesting && !testingUsers.includes(folder)
    ? `${folder}/ may not import src/testing`
    : undefined;
}

function judgePackage(room: Room, specifier: string): string | undefined {
  if (!isBuiltin(specifier)) {
    return room === 'protocol' && specifier !== 'zod'
      ? `protocol/ may import zod alone, not ${specifier}`
      : undefined;
  }
  if (browserRooms.includes(room)) return `${room}/ runs in a browser and may not import ${specifier}`;
  const name = specifier.replace(/^node:/, '');
  if (workspaceRooms.includes(room) && hostModules.includes(name)) {
    return `${room}/ acts through a Workspace and may not import ${specifier}`;
  }
  return undefined;
}

function judgeArrow(room: Room, target: string): string | undefined {
  if (target === 'package.json')
    return browserRooms.includes(room) ? `${room}/ may not import package.json` : undefined;
  const other = roomOf(target);
  if (other === undefined || !isRoom(other)) return `${target} is in no room of src/`;
  const allowed: readonly string[] = ROOMS[room];
  return other === room || allowed.includes(other)
    ? undefined
    : `${room}/ may not import ${other}/ (${target})`;
}

/** What the browser rooms import must be free of Node all the way down, whichever room it stands in. */
function reachesNode(files: readonly SourceFile[]): Violation[] {
  const byName = new Map(files.map((entry) => [entry.file, entry]));
  const starts = files.filter(({ file }) => browserRooms.some((room) => roomOf(file) === room));
  return starts.flatMap((start) =>
    start.imports.flatMap(({ specifier, line }) => {
      if (!specifier?.startsWith('.')) return [];
      const target = path.posix.join(path.posix.dirname(start.file), specifier);
      const builtin = browserRooms.some((room) => roomOf(target) === room)
        ? undefined
        : builtinBelow(byName, target);
      if (builtin === undefined) return [];
      return [
        { file: start.file, line, message: `reaches ${builtin} through ${target}, but runs in a browser` },
      ];
    }),
  );
}

function builtinBelow(files: ReadonlyMap<string, SourceFile>, start: string): string | undefined {
  const seen = new Set<string>();
  const open = [start];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    for (const { specifier } of files.get(file)?.imports ?? []) {
      if (specifier === undefined) continue;
      if (isBuiltin(specifier)) return specifier;
      if (specifier.startsWith('.')) open.push(path.posix.join(path.posix.dirname(file), specifier));
    }
  }
  return undefined;
}
