import type { Command } from 'commander';

/** Which server a command is about; without `remote` it is about this machine. */
export interface RemoteFlags {
  /** A URL, or a name of `yonder remote list`. */
  remote?: string;
  token?: string;
  /** A file that holds the token. */
  tokenFile?: string;
}

/** For every command that can be about a server. */
export function addRemoteFlags(command: Command, what = 'ask this Yonder server'): Command {
  return command
    .option(
      '--remote <server>',
      `${what}: http(s)://host:port, unix:///socket, ssh://[user@]host, or its name`,
    )
    .option('--token <token>', "the server's token (default: that of its name, else $YONDER_TOKEN)")
    .option('--token-file <file>', 'a file with the token');
}
