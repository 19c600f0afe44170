import { runnerError } from '../protocol/runner-session.ts';
import { type ErrorCode, YonderError } from '../protocol/errors.ts';
import type { PathUse } from '../protocol/workspace.ts';

/** Links that one path may lead through; the limit of Linux. */
export const LINK_LIMIT = 40;

/** Bytes of a path; the limit of Linux. Ours is walked folder by folder, so that without it thousands of folders could be made at once. */
const PATH_LIMIT = 4095;

/** Refuses what is no path at all, before anything is touched. */
export function checkPath(path: string): void {
  if (path === '') throw new YonderError('invalid_request', 'the path is empty: name a file or a folder');
  if (path.includes('\0')) {
    throw new YonderError(
      'invalid_request',
      'the path has a NUL character in it: no file can have such a name',
    );
  }
  if (Buffer.byteLength(path) > PATH_LIMIT) {
    throw new YonderError(
      'invalid_request',
      `the path is too long: it has ${Buffer.byteLength(path)} bytes, and a path may have ${PATH_LIMIT}`,
    );
  }
  if (!path.isWellFormed()) {
    throw new YonderError(
      'invalid_request',
      'the path has half a character (a lone surrogate) in it: it would be another name on disk',
    );
  }
}

const FLAG_FOR: Record<PathUse, string> = {
  read: '--read-dir FOLDER (reading) or --add-dir FOLDER (reading and writing)',
  write: '--add-dir FOLDER',
  cwd: '--add-dir FOLDER',
};

/** The path rule's answer to a path outside the roots. `resolved` is where links led, if they did. */
export function escapeError(path: string, use: PathUse, root: string, resolved = path): YonderError {
  const led = resolved === path ? '' : ` (it leads to ${resolved})`;
  return runnerError(
    'path_escape',
    `${path}${led} is outside the workspace ${root}; to allow it, start with ${FLAG_FOR[use]}`,
    { details: { path, use, workspace: root } },
  );
}

/** Whether an absolute normalised path is a folder or lies below it. */
export function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);
}

const MESSAGES: Record<string, readonly [ErrorCode, string]> = {
  ENOENT: ['not_found', 'does not exist'],
  ENOTDIR: ['invalid_request', 'is not a folder, or a part of it is not'],
  EISDIR: ['invalid_request', 'is a folder, not a file'],
  EEXIST: ['conflict', 'exists already'],
  ENOTEMPTY: ['conflict', 'is a folder that is not empty'],
  ELOOP: ['invalid_request', 'leads through too many links'],
  ENAMETOOLONG: ['invalid_request', 'is too long for a file name'],
  EINVAL: ['invalid_request', 'cannot be used like this'],
  EACCES: ['forbidden', 'is not permitted for this user'],
  EPERM: ['forbidden', 'is not permitted for this user'],
  EROFS: ['forbidden', 'is on a read-only file system'],
  ENOSPC: ['unavailable', 'could not be written: the disk is full'],
  EBUSY: ['conflict', 'is in use: it is a mount point, or a process holds it'],
  EXDEV: ['invalid_request', 'is on another file system than its new place: copy it there, then remove it'],
  EDQUOT: ['unavailable', 'could not be written: the disk quota is used up'],
};

/** Turns an error of the file system about `path` into ours; our own pass unchanged. */
export function fileError(path: string, error: unknown): YonderError {
  if (error instanceof YonderError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const known = MESSAGES[code];
  if (known) return new YonderError(known[0], `${path} ${known[1]}`, { cause: error, details: { path } });
  const message = error instanceof Error ? error.message : String(error);
  return new YonderError('internal', `${path} failed: ${message}`, { cause: error, details: { path } });
}
