import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ARMS } from '../../src/testing/contract/arms.ts';
import { CONTRACT, OPERATIONS } from '../../src/protocol/contract/contract.ts';
import { REMOTE_ROWS } from '../behaviours-remote.ts';
import { BEHAVIOURS, type Behaviour, CANNOT_OCCUR } from '../behaviours.ts';
import { FEATURES } from '../../scripts/generate/parity-features.ts';
import { emptyCells, PLACES } from '../../scripts/generate/parity-page.ts';

const root = path.dirname(path.dirname(import.meta.dirname));

/** Every place of the list of faults that other programs are known for. */
const FAULTS = [
  ...numbered('1.2', 13),
  ...numbered('2.4', 10),
  ...numbered('2.5', 6),
  'peer 7.1',
  ...[...'abcdefgh'].map((letter) => `peer 7.4.${letter}`),
  ...numbered('B', 10),
  ...Object.entries(REMOTE_ROWS).flatMap(([section, rows]) => rows.map((row) => `peer ${section}.${row}`)),
];

function numbered(section: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `peer ${section}.${index + 1}`);
}

function textOf(file: string): string {
  const [, behaviour] = file.split('contract:');
  const place =
    behaviour === undefined
      ? path.join(root, 'test', file)
      : path.join(root, 'src/testing/contract/behaviours', behaviour === '' ? '' : `${behaviour}.ts`);
  if (!statSync(place).isDirectory()) return readFileSync(place, 'utf8');
  return readdirSync(place)
    .map((name) => readFileSync(path.join(place, name), 'utf8'))
    .join('\n');
}

/** What is wrong with a line, or nothing. */
function faultOf({ must, source, file, test: name }: Behaviour): string[] {
  if ([must, source, file, name].includes('')) return [`${must}: the line lacks a part`];
  try {
    return textOf(file).includes(name) ? [] : [`${must}: ${file} has no test "${name}"`];
  } catch {
    return [`${must}: there is no ${file}`];
  }
}

test('each behaviour has its test', () => {
  expect(BEHAVIOURS.flatMap(faultOf)).toEqual([]);
  expect(new Set(BEHAVIOURS.map(({ must }) => must)).size).toBe(BEHAVIOURS.length);
});

test('each known fault of a peer is in the list, or is said to have no place here', () => {
  const named = new Set([...BEHAVIOURS.map(({ source }) => source), ...Object.keys(CANNOT_OCCUR)]);
  expect(FAULTS.filter((fault) => !named.has(fault))).toEqual([]);
});

test('a line without its test is found', () => {
  const good = {
    must: 'a',
    source: 'R1',
    file: 'house/behaviours.test.ts',
    test: 'each behaviour has its test',
  };
  expect(faultOf(good)).toEqual([]);
  expect(faultOf({ ...good, test: 'that nobody wrote '.repeat(2) })).toHaveLength(1);
  expect(faultOf({ ...good, file: 'house/none.test.ts' })).toHaveLength(1);
  expect(faultOf({ ...good, file: 'contract:none' })).toHaveLength(1);
  expect(faultOf({ ...good, source: '' })).toHaveLength(1);
});

test('each feature of the page of places is one behaviour, and a cell that no run filled is found', () => {
  const all = textOf('contract:').replaceAll("\\'", "'");
  const refusals = OPERATIONS.filter((name) => !CONTRACT[name].built).map(
    (name) => `${name} is unsupported, and changes nothing`,
  );
  const unknown = FEATURES.filter(
    ({ behaviour }) => !all.includes(`'${behaviour}'`) && !all.includes(`"${behaviour}"`),
  );
  expect(unknown.filter(({ behaviour }) => !refusals.includes(behaviour))).toEqual([]);
  expect(new Set(FEATURES.map(({ feature }) => feature)).size).toBe(FEATURES.length);
  expect(Object.keys(PLACES)).toEqual(ARMS);
  const [first] = FEATURES;
  if (first === undefined) throw new Error('there are no features');
  const seen = { [first.behaviour]: ['local', 'handler', 'tcp', 'unix'] };
  expect(emptyCells([first], seen)).toEqual([`${first.feature}, cut: ${first.behaviour}`]);
});
