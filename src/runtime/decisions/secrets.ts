import picomatch from 'picomatch';
import { normalizePath } from './normalize-path.ts';

/**
 * Files that hold secrets (R3): reading one is never safe. A pattern without `/` is looked for in the last segment,
 * one that ends in `/` is a folder anywhere in the path, any other is the end of the path.
 */
export const SECRET_FILES = [
  '.env*',
  '*.pem',
  '*.key',
  'id_*',
  '.ssh/',
  '.gnupg/',
  '.aws/',
  '.azure/',
  '.kube/',
  '.docker/config.json',
  '.netrc',
  '.npmrc',
  '.pypirc',
  '.git-credentials',
  'credentials*',
] as const;

/** Whether the path is on the secret-file list or one of the user's additions, which are written the same way. */
export function isSecretPath(path: string, extra: readonly string[] = []): boolean {
  const normal = normalizePath(path);
  const segments = normal.split('/');
  return [...SECRET_FILES, ...extra].some((pattern) => {
    const lower = pattern.toLowerCase();
    if (lower.endsWith('/')) return `/${normal}/`.includes(`/${lower}`);
    const matches = picomatch(lower, { dot: true, nonegate: true });
    if (!lower.includes('/')) return matches(segments.at(-1) ?? '');
    const length = lower.replace(/^\//, '').split('/').length;
    return matches(normal) || matches(segments.slice(-length).join('/'));
  });
}
