import { setTimeout as delay } from 'node:timers/promises';
import type { Store } from '../../protocol/store.ts';

/**
 * Waits beside the owner of a session until it has taken every row of the inbox. True when the owner is gone and left rows to an idle
 * session: then they are for whoever waited (R7). A run that it left open is nobody's until somebody resumes it (R11).
 */
export async function standBy(
  store: Store,
  root_id: string,
  poll_ms: number,
  signal: AbortSignal,
): Promise<boolean> {
  while (!signal.aborted) {
    // The lease first: whoever frees it looks into the inbox afterwards.
    const owner = await store.lease(root_id);
    const rows = await store.pendingInputs(root_id);
    if (rows.length === 0) return false;
    if (owner === undefined || !owner.alive) {
      const row = await store.session(root_id);
      return row !== undefined && row.active_run === undefined;
    }
    await delay(poll_ms);
  }
  return false;
}
