import type { Redaction } from '../../protocol/secrets.ts';
import type { EventDraft, Store } from '../../protocol/store.ts';

/**
 * The store as a Host uses it: whatever is written has passed the redaction, so that no log, row, blob or recording holds a secret
 * (R30). Reading is as it was; what an append gives back is what was stored.
 */
export function guardedStore(store: Store, secrets: Redaction): Store {
  const drafts = (events: readonly EventDraft[]): readonly EventDraft[] => {
    if (!secrets.isNeeded) return events;
    return events.map((draft) => ({ type: draft.type, fields: cleanFields(draft.fields, secrets) }));
  };
  return {
    ...store,
    append: (request) =>
      store.append({
        ...request,
        ...(request.events === undefined ? {} : { events: drafts(request.events) }),
        ...(request.session === undefined ? {} : { session: secrets.json(request.session) }),
      }),
    createSession: (session) =>
      store.createSession({
        ...session,
        row: {
          ...session.row,
          title: secrets.text(session.row.title),
          settings: secrets.json(session.row.settings),
        },
        events: drafts(session.events),
      }),
    sendInput: (input) => store.sendInput({ ...input, payload: secrets.json(input.payload) }),
    putTeam: (digest, json) => store.putTeam(digest, secrets.text(json)),
    putContent: (root_id, digest, text) => store.putContent(root_id, digest, secrets.text(text)),
    putBlob: (root_id, blob, bytes) => store.putBlob(root_id, secrets.json(blob), secrets.bytes(bytes)),
    putUpload: (upload, bytes, claim) => store.putUpload(upload, secrets.bytes(bytes), claim),
    addRecording: (root_id, interaction) => store.addRecording(root_id, secrets.text(interaction)),
  };
}

/** Names by which a run is found again; they are ours or the team's, never a text. */
const NAMES: ReadonlySet<string> = new Set(['session_id', 'run_id', 'agent_name', 'model', 'team_digest']);

function cleanFields(fields: Record<string, unknown>, secrets: Redaction): Record<string, unknown> {
  const cleaned = secrets.json(fields);
  if (cleaned === fields) return fields;
  const names = Object.entries(fields).filter(([name]) => NAMES.has(name));
  return { ...cleaned, ...Object.fromEntries(names) };
}
