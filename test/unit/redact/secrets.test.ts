import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Secrets } from '../../../src/runtime/redact/secrets.ts';
import { wireWords } from '../../../src/runtime/redact/wire-words.ts';
import { cases } from '../../long.ts';

const KEY = 'sk-canary-0123456789';

function knowing(...values: string[]): Secrets {
  const secrets = new Secrets().reserve(wireWords);
  for (const [index, value] of values.entries()) secrets.add(`S${index}`, value);
  return secrets;
}

function inPieces(secrets: Secrets, pieces: readonly string[]): string {
  const stream = secrets.stream();
  return pieces.map((piece) => stream.push(piece)).join('') + stream.end();
}

test('a value is replaced by its name, wherever it stands', () => {
  const secrets = knowing(KEY);
  expect(secrets.text(`a ${KEY} b ${KEY}${KEY}`)).toBe('a [redacted:S0] b [redacted:S0][redacted:S0]');
  expect(secrets.text('nothing here')).toBe('nothing here');
});

test('without a value everything is given back as it is', () => {
  const secrets = new Secrets();
  const event = { fields: { text: KEY } };
  expect(secrets.isNeeded).toBe(false);
  expect(secrets.json(event)).toBe(event);
  expect(inPieces(secrets, ['sk-', 'canary'])).toBe('sk-canary');
});

test('values under 8 characters are left alone', () => {
  const secrets = knowing('1234567', '  1234567\n');
  expect(secrets.isNeeded).toBe(false);
  secrets.add('EIGHT', '12345678');
  expect(secrets.text('12345678')).toBe('[redacted:EIGHT]');
});

test('a value that is a word of our own events is left alone: the log must stay readable', () => {
  const secrets = knowing('assistant', 'complete', 'timestamp', 'runtime_config', 'autonomous');
  expect(secrets.patterns).toEqual([]);
  secrets.add('PASSWORD', 'correct-horse-battery');
  expect(secrets.text('correct-horse-battery')).toBe('[redacted:PASSWORD]');
});

test('values that overlap leave no end of one behind', () => {
  const secrets = knowing('aaaabbbb', 'bbbbcccc');
  expect(secrets.text('-aaaabbbbcccc-')).toBe('-[redacted:S0]-');
  expect(knowing('abababab').text('ababababababab.')).toBe('[redacted:S0].');
});

test('what looks like the beginning of a value is held back until it is none', () => {
  const stream = knowing(KEY).stream();
  expect(stream.push('Hi sk-can')).toBe('Hi ');
  expect(stream.push('dle')).toBe('sk-candle');
  expect(stream.push('sk-canary-0123')).toBe('');
  expect(stream.push('456789!')).toBe('[redacted:S0]!');
  expect(stream.push('sk-')).toBe('');
  expect(stream.end()).toBe('sk-');
});

test('fields, lists and names of fields are walked, and what holds nothing stays the same object', () => {
  const secrets = knowing(KEY);
  const clean = { list: [1, 'two', null, { deep: true }] };
  const given = { clean, [`name ${KEY}`]: [KEY, 2], text: `x${KEY}` };
  const walked: Record<string, unknown> = secrets.json(given);
  expect(walked).toEqual({ clean, 'name [redacted:S0]': ['[redacted:S0]', 2], text: 'x[redacted:S0]' });
  expect(walked['clean']).toBe(clean);
  expect(secrets.json(clean)).toBe(clean);
});

test('a value with quotes or lines is found as text within JSON too, and the lines of a key file each', () => {
  const secrets = new Secrets();
  secrets.add('P', 'pass"word\\1');
  secrets.add('PEM', '-----BEGIN KEY-----\nMIIEvQIBADANBgkq\nshort\n-----END KEY-----\n');
  expect(secrets.text(JSON.stringify({ a: 'pass"word\\1' }))).toBe('{"a":"[redacted:P]"}');
  expect(secrets.text('line: MIIEvQIBADANBgkq')).toBe('line: [redacted:PEM]');
  expect(secrets.text('short, -----BEGIN KEY-----')).toBe('short, -----BEGIN KEY-----');
});

test('bytes keep what is no text', () => {
  const secrets = new Secrets();
  secrets.add('K', 'gehe\u00efm-12345');
  const given = Buffer.concat([
    Buffer.from([0xff, 0x00]),
    Buffer.from('gehe\u00efm-12345'),
    Buffer.from([0xfe]),
  ]);
  expect(Buffer.from(secrets.bytes(given)).toString('hex')).toBe(
    Buffer.concat([Buffer.from([0xff, 0x00]), Buffer.from('[redacted:K]'), Buffer.from([0xfe])]).toString(
      'hex',
    ),
  );
  const clean = new Uint8Array([1, 2, 3]);
  expect(secrets.bytes(clean)).toBe(clean);
});

test('a value goes with its last owner', () => {
  const secrets = new Secrets();
  secrets.add('K', KEY, 'one');
  secrets.add('K', KEY, 'two');
  secrets.forget('one');
  expect(secrets.text(KEY)).toBe('[redacted:K]');
  secrets.forget('two');
  expect(secrets.text(KEY)).toBe(KEY);
});

test('a value that is part of what stands in its place is taken out all the same', () => {
  expect(knowing('redacted').text('so redacted')).toBe('so [hidden]');
  expect(knowing('[redacted:S0]').text('[redacted:S0]')).toBe('<redacted:S0>');
});

/** Few letters, so that values overlap, repeat and begin each other. */
const letters = fc.constantFrom('a', 'b', '[', 'r');
const secret = fc.string({ unit: letters, minLength: 8, maxLength: 11 });
const piece = fc.oneof(fc.string({ unit: letters, maxLength: 6 }), secret);

test('any text in any pieces with any values: no value is left, and the pieces give what the whole gives', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(secret, { maxLength: 4 }),
      fc.array(fc.oneof(piece, fc.nat(3)), { maxLength: 30 }),
      (values, drawn) => {
        const pieces = drawn.map((item) => (typeof item === 'number' ? (values[item] ?? '') : item));
        const secrets = knowing(...values);
        const whole = secrets.text(pieces.join(''));
        for (const value of values) expect(whole).not.toContain(value);
        expect(inPieces(secrets, pieces)).toBe(whole);
        expect(inPieces(secrets, [...pieces.join('')])).toBe(whole);
      },
    ),
    { numRuns: cases(400, 5_000) },
  );
});
