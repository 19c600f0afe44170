/**
 * One request and its answer as go-vcr version 2 stores them: every field of that format, by its own name. Bodies are text, or bytes
 * where they are no UTF-8 (a stream that was cut inside a character).
 */
export interface RecordedRequest {
  proto: string;
  proto_major: number;
  proto_minor: number;
  content_length: number;
  transfer_encoding: string[];
  trailer: Record<string, string[]>;
  host: string;
  remote_addr: string;
  request_uri: string;
  body: string | Uint8Array;
  form: Record<string, string[]>;
  headers: Record<string, string[]>;
  url: string;
  method: string;
}

export interface RecordedResponse {
  proto: string;
  proto_major: number;
  proto_minor: number;
  transfer_encoding: string[];
  trailer: Record<string, string[]>;
  content_length: number;
  uncompressed: boolean;
  body: string | Uint8Array;
  headers: Record<string, string[]>;
  status: string;
  code: number;
  /** As Go writes it, e.g. `812.5ms`. */
  duration: string;
}

export interface Interaction {
  id: number;
  request: RecordedRequest;
  response: RecordedResponse;
}

/** A text that stands for something which differs from machine to machine. Longer values are replaced first. */
export interface Placeholder {
  /** As it stands in requests, e.g. the workspace's path. For a word that occurs elsewhere too, give its whole line. */
  value: string;
  /** `workspace` becomes `{{workspace}}`. */
  name: string;
}

export type CassetteMatch = 'body' | 'order';

/** What the model room sees of a cassette: interactions and a sink, no file. */
export type CassettePort =
  | {
      mode: 'replay';
      interactions: readonly Interaction[];
      match: CassetteMatch;
      /** Wait before each event of a stream. Absent: the whole body at once. */
      stream_ms?: number;
      placeholders?: readonly Placeholder[];
      /** Ids that were played before, by the process that this one goes on for; not that of a call which was cut and is made again. */
      used?: readonly number[];
    }
  | {
      mode: 'record';
      /** Gets each interaction when its answer ended, or was cut. */
      sink: (interaction: Interaction) => void;
      placeholders?: readonly Placeholder[];
      /** The first id; a resumed recording goes on counting. 0. */
      first_id?: number;
    };

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Text where the bytes are UTF-8, else the bytes. */
export function bodyOf(bytes: Uint8Array): string | Uint8Array {
  try {
    return decoder.decode(bytes);
  } catch {
    return bytes; // no UTF-8: kept as it is
  }
}

export function bytesOf(body: string | Uint8Array): Uint8Array {
  return typeof body === 'string' ? new TextEncoder().encode(body) : body;
}

export function textOf(body: string | Uint8Array): string {
  return typeof body === 'string' ? body : new TextDecoder().decode(body);
}
