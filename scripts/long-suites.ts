import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

export interface LongSuite {
  /** From the root of the repository. */
  file: string;
  /** Its long form has all that its short form has; one of the contract has other arms in each when both are run. */
  holdsShort: boolean;
}

const LONG = /from '(?:\.\.?\/)+long\.ts'/;
const CONTRACT = /from '(?:\.\.?\/)+src\/testing\/contract\/(?:suite|arms)\.ts'/;

/** The suites that have a long form: those that import test/long.ts, and those of the contract, which then run in all arms. */
export function longSuites(root: string): LongSuite[] {
  return readdirSync(path.join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts') && !name.includes('node_modules'))
    .map((name) => path.join('test', name))
    .flatMap((file) => {
      const text = readFileSync(path.join(root, file), 'utf8');
      const isContract = CONTRACT.test(text);
      return isContract || LONG.test(text) ? [{ file, holdsShort: !isContract }] : [];
    });
}
