import type { Json } from './check-parts.ts';
import { checkAnthropic } from './check-anthropic.ts';
import { checkChat } from './check-chat.ts';
import { checkResponses } from './check-responses.ts';
import type { Wire } from './script.ts';

function checkKey(wire: Wire, headers: Headers): string[] {
  const key =
    wire === 'anthropic'
      ? headers.get('x-api-key')
      : /^Bearer (.+)$/.exec(headers.get('authorization') ?? '')?.[1];
  return (key ?? '').trim() === '' ? ['no key was sent'] : [];
}

const BODIES: Record<Wire, (body: Json) => string[]> = {
  openai_chatcompletions: checkChat,
  openai_responses: checkResponses,
  anthropic: checkAnthropic,
};

/** Everything that the real provider would refuse this request for; empty for a good one. */
export function checkRequest(wire: Wire, headers: Headers, body: Json): string[] {
  const faults = checkKey(wire, headers);
  if (typeof body['model'] !== 'string' || body['model'] === '') faults.push('no model');
  if (body['stream'] !== true) faults.push('not a streaming request');
  return [...faults, ...BODIES[wire](body)];
}
