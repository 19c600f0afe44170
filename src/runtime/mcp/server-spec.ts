import { canonicalJson } from '../../protocol/canonical-json.ts';
import type { ResolvedToolset } from '../../protocol/team.ts';
import { sha256 } from '../../process/digest.ts';
import { prefixOf } from '../../tools/mcp/names.ts';
import { lifecycleOf, type Lifecycle } from './lifecycle.ts';

/** Which server a toolset means, and how it is treated. */
export interface ServerSpec {
  /** What messages call it: the name of the toolset that it was first met in. */
  name: string;
  /** Two toolsets with the same key share one server. */
  key: string;
  /** `${env.X}` in it is expanded when the server is started. */
  options: ResolvedToolset['options'];
  lifecycle: Lifecycle;
}

export function specOf(toolset: ResolvedToolset): ServerSpec {
  const { options } = toolset;
  return {
    name: prefixOf(toolset),
    key: sha256(canonicalJson(options)),
    options,
    lifecycle: lifecycleOf(toolset),
  };
}

/**
 * What a server's list is kept under: all that says which program it is and where it acts, and of its variables and headers the names. No value of one is
 * in it, not even by digest.
 */
export function listKey({ options }: ServerSpec, working_dir: string): string {
  const { command, args, env, version, working_dir: folder, remote } = options;
  const where = command === undefined ? {} : { working_dir };
  const { url, transport_type, headers } = { ...(remote as Partial<Record<string, unknown>>) };
  const at = remote === undefined ? {} : { remote: { url, transport_type, headers: namesIn(headers) } };
  return sha256(
    canonicalJson({ list: 1, command, args, env: namesIn(env), version, folder, ...at, ...where }),
  );
}

function namesIn(values: unknown): string[] {
  return Object.keys(typeof values === 'object' && values !== null ? values : {}).toSorted();
}
