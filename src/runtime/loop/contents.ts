import { sha256 } from '../../process/digest.ts';
import type { SessionLog } from '../log/session-log.ts';

/** Digests that this process already stored, so that a turn does not write what the log has (R22). */
const STORED = new WeakMap<SessionLog, Map<string, string>>();

/** Stores each text once per log and gives their digests. */
export async function storeTexts(log: SessionLog, texts: readonly string[]): Promise<string[]> {
  const known = STORED.get(log) ?? new Map<string, string>();
  STORED.set(log, known);
  const digests: string[] = [];
  for (const text of texts) {
    let digest = known.get(text);
    if (digest === undefined) {
      digest = sha256(text);
      await log.store.putContent(log.root_id, digest, text);
      known.set(text, digest);
    }
    digests.push(digest);
  }
  return digests;
}

/** The texts of these digests; undefined when one is not there, e.g. lost with the power. */
export async function loadTexts(log: SessionLog, digests: readonly string[]): Promise<string[] | undefined> {
  const known = STORED.get(log) ?? new Map<string, string>();
  STORED.set(log, known);
  const byDigest = new Map([...known].map(([text, digest]) => [digest, text]));
  const texts: string[] = [];
  for (const digest of digests) {
    const text = byDigest.get(digest) ?? (await log.store.content(log.root_id, digest));
    if (text === undefined) return undefined;
    known.set(text, digest);
    texts.push(text);
  }
  return texts;
}
