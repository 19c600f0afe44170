import { describe, expect, test } from 'vitest';
import { decide } from '../../../src/runtime/decisions/fold.ts';
import type { DecisionCall, DecisionInput } from '../../../src/runtime/decisions/types.ts';
import {
  PERMISSION_LAYERS,
  safetySchema,
  stricterSafety,
  type Safety,
} from '../../../src/protocol/permissions.ts';
import { fileCall, layer, question, rules } from './calls.ts';

const read = fileCall('read_file', 'src/a.ts', 'read');
const edit = fileCall('edit_file', 'src/a.ts');
const mcp: DecisionCall = {
  toolset: 'github',
  tool: 'read_file',
  builtin: false,
  effect: 'external',
  digest: 'd1',
  args: {},
  paths: [],
  network: true,
};

describe('modes, without any rule', () => {
  const table: [Safety, string, string][] = [
    ['strict', 'ask mode', 'ask mode'],
    ['balanced', 'allow safe', 'ask mode'],
    ['restricted', 'allow safe', 'deny mode'],
    ['autonomous', 'allow safe', 'allow mode'],
  ];
  test.each(table)('%s: safe is %s, the rest is %s', (mode, safe, rest) => {
    const verdict = (call: DecisionCall): string => {
      const { decision, source } = decide(question(call, { mode }));
      return `${decision} ${source}`;
    };
    expect([verdict(read), verdict(edit), verdict(mcp)]).toEqual([safe, rest, rest]);
  });
});

describe('each layer under each mode', () => {
  for (const mode of safetySchema.options) {
    for (const name of PERMISSION_LAYERS) {
      const under = (partial: Parameters<typeof layer>[1], trusted = true): ReturnType<typeof decide> =>
        decide(question(edit, { mode, layers: [layer(name, partial, trusted)] }));

      test(`${mode}, ${name}: deny`, () => {
        const denied = { decision: 'deny', source: 'deny_rule', rule: 'edit_file', layer: name };
        expect(under({ deny: ['edit_file'], allow: ['*'] })).toMatchObject(denied);
        expect(under({ deny: ['edit_file'] }, false)).toMatchObject(denied);
      });

      test(`${mode}, ${name}: ask beats allow`, () => {
        const asked = under({ ask: ['edit_file'], allow: ['edit_file'] });
        const ordinary =
          mode === 'autonomous'
            ? { decision: 'allow', required: false, source: 'mode', layer: name }
            : { decision: 'ask', required: false, source: 'rule', layer: name };
        const required = { decision: 'ask', required: true, source: 'required_ask', layer: name };
        expect(asked).toMatchObject(name === 'policy' ? required : ordinary);
      });

      test(`${mode}, ${name}: allow, if trusted`, () => {
        expect(under({ allow: ['edit_file'] })).toMatchObject({
          decision: 'allow',
          source: 'rule',
          layer: name,
        });
        const { decision, source } = under({ allow: ['edit_file'] }, false);
        expect(`${decision} ${source}`).toBe(
          { strict: 'ask mode', balanced: 'ask mode', restricted: 'deny mode', autonomous: 'allow mode' }[
            mode
          ],
        );
      });
    }
  }
});

describe('between layers', () => {
  test('the first with a match decides', () => {
    for (const [index, first] of PERMISSION_LAYERS.entries()) {
      for (const second of PERMISSION_LAYERS.slice(index + 1)) {
        const allowFirst = [layer(second, { ask: ['edit_file'] }), layer(first, { allow: ['edit_file'] })];
        expect(decide(question(edit, { layers: allowFirst }))).toMatchObject({
          decision: 'allow',
          layer: first,
        });
        const askFirst = [layer(second, { allow: ['edit_file'] }), layer(first, { ask: ['edit_file'] })];
        expect(decide(question(edit, { layers: askFirst }))).toMatchObject({ decision: 'ask', layer: first });
      }
    }
  });

  test('rules of the chain deny and ask, and never allow', () => {
    const chain = (partial: Parameters<typeof rules>[0]): DecisionInput =>
      question(edit, { chain: [{ name: 'helper', rules: rules(partial) }] });
    expect(decide(chain({ deny: ['edit_file'] }))).toMatchObject({ decision: 'deny', layer: 'chain:helper' });
    expect(decide(chain({ ask: ['edit_file'] }))).toMatchObject({
      decision: 'ask',
      source: 'rule',
      layer: 'team',
    });
    expect(decide(chain({ allow: ['edit_file'] }))).toMatchObject({ decision: 'ask', source: 'mode' });
    const both = { ...chain({ ask: ['edit_file'] }), layers: [layer('team', { allow: ['edit_file'] })] };
    expect(decide(both)).toMatchObject({ decision: 'ask', rule: 'edit_file' });
  });
});

describe('guards', () => {
  const guarded = (
    verdict: 'allow' | 'ask' | 'deny',
    mode: Safety,
    trusted = true,
  ): ReturnType<typeof decide> =>
    decide(
      question(edit, {
        mode,
        layers: [layer('session', { allow: ['*'] }), layer('user', {}), layer('team', {}, trusted)],
        guards: [{ verdict, source: 'guard.sh', layer: 'team' }],
      }),
    );
  test('deny and ask are stronger than rules and modes', () => {
    for (const mode of safetySchema.options) {
      expect(guarded('deny', mode)).toMatchObject({ decision: 'deny', source: 'guard', rule: 'guard.sh' });
      expect(guarded('ask', mode)).toMatchObject({ decision: 'ask', required: true, source: 'guard' });
    }
  });
  test('an allow is an allow rule of its layer', () => {
    const guards = [{ verdict: 'allow' as const, source: 'guard.sh', layer: 'team' as const }];
    expect(decide(question(edit, { guards }))).toMatchObject({
      decision: 'allow',
      source: 'guard',
      layer: 'team',
    });
    const untrusted = [layer('team', {}, false)];
    expect(decide(question(edit, { guards, layers: untrusted }))).toMatchObject({
      decision: 'ask',
      source: 'mode',
    });
    const asking = [layer('user', { ask: ['edit_file'] })];
    expect(decide(question(edit, { guards, layers: asking }))).toMatchObject({
      decision: 'ask',
      layer: 'user',
    });
  });
});

describe('identity', () => {
  test('a rule without a toolset means built-in tools only', () => {
    for (const allow of ['*', 'read_*', 'read_file']) {
      expect(decide(question(mcp, { layers: [layer('user', { allow: [allow] })] })).decision).toBe('ask');
    }
    for (const allow of ['*/*', 'github/read_file', 'GitHub/*']) {
      expect(decide(question(mcp, { layers: [layer('user', { allow: [allow] })] })).decision).toBe('allow');
    }
  });
  test('a server that is called as a toolset of ours gets nothing that ours was allowed', () => {
    const twin = { ...mcp, toolset: 'filesystem', tool: 'write_file' };
    const verdict = (more: Parameters<typeof question>[1]) => decide(question(twin, more)).decision;
    for (const rule of ['filesystem/write_file', 'Filesystem/*']) {
      expect(verdict({ layers: [layer('user', { allow: [rule] })] })).toBe('ask');
      expect(verdict({ layers: [layer('user', { deny: [rule] })] })).toBe('deny');
      expect(verdict({ approvals: [{ rule }] })).toBe('ask');
    }
    // What a person allowed of it is what they were shown.
    expect(verdict({ approvals: [{ rule: 'filesystem/write_file', digest: 'd1' }] })).toBe('allow');
    expect(verdict({ layers: [layer('user', { allow: ['*/*'] })] })).toBe('allow');
  });
  test('an approval counts for the definition that it was given for', () => {
    const approved = (digest: string): ReturnType<typeof decide> =>
      decide(question(mcp, { approvals: [{ rule: 'github/read_file', digest }] }));
    expect(approved('d1')).toMatchObject({ decision: 'allow', source: 'approval', layer: 'session' });
    expect(approved('d0')).toMatchObject({ decision: 'ask', source: 'mode' });
  });
});

describe('safe', () => {
  const cases: [string, DecisionCall, 'allow' | 'ask'][] = [
    ['session effects', { ...read, effect: 'session' }, 'allow'],
    ['delegating in the team', { ...read, effect: 'delegate', delegateSameTeam: true }, 'allow'],
    ['delegating elsewhere', { ...read, effect: 'delegate' }, 'ask'],
    ['the network', { ...read, network: true }, 'ask'],
    ['a path outside', { ...read, paths: [{ path: '/etc/hosts', use: 'read', inside: false }] }, 'ask'],
    ['a secret', fileCall('read_file', 'config/.env.local', 'read'), 'ask'],
    ['a read', read, 'allow'],
  ];
  test.each(cases)('%s', (_, call, decision) => {
    expect(decide(question(call)).decision).toBe(decision);
  });
  test('the user adds to the secret-file list', () => {
    const call = fileCall('read_file', 'vault/a.txt', 'read');
    expect(decide(question(call, { extraSecrets: ['vault/'] })).decision).toBe('ask');
  });
});

describe('accepted edits', () => {
  const accept = (call: DecisionCall, partial: Partial<DecisionInput> = {}): ReturnType<typeof decide> =>
    decide(question(call, { acceptEdits: true, ...partial }));
  test('are writes of file tools inside the workspace', () => {
    expect(accept(edit)).toMatchObject({ decision: 'allow', source: 'accept_edits', layer: 'session' });
    expect(accept({ ...edit, toolset: 'other', builtin: false }).decision).toBe('ask');
    expect(accept({ ...edit, paths: [{ path: '/x', use: 'write', inside: false }] }).decision).toBe('ask');
    expect(accept(mcp).decision).toBe('ask');
    expect(accept(edit, { layers: [layer('session', { ask: ['edit_file'] })] }).decision).toBe('ask');
  });
  test('are none of files that govern', () => {
    expect(accept(fileCall('write_file', 'AGENTS.md'))).toMatchObject({ decision: 'ask', required: true });
  });
});

describe('files that govern', () => {
  const write = fileCall('write_file', 'docs/AGENTS.md');
  test('are written after a required ask, in every mode and under every other rule', () => {
    for (const mode of safetySchema.options) {
      const layers = [layer('user', { allow: ['*', 'write_file:path=docs/*', 'write_file:path=*'] })];
      expect(decide(question(write, { mode, layers }))).toMatchObject({
        decision: 'ask',
        source: 'required_ask',
      });
    }
  });
  test('unless user or policy name the file', () => {
    const named = { allow: ['write_file:path=docs/AGENTS.md'] };
    expect(decide(question(write, { layers: [layer('user', named)] })).decision).toBe('allow');
    expect(decide(question(write, { layers: [layer('policy', named)] })).decision).toBe('allow');
    for (const other of ['session', 'project', 'team'] as const) {
      expect(decide(question(write, { layers: [layer(other, named)] })).required).toBe(true);
    }
    expect(decide(question(write, { layers: [layer('user', named, false)] })).required).toBe(true);
  });
  test('are the session’s own too', () => {
    const call = fileCall('write_file', 'scripts/guard.sh');
    expect(decide(question(call, { governing: ['scripts/guard.sh'] })).required).toBe(true);
  });
});

describe('an ask that nobody can answer', () => {
  test('waits or is refused, and is always refused under restricted', () => {
    const layers = [layer('user', { ask: ['edit_file'] })];
    expect(decide(question(edit, { layers })).unattended).toBe('wait');
    expect(decide(question(edit, { layers, unattended: 'refuse' })).unattended).toBe('refuse');
    expect(decide(question(edit, { layers, mode: 'restricted' })).unattended).toBe('refuse');
  });
  test('names the rule that would allow it', () => {
    expect(decide(question(edit)).wouldAllow).toEqual({ rule: 'edit_file:path=src/a.ts', layer: 'session' });
    expect(decide(question(edit, { mode: 'restricted' })).wouldAllow?.rule).toBe('edit_file:path=src/a.ts');
    expect(decide(question(fileCall('write_file', 'AGENTS.md'))).wouldAllow).toEqual({
      rule: 'write_file:path=AGENTS.md',
      layer: 'user',
    });
    expect(decide(question(edit, { layers: [layer('policy', { ask: ['*'] })] })).wouldAllow).toBeUndefined();
  });
});

test('a rule that cannot be read is never skipped', () => {
  expect(() => decide(question(edit, { layers: [layer('user', { deny: ['a/b/c'] })] }))).toThrow(
    'The permission pattern "a/b/c" cannot be read: only one "/" may stand between toolset and tool.',
  );
});

test('a shell tool without its parsed line counts as one that cannot be parsed', () => {
  const call: DecisionCall = { ...mcp, toolset: 'shell', tool: 'shell', builtin: true, args: { cmd: 'ls' } };
  const layers = [layer('user', { deny: ['shell:cmd=rm *'], allow: ['shell:cmd=ls *'] })];
  expect(decide(question(call, { layers, mode: 'autonomous' }))).toMatchObject({
    decision: 'ask',
    required: true,
  });
});

test('of two modes the stricter', () => {
  const order: Safety[] = ['autonomous', 'balanced', 'strict', 'restricted'];
  for (const [index, weaker] of order.entries()) {
    for (const stronger of order.slice(index)) {
      expect([stricterSafety(weaker, stronger), stricterSafety(stronger, weaker)]).toEqual([
        stronger,
        stronger,
      ]);
    }
  }
});
