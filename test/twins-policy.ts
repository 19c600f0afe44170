import type { Twin } from './twins.ts';

/** What a server lets its callers do. */
export const POLICY_TWINS: readonly Twin[] = [
  {
    file: 'src/runtime/policy/folders.ts',
    sound: 'return await realpath(path);',
    broken: 'return path;',
    test: 'test/contract/policy.test.ts',
    only: 'folders of a policy',
  },
  {
    file: 'src/runtime/policy/patterns.ts',
    sound: 'asked.pathname.startsWith(folder)',
    broken: 'asked.pathname.startsWith(allowed.pathname)',
    test: 'test/contract/policy.test.ts',
    only: 'sources of a policy',
  },
  {
    file: 'src/runtime/host/operations/teams.ts',
    sound: 'check: (url) => checkAddress(policy, url.href)',
    broken: 'check: () => undefined',
    test: 'test/contract/policy.test.ts',
    only: 'sources of a policy',
  },
  {
    file: 'src/runtime/decisions/fold.ts',
    sound: 'return findAllowing(clientAllow.rules, scope).length > 0;',
    broken: 'return true;',
    test: 'test/contract/policy.test.ts',
    only: 'allow rules of a configuration',
  },
  {
    file: 'src/runtime/loop/safety.ts',
    sound: 'stricterSafety(mode, bounds.safety ?? mode)',
    broken: 'mode',
    test: 'test/contract/policy.test.ts',
    only: 'the ceiling binds',
  },
  {
    file: 'src/runtime/fold/calls.ts',
    sound: 'if (!state.asked_at.has(request_id)) ',
    broken: '',
    test: 'test/unit/runtime/asked-at.test.ts',
  },
  {
    file: 'src/runtime/policy/gate.ts',
    sound: 'if (row.principal !== context.principal) return;',
    broken: '',
    test: 'test/contract/policy.test.ts',
    only: 'a session is bound by the policy of its owner',
  },
];
