import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PERMISSION_LAYERS, safetySchema } from '../../../src/protocol/permissions.ts';
import { decide } from '../../../src/runtime/decisions/fold.ts';
import { ruleOffers } from '../../../src/runtime/decisions/offers.ts';
import type { DecisionCall, DecisionInput } from '../../../src/runtime/decisions/types.ts';
import { fileCall, shellCall } from './calls.ts';

const LINES = [
  'ls -la',
  'git commit -m "a b"',
  'rm -rf x',
  'rm $x',
  'eval "$x"',
  'npm test && ls',
  './run.sh a',
  'sudo ls',
  'yonder runs',
  'echo x > AGENTS.md',
  'ls *.ts',
  'npx tsc',
  'git push',
  "'a b' c",
];
const CALLS: DecisionCall[] = [
  ...(await Promise.all(LINES.map((line) => shellCall(line)))),
  fileCall('edit_file', 'src/deep/a.ts'),
  fileCall('write_file', 'odd [name] {a,b}*.txt'),
  fileCall('write_file', 'AGENTS.md'),
  fileCall('read_file', '.env', 'read'),
  {
    ...fileCall('read_file', 'a', 'read'),
    toolset: 'github',
    builtin: false,
    effect: 'external',
    digest: 'd',
  },
];
const PATTERNS = [
  '*',
  '*/*',
  'shell',
  'shell:cmd=*',
  'shell:cmd=ls *',
  'shell:cmd=rm *',
  'shell:cmd=git *',
  'edit_file',
  'write_file:path=**',
  'edit_file:path=src/**',
  '*_file',
  'github/*',
  'shell:cmd=npm test',
  'read_file:path=.env',
];
/** What names a file that governs, so that R13's exception stays out of the property. */
const pattern = fc.constantFrom(...PATTERNS);
const list = fc.array(pattern, { maxLength: 3 });
const ruleSet = fc.record({ allow: list, ask: list, deny: list });
const layers = fc.array(
  fc.record({ name: fc.constantFrom(...PERMISSION_LAYERS), rules: ruleSet, trusted: fc.boolean() }),
  { maxLength: 4 },
);
const input: fc.Arbitrary<DecisionInput> = fc.record({
  call: fc.constantFrom(...CALLS),
  layers,
  chain: fc.array(fc.record({ name: fc.constant('helper'), rules: ruleSet }), { maxLength: 2 }),
  guards: fc.array(
    fc.record({
      verdict: fc.constantFrom('allow' as const, 'ask' as const, 'deny' as const),
      source: fc.constant('guard.sh'),
      layer: fc.constantFrom(...PERMISSION_LAYERS),
    }),
    { maxLength: 2 },
  ),
  approvals: fc.array(fc.record({ rule: pattern }), { maxLength: 2 }),
  mode: fc.constantFrom(...safetySchema.options),
  acceptEdits: fc.boolean(),
  unattended: fc.constantFrom('wait' as const, 'refuse' as const),
});
const RUNS = { numRuns: 150 };

test('a deny is never outvoted: nothing that is added takes it away', () => {
  fc.assert(
    fc.property(input, layers, input, (base, more, other) => {
      fc.pre(decide(base).source === 'deny_rule');
      const added = { ...other, call: base.call, chain: [...(base.chain ?? []), ...(other.chain ?? [])] };
      expect(decide({ ...added, layers: [...more, ...base.layers] }).decision).toBe('deny');
    }),
    RUNS,
  );
});

test('a rule that denies the call does so wherever it stands', () => {
  fc.assert(
    fc.property(input, fc.constantFrom(...PERMISSION_LAYERS), (base, name) => {
      const identity = base.call.builtin ? base.call.tool : `${base.call.toolset}/${base.call.tool}`;
      const deny = { name, trusted: false, rules: { allow: [], ask: [], deny: [identity] } };
      expect(decide({ ...base, layers: [...base.layers, deny] }).decision).toBe('deny');
    }),
    RUNS,
  );
});

test('adding an allow never removes a required ask or a deny', () => {
  fc.assert(
    fc.property(input, fc.constantFrom(...PERMISSION_LAYERS), pattern, (base, name, allow) => {
      const before = decide(base);
      fc.pre(before.required || before.source === 'deny_rule' || before.source === 'guard');
      const layer = { name, trusted: true, rules: { allow: [allow], ask: [], deny: [] } };
      const after = decide({ ...base, layers: [...base.layers, layer], approvals: [{ rule: allow }] });
      expect([after.decision, after.required]).toEqual([before.decision, before.required]);
    }),
    RUNS,
  );
});

test('a required ask survives every mode', () => {
  fc.assert(
    fc.property(input, fc.constantFrom(...safetySchema.options), (base, mode) => {
      fc.pre(decide(base).required);
      expect(decide({ ...base, mode }).required).toBe(true);
    }),
    RUNS,
  );
});

test('a required ask is offered no rule', () => {
  fc.assert(
    fc.property(input, (base) => {
      fc.pre(decide(base).required);
      expect(ruleOffers(base)).toEqual([]);
    }),
    RUNS,
  );
});

test('an offered rule allows that very call', () => {
  fc.assert(
    fc.property(input, (base) => {
      fc.pre(decide(base).decision === 'ask' && !decide(base).required);
      for (const { rule } of ruleOffers(base)) {
        const approvals = [...(base.approvals ?? []), { rule }];
        expect(decide({ ...base, approvals }).decision).toBe('allow');
      }
    }),
    RUNS,
  );
});

test('the rule that an ask names would allow the call in its layer', () => {
  fc.assert(
    fc.property(input, (base) => {
      const { wouldAllow } = decide(base);
      fc.pre(wouldAllow !== undefined);
      const allow = wouldAllow?.rule.split(', ') ?? [];
      const layer = { name: wouldAllow?.layer ?? 'user', trusted: true, rules: { allow, ask: [], deny: [] } };
      expect(decide({ ...base, layers: [...base.layers, layer] }).decision).toBe('allow');
    }),
    RUNS,
  );
});
