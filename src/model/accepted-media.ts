import { UnsupportedError } from '../protocol/errors.ts';
import type { ContentPart, Message } from '../protocol/message.ts';
import type { ResolvedModel } from '../protocol/team.ts';
import { writtenName } from './keys.ts';

/** Media types that go to a model as they are. Text of any kind goes to every model, as text. */
export interface AcceptedMedia {
  images: readonly string[];
  documents: readonly string[];
}

type FilePart = Extract<ContentPart, { type: 'file' }>;

const IMAGES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];
const GOOGLE_IMAGES = ['image/png', 'image/jpeg', 'image/webp', 'image/heic', 'image/heif'];
const PDF = ['application/pdf'];
const NOTHING: AcceptedMedia = { images: [], documents: [] };

/** Models that are known to read text alone. */
const TEXT_ONLY =
  /^(gpt-3\.5|gpt-4(-0|-1106|-32k|$)|o1-(mini|preview)|o3-mini|codestral|open-mi[sx]tral|mistral-tiny)/;

/** Who takes PDFs on OpenAI's chat completions; other servers of that format know images at most. */
const CHAT_WITH_PDF = new Set(['openai', 'azure', 'openrouter', 'requesty']);

/** What this model takes beside text, as its provider documents it; for a server of one's own, what its API has a place for. */
export function acceptedMedia(
  model: Pick<ResolvedModel, 'api' | 'provider' | 'model' | 'base_url'>,
): AcceptedMedia {
  if (TEXT_ONLY.test(model.model)) return NOTHING;
  switch (model.api) {
    case 'anthropic':
    case 'openai_responses':
    case 'mistral':
      return { images: IMAGES, documents: PDF };
    case 'google':
      return { images: GOOGLE_IMAGES, documents: PDF };
    case 'openai_chatcompletions': {
      const own = model.provider === 'openai' && model.base_url !== undefined;
      return { images: IMAGES, documents: !own && CHAT_WITH_PDF.has(model.provider) ? PDF : [] };
    }
    default:
      return NOTHING;
  }
}

/** `image/jpg; x=y` is `image/jpeg`. */
export function plainMediaType(media_type: string): string {
  const type = (media_type.split(';')[0] ?? '').trim().toLowerCase();
  return type === 'image/jpg' ? 'image/jpeg' : type;
}

export function isAccepted(media: AcceptedMedia, media_type: string): boolean {
  const type = plainMediaType(media_type);
  return media.images.includes(type) || media.documents.includes(type);
}

const TEXTS =
  /^(text\/.+|application\/(.+\+)?(json|xml|yaml|toml)|image\/svg\+xml|application\/(x-)?(ndjson|jsonl|yaml|toml|sh|shellscript|javascript|typescript|ecmascript|sql|graphql|python|ruby|perl|php|tex|latex|rtf-text))$/;
const UNKNOWN = new Set(['', 'application/octet-stream', 'binary/octet-stream']);
/** What a program writes that is never text, whatever its bytes are. */
const NO_TEXT = /^(image|audio|video|font)\/|^application\/(pdf|zip|gzip|x-tar|msword|vnd\.)/;

/** The file as text, where it is one: by its type or, where that says nothing, by its bytes. Undefined for anything else. */
export function textOfFile(media_type: string, bytes: Uint8Array): string | undefined {
  const type = plainMediaType(media_type);
  if (NO_TEXT.test(type) && !TEXTS.test(type)) return undefined;
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // Old texts are in Latin letters; what is not said to be text is taken for none.
    return TEXTS.test(type) && !UNKNOWN.has(type) ? new TextDecoder('windows-1252').decode(bytes) : undefined;
  }
}

function listedKinds(media: AcceptedMedia): string {
  const images = media.images.map((type) => type.replace('image/', ''));
  const kinds = [
    'text',
    ...(images.length === 0 ? [] : [`images (${images.join(', ')})`]),
    ...(media.documents.length === 0 ? [] : ['PDF']),
  ];
  return kinds.length === 1 ? 'text alone' : `${kinds.slice(0, -1).join(', ')} and ${kinds.at(-1) ?? ''}`;
}

/** What the model gets to read in the place of a file that it cannot take. */
export function leftOutWords(part: FilePart, media: AcceptedMedia): string {
  return `[The file ${part.name ?? part.blob_id} (${part.media_type}) was left out: this model takes ${listedKinds(media)}.]`;
}

/**
 * Refuses what a person attached just now and this model cannot take. A tool's files and those of earlier turns are left out in words
 * instead: nobody could take them back.
 * @param fresh ids of the messages that came with this run
 */
export async function refuseMedia(
  model: ResolvedModel,
  messages: readonly Message[],
  fresh: ReadonlySet<string>,
  loadBlob: (blobId: string) => Promise<Uint8Array>,
): Promise<void> {
  if (fresh.size === 0) return;
  const media = acceptedMedia(model);
  // What came before the model's last message was looked at before that call.
  const answered = messages.findLastIndex((message) => message.role === 'assistant');
  for (const message of messages.slice(answered + 1)) {
    if (message.role !== 'user' || !fresh.has(message.message_id)) continue;
    for (const part of message.parts ?? []) {
      if (part.type !== 'file' || isAccepted(media, part.media_type)) continue;
      refuseFile(model, {
        name: part.name ?? part.blob_id,
        media_type: part.media_type,
        bytes: await loadBlob(part.blob_id),
      });
    }
  }
}

interface GivenFile {
  name: string;
  media_type: string;
  bytes: Uint8Array;
}

/** As it is, or as text. */
export function takesFile(model: ResolvedModel, { media_type, bytes }: GivenFile): boolean {
  return isAccepted(acceptedMedia(model), media_type) || textOfFile(media_type, bytes) !== undefined;
}

/** Throws `unsupported` for a file that this model takes neither as it is nor as text. */
export function refuseFile(model: ResolvedModel, file: GivenFile): void {
  if (takesFile(model, file)) return;
  const { name, media_type } = file;
  throw new UnsupportedError(
    `the file ${name} (${media_type})`,
    `by ${writtenName(model)}, which takes ${listedKinds(acceptedMedia(model))}; convert it, or use another model`,
    { details: { file: name, media_type, model: writtenName(model) } },
  );
}
