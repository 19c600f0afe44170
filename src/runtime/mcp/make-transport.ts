import type { Transport } from '@modelcontextprotocol/client';
import { expandEnvironmentReferences } from '../../protocol/environment-references.ts';
import { UnsupportedError, YonderError } from '../../protocol/errors.ts';
import type { Workspace } from '../../protocol/workspace.ts';
import { StdioTransport } from '../../tools/mcp/stdio-transport.ts';
import { newId } from '../ids.ts';
import type { RemoteServer } from '../sign-in/remote-server.ts';
import type { ServerSpec } from './server-spec.ts';

/** What a transport is made of. */
export interface TransportParts {
  workspace(): Promise<Workspace>;
  /** For `${env.X}` in the team's texts. */
  variable(name: string): string | undefined;
  /** Opens what a team says of a remote server; whoever asked closes it. */
  remote(name: string, remote: unknown): Promise<RemoteServer>;
}

/** A way to a server, and in words how it fared there. */
export interface OpenTransport {
  transport: Transport;
  /** How it ended, as the end of a sentence; undefined where that is not known. */
  ended(): string | undefined;
  /** It ended by itself and said that all was well. */
  endedWell(): boolean;
  /** What it said beside its answers. */
  said(): string;
  /** Text that it printed where only messages belong. */
  stray(): string | undefined;
  /** Where it is remote. */
  remote?: RemoteServer;
}

/** The way to the server of a toolset: `command` starts a program where tools act, `remote` is an address. */
export async function makeTransport(spec: ServerSpec, parts: TransportParts): Promise<OpenTransport> {
  const { remote } = spec.options;
  if (remote === undefined) return stdioTransport(spec, parts);
  const { remoteTransport } = await import('../../tools/mcp/remote.ts');
  const server = await parts.remote(spec.name, remote);
  return {
    transport: remoteTransport(server, () => server.close()),
    remote: server,
    ended: () => undefined,
    endedWell: () => false,
    said: () => '',
    stray: () => undefined,
  };
}

function stdioTransport(spec: ServerSpec, parts: TransportParts): OpenTransport {
  const transport = new StdioTransport(async () => {
    const workspace = await parts.workspace();
    try {
      return await workspace.start({
        command_id: newId('cmd'),
        ...commandOf(spec, parts.variable),
        io: 'pipe',
        stdin: 'pipe',
      });
    } catch (thrown) {
      throw withVersion(spec, thrown);
    }
  });
  return {
    transport,
    ended: () => (transport.end === undefined ? undefined : wordsOf(transport.end.result)),
    endedWell: () => transport.end?.result.exit_code === 0,
    said: () => transport.said,
    stray: () => transport.stray,
  };
}

function commandOf(spec: ServerSpec, lookup: TransportParts['variable']) {
  const { command, args, env, working_dir } = spec.options;
  const expand = (what: string, text: string): string => {
    const { text: expanded, missing } = expandEnvironmentReferences(text, lookup);
    if (missing.length === 0) return expanded;
    throw new YonderError(
      'env_missing',
      `the team sets ${what} of it from ${missing.join(', ')}, which is not set`,
    );
  };
  const variables = Object.entries(typeof env === 'object' && env !== null ? env : {});
  return {
    program: String(command),
    args: (Array.isArray(args) ? args : []).map((arg) => String(arg)),
    env: Object.fromEntries(variables.map(([name, value]) => [name, expand(name, String(value))])),
    ...(typeof working_dir === 'string' ? { cwd: working_dir } : {}),
  };
}

/** `version` asks for what is not done: it matters only where the program is not there. */
function withVersion({ options }: ServerSpec, thrown: unknown): unknown {
  const { command, version } = options;
  if (!(thrown instanceof YonderError) || thrown.code !== 'not_found' || typeof version !== 'string')
    return thrown;
  return new UnsupportedError(
    `installing ${String(command)} (its \`version\`: ${version})`,
    'in this version; install the program yourself, so that it is in PATH',
  );
}

function wordsOf({
  outcome,
  exit_code,
  signal,
}: {
  outcome?: string | undefined;
  exit_code?: number | null | undefined;
  signal?: string | undefined;
}): string {
  if (outcome === 'exited' || outcome === undefined) return `ended with exit code ${exit_code ?? 'unknown'}`;
  return outcome === 'signaled' ? `was ended by ${signal ?? 'a signal'}` : `ended (${outcome})`;
}
