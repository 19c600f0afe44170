import { expect, test } from 'vitest';
import { scrub, scrubJson } from '../../../src/runtime/redact/key-shapes.ts';

const some = (count: number): string => 'aB3'.repeat(count).slice(0, count);

test.each([
  ['Anthropic key', `sk-ant-${some(40)}`],
  ['OpenAI key', `sk-proj-${some(40)}`],
  ['OpenAI key', `sk-${some(48)}`],
  ['Stripe key', `sk_live_${some(24)}`],
  ['AWS key id', `AKIA${'Q7'.repeat(8)}`],
  ['GitHub token', `ghs_${some(36)}`],
  ['GitHub token', `github_pat_${some(60)}`],
  ['GitLab token', `glpat-${some(20)}`],
  ['Google key', `AIza${some(35)}`],
  ['Google token', `ya29.${some(40)}`],
  ['Slack token', `xoxb-${some(12)}-${some(12)}`],
  ['npm token', `npm_${some(36)}`],
  ['PyPI token', `pypi-${some(60)}`],
  ['Docker token', `dckr_pat_${some(27)}`],
  ['Hugging Face token', `hf_${some(34)}`],
  ['SendGrid key', `SG.${some(22)}.${some(43)}`],
  ['signed token', `eyJ${some(20)}.eyJ${some(20)}.${some(43)}`],
  ['private key', `-----BEGIN RSA PRIVATE KEY-----\n${some(64)}\n-----END RSA PRIVATE KEY-----`],
  ['private key', `-----BEGIN PRIVATE KEY-----\n${some(64)}`],
])('%s', (name, key) => {
  expect(scrub(`a "${key}`)).toBe(`a "[redacted:${name}]`);
  expect(scrubJson({ k: [`b ${key}`] })).toEqual({ k: [`b [redacted:${name}]`] });
});

test('a password in a URL goes, the rest of it stays', () => {
  expect(scrub('psql postgres://me:pass-word@db:5432/x')).toBe(
    'psql postgres://me:[redacted:password]@db:5432/x',
  );
});

test('known values go first', () => {
  const clean = (text: string) => text.replaceAll('canary', '[redacted:MINE]');
  expect(scrub(`canary ghp_${some(36)}`, clean)).toBe('[redacted:MINE] [redacted:GitHub token]');
});

test.each([
  'pip install sk-learn',
  'https://host:8080/a@b',
  'git@github.com:a/b.git',
  'task-force-of-the-committee-for-desk-and-chairs',
  'AKIA and hf_ and ghp_ are prefixes',
  '-----BEGIN PUBLIC KEY-----',
])('%s is left alone', (text) => {
  expect(scrub(text)).toBe(text);
  const value = { a: [text] };
  expect(scrubJson(value)).toBe(value);
});
