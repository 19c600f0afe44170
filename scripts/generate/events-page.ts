import { z } from 'zod';
import { durableFields, previewFields, type EventKind } from '../../src/protocol/events/declare.ts';
import { EVENTS, type EventType } from '../../src/protocol/events/events.ts';

const kinds: readonly { kind: EventKind; title: string; about: string; common: z.ZodRawShape }[] = [
  {
    kind: 'durable',
    title: 'Durable events',
    about:
      'They stand in the log, are numbered by `seq` from 1 without a gap, and come again when a reader resumes.',
    common: durableFields,
  },
  {
    kind: 'preview',
    title: 'Previews',
    about:
      'Pieces of a text that is still growing. They have no number; `offset` says where in their text they belong. What they showed comes whole in a durable event.',
    common: previewFields,
  },
  {
    kind: 'connection',
    title: 'Connection events',
    about: 'They speak of the stream itself, have no number and stand in no log.',
    common: {},
  },
];

/** docs/events.md, from the declarations in src/protocol/events/. */
export function eventsPage(): string {
  const sections = kinds.map(({ kind, title, about, common }) => {
    const own = Object.entries(EVENTS).filter(([, declaration]) => declaration.kind === kind);
    const shared = fieldLines(common);
    const intro = shared.length === 0 ? [] : ['', 'Every one of them has these fields:', '', ...shared];
    const entries = own.flatMap(([type]) => entry(type as EventType));
    return [`## ${title}`, '', about, ...intro, ...entries].join('\n');
  });
  return [
    '# Events',
    '',
    '<!-- Written by `npm run generate` from src/protocol/events/; do not edit. -->',
    '',
    '`yonder run --json` prints one of these per line, and a server sends one per `data:` line. A reader keeps fields that it does',
    'not know and passes on types that it does not know.',
    '',
    sections.join('\n\n'),
    '',
  ].join('\n');
}

function entry(type: EventType): string[] {
  const { about, shape } = EVENTS[type];
  const fields = fieldLines(shape);
  return ['', `### \`${type}\``, '', about, ...(fields.length === 0 ? [] : ['', ...fields])];
}

function fieldLines(shape: z.ZodRawShape): string[] {
  const schema = z.toJSONSchema(z.object(shape), { io: 'output', unrepresentable: 'any' });
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).map(
    ([name, property]) =>
      `- \`${name}\`${required.has(name) ? '' : ' (optional)'}: ${typeName(property)}${meaning(property)}`,
  );
}

/** What a field's own words say of it. */
function meaning(schema: JsonSchema | boolean): string {
  return typeof schema === 'boolean' || schema.description === undefined ? '' : `. ${schema.description}`;
}

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** What a field holds, in a few words. */
function typeName(schema: JsonSchema | boolean): string {
  if (typeof schema === 'boolean') return 'any value';
  const choices = schema.enum ?? ('const' in schema ? [schema.const] : undefined);
  if (choices !== undefined) return choices.map((choice) => `\`${String(choice)}\``).join(', ');
  const variants = schema.anyOf ?? schema.oneOf;
  if (variants !== undefined) return [...new Set(variants.map(typeName))].join(' or ');
  if (schema.type === 'array') return `list of ${listItem(schema.items)}`;
  if (schema.type === 'object') return objectName(Object.keys(schema.properties ?? {}));
  return Array.isArray(schema.type) ? schema.type.join(' or ') : (schema.type ?? 'any value');
}

function listItem(items: JsonSchema['items']): string {
  return items === undefined || Array.isArray(items) ? 'any value' : typeName(items);
}

function objectName(names: readonly string[]): string {
  return names.length === 0 ? 'object' : `object {${names.map((name) => `\`${name}\``).join(', ')}}`;
}
