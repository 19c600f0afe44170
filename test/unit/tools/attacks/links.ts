import { execFileSync } from 'node:child_process';
import { closeSync, linkSync, openSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { once } from 'node:events';
import {
  type Attack,
  beside,
  chain,
  FILE,
  INVALID,
  link,
  LINK_OUT,
  mounted,
  OUT,
  SPECIAL,
} from './attack.ts';
import type { Place } from './place.ts';

/** A folder outside that this process holds open, by its number. */
function heldFolder({ outside, after }: Place): number {
  const descriptor = openSync(outside, 'r');
  after(() => closeSync(descriptor));
  return descriptor;
}

/** Attacks by what stands at a path. */
export const LINKS: Record<string, Attack> = {
  'a link to a file outside': { path: 'link', prepare: link(beside('secret')), gets: LINK_OUT },
  'a relative link to a file outside': {
    path: 'link',
    prepare: link('../work-outside/secret'),
    gets: LINK_OUT,
  },
  'a link to a folder outside': { path: 'link', prepare: link(beside('.')), gets: LINK_OUT },
  'the same with a slash': { path: 'link/', prepare: link(beside('.')), gets: LINK_OUT },
  'the same with a dot': { path: 'link/.', prepare: link(beside('.')), gets: LINK_OUT },
  'through a link to a folder outside': { path: 'link/secret', prepare: link(beside('.')), gets: OUT },
  'out by a link and in again': { path: 'link/../work/a.txt', prepare: link(beside('.')), gets: FILE },
  'a link to the folder above': { path: 'link/work-outside/secret', prepare: link('..'), gets: OUT },
  'a chain of links that leads out': {
    path: 'd/one',
    prepare({ root, outside }) {
      symlinkSync('../two', join(root, 'd', 'one'));
      symlinkSync('d/e/three', join(root, 'two'));
      symlinkSync(join(outside, 'secret'), join(root, 'd', 'e', 'three'));
    },
    gets: LINK_OUT,
  },
  'up from a link to a deep folder': {
    path: 'link/../../../work-outside/secret',
    prepare: link('d/e'),
    gets: OUT,
  },
  'a chain of 39 links inside': {
    path: 'link39',
    prepare: chain(39),
    gets: { ...FILE, remove: 'removed' },
  },
  'a chain of 41 links inside': {
    path: 'link41',
    prepare: chain(41),
    gets: { ...INVALID, remove: 'removed' },
  },
  'a link to itself': { path: 'link', prepare: link('link'), gets: { ...INVALID, remove: 'removed' } },
  'two links in a circle': {
    path: 'link/x',
    prepare({ root }) {
      symlinkSync('other', join(root, 'link'));
      symlinkSync('link', join(root, 'other'));
    },
    gets: INVALID,
  },
  'a link to nothing outside': { path: 'link', prepare: link(beside('new')), gets: LINK_OUT },
  'a link to nothing in a folder outside': { path: 'link/new', prepare: link(beside('sub')), gets: OUT },
  'a link whose target is very long': {
    path: 'link',
    prepare: link(`${'./'.repeat(1900)}../work-outside/secret`),
    gets: LINK_OUT,
  },
  'a link into /proc': { path: 'link', prepare: link('/proc/self/environ'), gets: LINK_OUT },
  'a link to the top by /proc': { path: 'link/etc/passwd', prepare: link('/proc/self/root'), gets: OUT },
  'the top by /proc': { path: '/proc/self/root/etc/passwd', gets: OUT },
  'the top by the /proc of the first process': { path: '/proc/1/root/etc/passwd', gets: OUT },
  'the folder of this process': { path: '/proc/self/cwd/package.json', gets: OUT },
  'the environment': { path: '/proc/self/environ', gets: OUT },
  'the memory of this process': { path: '/proc/self/mem', gets: OUT },
  'a folder that is held open, by /proc': {
    path: (place) => `/proc/self/fd/${heldFolder(place)}/secret`,
    gets: OUT,
  },
  'a folder that is held open, by /dev/fd': {
    path: (place) => `/dev/fd/${heldFolder(place)}/secret`,
    gets: OUT,
  },
  'the same by a link': {
    path: 'link/secret',
    prepare: (place) => link(`/proc/self/fd/${heldFolder(place)}`)(place),
    gets: OUT,
  },
  'what comes in': { path: '/dev/stdin', gets: OUT },
  'a device': { path: '/dev/zero', gets: OUT },
  'a link to a device': { path: 'link', prepare: link('/dev/zero'), gets: LINK_OUT },
  'shared memory': { path: '/dev/shm/yonder-attack', gets: OUT },
  'a hard link to a file outside': {
    path: 'hard',
    // Nobody can tell it from a file of the workspace; a write puts another one in its place, so that the outer one stays.
    prepare: ({ root, outside }) => linkSync(join(outside, 'secret'), join(root, 'hard')),
    gets: { ...FILE, read: 'SECRET needle', search: 'SECRET needle' },
  },
  'a named pipe': {
    path: 'pipe',
    prepare: ({ root }) => void execFileSync('mkfifo', [join(root, 'pipe')]),
    gets: SPECIAL,
  },
  'a named pipe behind a link': {
    path: 'link',
    prepare(place) {
      execFileSync('mkfifo', [join(place.root, 'pipe')]);
      link('pipe')(place);
    },
    gets: SPECIAL,
  },
  'a socket': {
    path: 'socket',
    async prepare({ root, after }) {
      const server = createServer().listen(join(root, 'socket'));
      await once(server, 'listening');
      after(() => void server.close());
    },
    gets: SPECIAL,
  },
  'a device in the workspace': {
    path: 'device',
    root: true,
    prepare: ({ root }) => void execFileSync('mknod', [join(root, 'device'), 'c', '1', '5']),
    gets: SPECIAL,
  },
  'a file of 8 TiB without a byte': {
    path: 'sparse',
    prepare({ root }) {
      writeFileSync(join(root, 'sparse'), '');
      truncateSync(join(root, 'sparse'), 8 * 2 ** 40);
    },
    gets: { ...FILE, read: 'payload_too_large', edit: 'payload_too_large', search: 'nothing' },
  },
  'a folder outside that is mounted inside': {
    path: 'mnt/../../work-outside/secret',
    root: true,
    prepare: mounted('--bind', 'OUTSIDE'),
    gets: OUT,
  },
  'a mount point': {
    path: 'mnt',
    root: true,
    prepare: mounted('-t', 'tmpfs', 'tmpfs'),
    gets: { ...INVALID, list: 'nothing', search: 'nothing', remove: 'conflict' },
  },
  'a file on a mount that is for reading': {
    path: 'mnt/secret',
    root: true,
    // Who mounts it there puts it into the workspace.
    prepare: mounted('--bind', '-o', 'ro', 'OUTSIDE'),
    gets: {
      read: 'SECRET needle',
      list: 'invalid_request',
      search: 'SECRET needle',
      edit: 'forbidden',
      write: 'forbidden',
      remove: 'forbidden',
    },
  },
  'a link out on a mount': {
    path: 'mnt/link',
    root: true,
    prepare(place) {
      mounted('-t', 'tmpfs', 'tmpfs')(place);
      link(beside('secret'), 'mnt/link')(place);
    },
    gets: LINK_OUT,
  },
};
