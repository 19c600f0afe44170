import { YonderError } from '../../protocol/errors.ts';
import type { RunFlags } from '../flags/run-flags.ts';
import type { RemoteServer } from './remote-server.ts';

/** Refuses, before any contact, what would mean something else on a server than the person sees here. */
export function refuseLocalMeaning(flags: RunFlags, { address, typed }: RemoteServer): void {
  const folders: readonly (readonly [string, readonly string[]])[] = [
    ['--working-dir', flags.workingDir === undefined ? [] : [flags.workingDir]],
    ['--add-dir', flags.addDir ?? []],
    ['--read-dir', flags.readDir ?? []],
  ];
  for (const [flag, values] of folders) {
    const relative = values.find((value) => !value.startsWith('/'));
    if (relative === undefined) continue;
    throw new YonderError(
      'invalid_request',
      `${flag} ${relative === '' ? '""' : relative}: with --remote it is a folder on ${address.host}, so write it absolute, e.g. ${flag} /srv/work`,
    );
  }
  if ((flags.envFromFile ?? []).length > 0 && address.kind === 'http' && !address.isPrivate) {
    throw new YonderError(
      'invalid_request',
      `--env-from-file: its values would travel unencrypted to ${typed}; use https://, ssh://, unix:// or an address of this machine`,
    );
  }
}
