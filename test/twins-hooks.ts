import type { Twin } from './twins.ts';

const test = 'test/contract/hooks.test.ts';

/** Places where a guard would look away. */
export const HOOK_TWINS: readonly Twin[] = [
  {
    file: 'src/runtime/hooks/resolve.ts',
    sound: 'GUARD_EVENTS.has(event) ? chain : caller === undefined ? [] : [caller]',
    broken: 'caller === undefined ? [] : [caller]',
    test,
    only: "a parent's guard holds",
  },
  {
    file: 'src/runtime/hooks/resolve.ts',
    sound: 'mayAllow: agent === chain[0]',
    broken: 'mayAllow: true',
    test,
    only: 'no further than its parent',
  },
  {
    file: 'src/runtime/hooks/outcome.ts',
    sound: "const isClosed = fatal && hook.event === 'pre_tool_use';",
    broken: 'const isClosed = false;',
    test,
    only: 'a guard that cannot look',
  },
  {
    file: 'src/runtime/loop/tool-context.ts',
    sound: 'if (hidden) return;',
    broken: '',
    test,
    only: 'a result is exchanged before',
  },
];
