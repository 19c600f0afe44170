import { readFile, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** `f_type` of statfs(2) on Linux for file systems that are shared with other machines. */
const NETWORK_TYPES: ReadonlyMap<number, string> = new Map([
  [0x6969, 'nfs'],
  [0x517b, 'smb'],
  [0xff534d42, 'cifs'],
  [0xfe534d42, 'smb2'],
  [0x01021997, '9p'],
  [0x00c36400, 'ceph'],
  [0x0bd00bd0, 'lustre'],
  [0x5346414f, 'afs'],
  [0x73757245, 'coda'],
  [0x7461636f, 'ocfs2'],
  [0x01161970, 'gfs2'],
  [0x47504653, 'gpfs'],
  [0x786f4256, 'vboxsf'],
]);
const FUSE_TYPE = 0x65735546;
const NETWORK_FUSE = /^fuse\.(?:sshfs|glusterfs|s3fs|rclone|gcsfuse|cephfs|juicefs|davfs|smb|nfs)/;

/**
 * The kind of network file system that holds this path (or its nearest folder that exists), or null for a local one.
 * Locks there are not to be trusted (R35). Elsewhere than on Linux the answer is always null.
 */
export async function networkFilesystem(path: string): Promise<string | null> {
  if (process.platform !== 'linux') return null;
  const existing = await nearestExisting(resolve(path));
  // The value is a signed 32-bit number on some machines.
  const type = existing.type >>> 0;
  if (type !== FUSE_TYPE) return NETWORK_TYPES.get(type) ?? null;
  const kind = fuseKind(await readFile('/proc/self/mountinfo', 'utf8'), existing.path);
  return kind !== null && NETWORK_FUSE.test(kind) ? kind : null;
}

async function nearestExisting(path: string): Promise<{ path: string; type: number }> {
  for (let current = path; ; current = dirname(current)) {
    try {
      return { path: current, type: (await statfs(current)).type };
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if ((code !== 'ENOENT' && code !== 'ENOTDIR') || current === dirname(current)) throw error;
    }
  }
}

/** The type of the longest mount point above `path` in the text of /proc/self/mountinfo (proc(5)). */
export function fuseKind(mountinfo: string, path: string): string | null {
  let longest = '';
  let kind: string | null = null;
  for (const line of mountinfo.split('\n')) {
    const [before = '', after] = line.split(' - ');
    const point = before.split(' ')[4];
    if (after === undefined || point === undefined) continue;
    const folder = point.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
    const above = folder === '/' || path === folder || path.startsWith(`${folder}/`);
    if (!above || folder.length < longest.length) continue;
    longest = folder;
    kind = after.split(' ')[0] ?? null;
  }
  return kind;
}
