import type { Json } from './check-parts.ts';
import { checkAnthropic } from './check-anthropic.ts';
import { checkChat } from './check-chat.ts';
import { checkGoogle } from './check-google.ts';
import { checkMistral } from './check-mistral.ts';
import { checkResponses } from './check-responses.ts';
import type { Wire } from './script.ts';

function keyOf(wire: Wire, headers: Headers): string | null | undefined {
  if (wire === 'anthropic') return headers.get('x-api-key');
  if (wire === 'google') return headers.get('x-goog-api-key');
  return /^Bearer (.+)$/.exec(headers.get('authorization') ?? '')?.[1];
}

const BODIES: Record<Wire, (body: Json, model: string) => string[]> = {
  openai_chatcompletions: checkChat,
  openai_responses: checkResponses,
  anthropic: checkAnthropic,
  google: checkGoogle,
  mistral: checkMistral,
};

export interface CheckOptions {
  /** Named by the path, where the body does not. */
  model?: string;
  /** A gateway puts the key in, so that none comes with the request. */
  keyless?: boolean;
}

/** Everything that the real provider would refuse this request for; empty for a good one. */
export function checkRequest(wire: Wire, headers: Headers, body: Json, options: CheckOptions = {}): string[] {
  const faults: string[] = [];
  const key = (keyOf(wire, headers) ?? '').trim();
  if (options.keyless === true ? key !== '' : key === '')
    faults.push(options.keyless === true ? 'a key was sent to a gateway' : 'no key was sent');
  const model = options.model ?? body['model'];
  if (typeof model !== 'string' || model === '') faults.push('no model');
  // Google is asked for a stream by the path.
  if (wire !== 'google' && body['stream'] !== true) faults.push('not a streaming request');
  return [...faults, ...BODIES[wire](body, typeof model === 'string' ? model : '')];
}
