import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide } from '../../../src/runtime/decisions/fold.ts';
import { ruleOffers } from '../../../src/runtime/decisions/offers.ts';
import { fileCall, layer, question, shellCall } from './calls.ts';

async function offered(cmd: string): Promise<string[]> {
  return ruleOffers(question(await shellCall(cmd))).map((offer) => `${offer.kind} ${offer.rule}`);
}

describe('for a shell line', () => {
  test.each([
    ['git commit -m "a b"', 'shell:cmd=git commit *'],
    ['ls -la', 'shell:cmd=ls *'],
    ['npm test', 'shell:cmd=npm test *'],
    ['./run.sh a b', 'shell:cmd=./run.sh *'],
    ['npm run build:web', String.raw`shell:cmd=npm run build\:web`],
    ['ls && ls src', 'shell:cmd=ls *'],
  ])('%j: program and subcommand', async (cmd, rule) => {
    expect(await offered(cmd)).toEqual([`approve_tool ${rule}`, 'session */*']);
  });

  test.each([
    'sudo ls',
    'env ls',
    'bash x.sh',
    'python x.py',
    'node x.js',
    'npx tsc',
    'ls > out',
    'ls *.ts',
    'ls $x',
    'find . -delete',
    'ls && git push',
    'xargs ls',
  ])('%j: no rule for it alone', async (cmd) => {
    expect(await offered(cmd)).toEqual(['session */*']);
  });

  test('none at all for yonder', async () => {
    expect(await offered('yonder approve x')).toEqual([]);
  });

  test('never one under which another program runs', async () => {
    const word = fc.stringMatching(/^[a-z./*?-]{1,6}$/);
    await fc.assert(
      fc.asyncProperty(word, word, word, async (program, other, argument) => {
        const [offer] = ruleOffers(
          question(await shellCall(`'${program}' ${argument.replaceAll(/[*?]/g, 'x')}`)),
        );
        if (offer?.kind !== 'approve_tool' || other === program) return;
        const call = await shellCall(`'${other}' x`);
        const decision = decide(question(call, { layers: [layer('session', { allow: [offer.rule] })] }));
        expect(decision.decision).toBe('ask');
      }),
      { numRuns: 80 },
    );
  });
});

describe('for a file', () => {
  test('the file, its folder, and all', () => {
    expect(ruleOffers(question(fileCall('edit_file', 'src/deep/a.ts')))).toEqual([
      {
        kind: 'approve_tool',
        rule: 'edit_file:path=src/deep/a.ts',
        text: 'always allow edit_file:path=src/deep/a.ts',
      },
      {
        kind: 'folder',
        rule: '{edit,write}_file:path=src/deep/**',
        text: 'allow edits in src/deep for this session',
      },
      { kind: 'session', rule: '*/*', text: 'allow every tool for the rest of this session' },
    ]);
  });

  test('the folder’s rule covers edits and writes below it, and nothing beside it', () => {
    const layers = [layer('session', { allow: ['{edit,write}_file:path=src/deep/**'] })];
    const verdict = (tool: string, path: string): string =>
      decide(question(fileCall(tool, path), { layers })).decision;
    expect(verdict('write_file', 'src/deep/er/b.ts')).toBe('allow');
    expect(verdict('edit_file', 'src/deep.ts')).toBe('ask');
    expect(verdict('edit_file', 'src/deep/../a.ts')).toBe('ask');
    expect(verdict('remove_directory', 'src/deep/x')).toBe('ask');
  });

  test('at the top the folder is the workspace; for a file that governs there is no offer', () => {
    expect(ruleOffers(question(fileCall('write_file', 'a.txt')))[1]?.rule).toBe('{edit,write}_file:path=**');
    expect(ruleOffers(question(fileCall('write_file', 'AGENTS.md')))).toEqual([]);
  });
});

test('for other tools their identity', () => {
  const call = { ...fileCall('search', 'x'), toolset: 'github', builtin: false, paths: [], digest: 'd' };
  expect(ruleOffers(question(call)).map((offer) => offer.rule)).toEqual(['github/search', '*/*']);
});
