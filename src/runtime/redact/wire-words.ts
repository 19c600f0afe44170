import { z } from 'zod';
import { createSessionRequestSchema } from '../../protocol/contract/payloads.ts';
import { durableFields, previewFields } from '../../protocol/events/declare.ts';
import { EVENTS } from '../../protocol/events/events.ts';
import { resolvedTeamSchema } from '../../protocol/team.ts';

let known: readonly string[] | undefined;

/**
 * The words that what we store is made of: names of fields and of closed sets, e.g. `assistant`. The first call costs some tens of
 * milliseconds, so it is asked for only where somebody's secret looks like a word.
 */
export function wireWords(): readonly string[] {
  return (known ??= collected());
}

function collected(): readonly string[] {
  const shapes = Object.values(EVENTS).map(({ shape }) => z.object(shape));
  const words = new Set(Object.keys(EVENTS));
  const common = [z.object(durableFields), z.object(previewFields)];
  for (const schema of [...shapes, ...common, createSessionRequestSchema, resolvedTeamSchema]) {
    const text = JSON.stringify(z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' }));
    for (const [, word = ''] of text.matchAll(/"([A-Za-z_-]{8,})"/g)) words.add(word);
  }
  return [...words];
}
