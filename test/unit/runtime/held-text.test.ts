import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HeldText } from '../../../src/runtime/log/held-text.ts';

test('a text of pieces gives what a string gives, from any offset, whatever was dropped', () => {
  const step = fc.oneof(
    { weight: 20, arbitrary: fc.record({ add: fc.string({ maxLength: 6 }) }) },
    { weight: 1, arbitrary: fc.record({ drop: fc.nat(40) }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 700, size: 'max' }), fc.nat(), (steps, seed) => {
      const held = new HeldText();
      let whole = '';
      let start = 0;
      for (const [index, at] of steps.entries()) {
        if ('add' in at) {
          held.add(at.add);
          whole += at.add;
        } else {
          const count = Math.min(at.drop, whole.length - start);
          held.drop(count);
          start += count;
        }
        expect([held.start, held.end, held.length]).toEqual([start, whole.length, whole.length - start]);
        const offset = start + ((seed + index * 7) % (whole.length - start + 1));
        expect(held.since(offset)).toBe(whole.slice(offset));
      }
    }),
    { numRuns: 30 },
  );
});
