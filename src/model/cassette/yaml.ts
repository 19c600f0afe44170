import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { YonderError } from '../../protocol/errors.ts';
import type { CassetteMatch, Interaction } from './interaction.ts';

/** First line of a cassette of ours; one without it is another program's, and is matched by order. */
export const FIRST_LINE = '# yonder cassette';

const lists = z
  .record(z.string(), z.array(z.string()))
  .nullish()
  .transform((value) => value ?? {});
const strings = z
  .array(z.string())
  .nullish()
  .transform((value) => value ?? []);
const body = z
  .union([z.string(), z.instanceof(Uint8Array)])
  .nullish()
  .transform((value) => (value instanceof Uint8Array ? new Uint8Array(value) : (value ?? '')));
const word = z
  .string()
  .nullish()
  .transform((value) => value ?? '');

const requestSchema = z.object({
  proto: word,
  proto_major: z.number().default(1),
  proto_minor: z.number().default(1),
  content_length: z.number().default(0),
  transfer_encoding: strings,
  trailer: lists,
  host: word,
  remote_addr: word,
  request_uri: word,
  body,
  form: lists,
  headers: lists,
  url: z.string(),
  method: z.string(),
});

const responseSchema = z.object({
  proto: word,
  proto_major: z.number().default(1),
  proto_minor: z.number().default(1),
  transfer_encoding: strings,
  trailer: lists,
  content_length: z.number().default(-1),
  uncompressed: z.boolean().default(false),
  body,
  headers: lists,
  status: word,
  code: z.number().int().min(200).max(599),
  duration: z.union([z.string(), z.number().transform(String)]).default('0s'),
});

const cassetteSchema = z.object({
  version: z.literal(2),
  interactions: z
    .array(z.object({ id: z.number().int().optional(), request: requestSchema, response: responseSchema }))
    .nullish()
    .transform((value) => value ?? []),
});

export interface Cassette {
  interactions: Interaction[];
  /** How its requests are matched unless the user says otherwise. */
  match: CassetteMatch;
}

function refuse(reason: string, cause: unknown): never {
  throw new YonderError(
    'invalid_request',
    `this is no cassette: ${reason}; it must be go-vcr YAML of version 2`,
    {
      cause,
    },
  );
}

/** Reads a cassette. Throws `invalid_request` that names the first thing that is wrong. */
export function parseCassette(text: string): Cassette {
  let value: unknown;
  try {
    value = parse(text, { customTags: ['binary'], maxAliasCount: 0, logLevel: 'error' });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    refuse(message.split('\n')[0] ?? '', error);
  }
  const checked = cassetteSchema.safeParse(value);
  if (!checked.success) {
    const issue = checked.error.issues[0];
    refuse(`${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'is wrong'}`, checked.error);
  }
  const interactions = checked.data.interactions.map((interaction, index) => ({
    ...interaction,
    id: interaction.id ?? index,
  }));
  return {
    interactions: interactions.toSorted((left, right) => left.id - right.id),
    match: text.startsWith(FIRST_LINE) ? 'body' : 'order',
  };
}

/** Writes a cassette, in the order of the requests. */
export function serializeCassette(interactions: readonly Interaction[]): string {
  // Through the schemas, so that the fields stand in the format's own order.
  const sorted = interactions
    .toSorted((left, right) => left.id - right.id)
    .map(({ id, request, response }) => ({
      id,
      request: requestSchema.parse(request),
      response: responseSchema.parse(response),
    }));
  const text = stringify(
    { version: 2, interactions: sorted },
    { customTags: ['binary'], lineWidth: 0, blockQuote: 'literal', aliasDuplicateObjects: false },
  );
  return `${FIRST_LINE}\n---\n${text}`;
}
