import { canonicalJson } from '../protocol/canonical-json.ts';
import type { ResolvedTeam, TrustItem } from '../protocol/team.ts';
import { sha256 } from '../process/digest.ts';

/** The team's identity: the sha256 of its canonical JSON, without the lines on which its toolsets stand. */
export function teamDigest(team: ResolvedTeam): string {
  const agents = team.agents.map((agent) => ({
    ...agent,
    toolsets: agent.toolsets.map((toolset) => ({ ...toolset, line: undefined })),
  }));
  return sha256(canonicalJson({ ...team, agents }));
}

/** What a yes is given to (R4): the list, whatever its order, and nothing else of the file. */
export function trustDigest(items: readonly TrustItem[]): string {
  return sha256(canonicalJson(items.map((item) => canonicalJson(item)).toSorted()));
}
