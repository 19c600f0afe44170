import { expect, test } from 'vitest';
import type { HookDefinition } from '../../../../src/protocol/contract/hooks.ts';
import { standingHooks } from '../../../../src/runtime/hooks/resolve.ts';
import { scriptPaths } from '../../../../src/runtime/hooks/scripts.ts';
import type { LoopContext } from '../../../../src/runtime/loop/context.ts';
import type { RunState } from '../../../../src/runtime/fold/run-state.ts';

const run = { agent_name: 'root', session_id: 's' } as RunState;

/** What of a session says which hooks stand, with these as the session's own and the user's. */
function session(own: HookDefinition[], users: HookDefinition[] = [], add_dirs: string[] = []): LoopContext {
  const hooks = (list: HookDefinition[]) => ({ pre_tool_use: [{ hooks: list }] });
  return {
    working_dir: '/work',
    team: { agents: [{ name: 'root' }] },
    settings: { runtime_config: { hooks: hooks(own), add_dirs }, user_hooks: hooks(users) },
    log: { state: { bounds: {}, conversations: new Map() } },
  } as unknown as LoopContext;
}

test('the same hook twice is one, but not where its failure means something else', () => {
  const standing = (...own: HookDefinition[]) => standingHooks(session(own), run, 'pre_tool_use').length;
  expect(standing({ command: './guard' }, { command: './guard', name: 'again' })).toBe(1);
  expect(standing({ command: './guard' }, { command: './guard', on_error: 'block' })).toBe(2);
  expect(standing({ command: './guard' }, { command: './guard', timeout: 5 })).toBe(2);
});

test('scripts that tools can write are those of the workspace and of the folders that were added to it', () => {
  const context = session([{ command: './guard.sh' }], [], ['/more', 'sub']);
  const paths = (definition: HookDefinition) => {
    const [hook] = standingHooks(session([definition]), run, 'pre_tool_use');
    return hook === undefined ? [] : scriptPaths(hook, context);
  };
  expect(paths({ command: './guard.sh' })).toEqual(['guard.sh']);
  expect(paths({ command: '../guard.sh' })).toEqual([]);
  expect(paths({ command: '/more/guard.sh' })).toEqual(['/more/guard.sh']);
  expect(paths({ command: './guard.sh', working_dir: '/more/deep' })).toEqual(['/more/deep/guard.sh']);
  expect(paths({ command: '/moreover/guard.sh' })).toEqual([]);
});
