import type { z } from 'zod';
import { parametersOf } from './parameters.ts';
import { repairArguments } from './repair-arguments.ts';
import type { ParsedArguments } from './tool.ts';

/** The model's JSON text to checked arguments; otherwise words that tell the model what to change. No text at all is `{}`. */
export function parseArguments(tool: string, schema: z.ZodObject, text: string): ParsedArguments {
  const read = readJson(text.trim() === '' ? '{}' : text);
  if ('problem' in read) {
    const message = `The arguments of ${tool} are not valid JSON (${read.problem}). Send the whole call again, as one JSON object.`;
    return { ok: false, message };
  }
  const repaired = repairArguments(read.value, parametersOf(schema));
  const parsed = schema.safeParse(repaired);
  if (parsed.success) return { ok: true, args: parsed.data };
  return { ok: false, message: faultMessage(tool, schema, parsed.error) };
}

function readJson(text: string): { value: unknown } | { problem: string } {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

function faultMessage(tool: string, schema: z.ZodObject, error: z.ZodError): string {
  const faults = error.issues.slice(0, 5).map((issue) => {
    const where = issue.path.join('.');
    return where === '' ? issue.message : `${where}: ${issue.message}`;
  });
  const more = error.issues.length > 5 ? `; and ${error.issues.length - 5} more` : '';
  return `The arguments of ${tool} do not fit: ${faults.join('; ')}${more}. ${signature(tool, schema)}`;
}

function signature(tool: string, schema: z.ZodObject): string {
  const { properties = {}, required = [] } = parametersOf(schema);
  const names = Object.keys(properties).map((name) =>
    required.includes(name) ? name : `${name} (optional)`,
  );
  return names.length === 0 ? `${tool} takes no arguments.` : `${tool} takes: ${names.join(', ')}.`;
}
