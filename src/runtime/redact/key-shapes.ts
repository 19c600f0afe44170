import { merged, replaceAll, type Found } from './find.ts';

/** How keys of well-known services look; each has a prefix of its own, so that plain words are not taken for one. */
const SHAPES: readonly { readonly name: string; readonly shape: RegExp }[] = [
  {
    name: 'private key',
    shape:
      /-----BEGIN (?:[A-Z]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END (?:[A-Z]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----|$)/g,
  },
  { name: 'Anthropic key', shape: /\bsk-ant-[A-Za-z0-9_-]{16,}/g },
  { name: 'OpenAI key', shape: /\bsk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{20,}/g },
  { name: 'Stripe key', shape: /\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,}/g },
  { name: 'AWS key id', shape: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g },
  { name: 'GitHub token', shape: /\bgh[oprsu]_[A-Za-z0-9]{36,}/g },
  { name: 'GitHub token', shape: /\bgithub_pat_[A-Za-z0-9_]{40,}/g },
  { name: 'GitLab token', shape: /\bglpat-[A-Za-z0-9_-]{20,}/g },
  { name: 'Google key', shape: /\bAIza[A-Za-z0-9_-]{35}/g },
  { name: 'Google token', shape: /\bya29\.[A-Za-z0-9_-]{20,}/g },
  { name: 'Slack token', shape: /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/g },
  { name: 'npm token', shape: /\bnpm_[A-Za-z0-9]{36}/g },
  { name: 'PyPI token', shape: /\bpypi-[A-Za-z0-9_-]{50,}/g },
  { name: 'Docker token', shape: /\bdckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}/g },
  { name: 'Hugging Face token', shape: /\bhf_[A-Za-z0-9]{30,}/g },
  { name: 'SendGrid key', shape: /\bSG\.[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}/g },
  { name: 'signed token', shape: /\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/g },
  { name: 'password', shape: /(?<=\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@]{0,64}:)[^\s/:@]{3,128}(?=@)/g },
];

/** Takes known values out of a text. */
type Clean = (text: string) => string;
const AS_IT_IS: Clean = (text) => text;

/** A text without known values, and without what looks like a key; the text itself where there is neither. */
export function scrub(text: string, clean: Clean = AS_IT_IS): string {
  const known = clean(text);
  const found: Found[] = [];
  for (const { name, shape } of SHAPES) {
    for (const { index, 0: match } of known.matchAll(shape))
      found.push({ start: index, end: index + match.length, replacement: `[redacted:${name}]` });
  }
  return found.length === 0 ? known : replaceAll(known, merged(found));
}

/** The same in every text of a JSON value; the value itself where nothing was found. */
export function scrubJson<Value>(value: Value, clean: Clean = AS_IT_IS): Value {
  // What comes out has the shape of what went in: texts alone are exchanged.
  return walk(value, clean) as Value;
}

function walk(value: unknown, clean: Clean): unknown {
  if (typeof value === 'string') return scrub(value, clean);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map((item) => walk(item, clean));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  const before = Object.entries(value);
  const after = before.map(([name, field]) => [name, walk(field, clean)] as const);
  return after.some(([, field], index) => field !== before[index]?.[1]) ? Object.fromEntries(after) : value;
}
