import type { CassettePort, Interaction, Placeholder } from '../../model/cassette/interaction.ts';
import { FIRST_LINE, parseCassette, serializeCassette } from '../../model/cassette/yaml.ts';
import { YonderError } from '../../protocol/errors.ts';
import type { AcceptedSession } from '../../protocol/contract/payloads.ts';
import type { Store } from '../../protocol/store.ts';

export interface CassetteInput {
  store: Store;
  root_id: string;
  settings: AcceptedSession;
  placeholders: readonly Placeholder[];
  /** Ids that the log says were played (R22). */
  used: readonly number[];
}

/** The cassette of a session, from what it was created with: an upload to play, or a sink in the store (R17). */
export async function openCassette(input: CassetteInput): Promise<CassettePort | undefined> {
  const wanted = input.settings.runtime_config?.cassette;
  if (wanted === undefined) return undefined;
  if (wanted.mode === 'record') return recorder(input);
  if (wanted.upload_id === undefined) {
    throw new YonderError(
      'invalid_request',
      'runtime_config.cassette.upload_id is needed to replay: upload the cassette first',
    );
  }
  const upload = await input.store.upload(wanted.upload_id);
  if (upload === undefined)
    throw new YonderError('not_found', `there is no upload ${wanted.upload_id}; upload the cassette again`);
  const text = new TextDecoder().decode(upload.bytes);
  const { interactions } = parseCassette(text);
  return {
    mode: 'replay',
    interactions,
    match: wanted.match ?? (text.startsWith(FIRST_LINE) ? 'body' : 'order'),
    ...(wanted.stream_ms === undefined ? {} : { stream_ms: wanted.stream_ms }),
    placeholders: input.placeholders,
    used: input.used,
  };
}

/** The sha256 of the cassette that these settings play; empty where none plays. */
export async function playedCassette(store: Store, settings: AcceptedSession): Promise<string> {
  const upload_id = settings.runtime_config?.cassette?.upload_id;
  if (settings.runtime_config?.cassette?.mode !== 'replay' || upload_id === undefined) return '';
  return (await store.upload(upload_id))?.sha256 ?? '';
}

async function recorder(input: CassetteInput): Promise<CassettePort> {
  const before = await input.store.recordings(input.root_id);
  return {
    mode: 'record',
    placeholders: input.placeholders,
    first_id: before.length,
    // The store's own queue keeps the order; a failure shows when the cassette is read.
    sink: (interaction) => void input.store.addRecording(input.root_id, encode(interaction)),
  };
}

/** The session's recording as cassette text. `not_found` when nothing was recorded. */
export async function cassetteText(store: Store, root_id: string): Promise<string> {
  const recordings = await store.recordings(root_id);
  if (recordings.length === 0)
    throw new YonderError('not_found', `session ${root_id} has recorded nothing; start it with --record`);
  return serializeCassette(recordings.map(decode));
}

function encode(interaction: Interaction): string {
  return JSON.stringify(interaction, (_key, value: unknown) =>
    value instanceof Uint8Array ? { bytes: Buffer.from(value).toString('base64') } : value,
  );
}

function decode(text: string): Interaction {
  const revive = (_key: string, value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    const { bytes } = value as { bytes?: unknown };
    return typeof bytes === 'string' && Object.keys(value).length === 1
      ? new Uint8Array(Buffer.from(bytes, 'base64'))
      : value;
  };
  return JSON.parse(text, revive) as Interaction;
}
