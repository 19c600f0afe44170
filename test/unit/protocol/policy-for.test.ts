import { describe, expect, test } from 'vitest';
import { LOCAL_CONTEXT } from '../../../src/protocol/context.ts';
import { policyFor } from '../../../src/protocol/policy-for.ts';

const CI = { principal: 'ci', scopes: ['read', 'run'] } as const;
const FOLDER = '/srv/work';

describe('the policy of a caller', () => {
  test('without a file: admin may what a local run may but its own shell, in that folder', () => {
    expect(policyFor(LOCAL_CONTEXT, { folder: FOLDER })).toMatchObject({
      folders: { allowed: [FOLDER], read: [], default: FOLDER },
      sources: { served: true, builtin: true, inline: true, url: ['*'], path: [] },
      trust: true,
      models: ['*'],
      safety: 'autonomous',
      client_allow: ['*/*'],
      shell: false,
    });
  });

  test('without a file: others run served teams, and do not do away with questions', () => {
    const ci = policyFor(CI, { folder: FOLDER });
    expect(ci).toMatchObject({
      sources: { served: true, builtin: false, inline: false, url: [], path: [] },
      trust: false,
      env: [],
      safety: 'balanced',
      client_allow: [],
    });
    const judge = { ...CI, scopes: ['run', 'approve'], approve_own: true } as const;
    expect(policyFor(judge, { folder: FOLDER })).toMatchObject({
      safety: 'autonomous',
      client_allow: ['*/*'],
    });
    expect(policyFor({ ...judge, approve_own: false }, { folder: FOLDER }).safety).toBe('balanced');
  });

  test('what a file says of a principal stands above what it says of all, key by key', () => {
    const file = {
      folders: { allowed: ['/a', '/b'] },
      permissions: { allow: ['think'], ask: ['shell'], deny: ['fetch'] },
      longest_wait: '30m',
      budget: { max_cost: 1, max_tokens: 100 },
      principals: {
        ci: {
          safety: 'strict',
          permissions: { allow: [], ask: ['write_file'], deny: ['edit_file'] },
          budget: { max_cost: 5 },
          longest_wait: 'never',
          uploads: { max_bytes: 7 },
        },
      },
    } as const;
    const given = { folder: FOLDER, file: structuredClone(file) as never };
    expect(policyFor(CI, given)).toMatchObject({
      where: 'the policy of this server',
      folders: { allowed: ['/a', '/b'], default: '/a' },
      safety: 'strict',
      permissions: { allow: [], ask: ['shell', 'write_file'], deny: ['fetch', 'edit_file'] },
      longest_wait_ms: undefined,
      budget: { max_cost: 5, max_tokens: 100 },
      upload_bytes: 7,
    });
    expect(policyFor(LOCAL_CONTEXT, given)).toMatchObject({
      permissions: { allow: ['think'], ask: ['shell'], deny: ['fetch'] },
      longest_wait_ms: 1_800_000,
      budget: { max_cost: 1, max_tokens: 100 },
    });
    expect(policyFor({ ...CI, principal: 'constructor' }, given).safety).toBe('balanced');
  });
});
