import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { RuntimeConfig } from '../../../protocol/contract/payloads.ts';
import { calls, ofType, only, stopReason, teamOf, type Behaviours } from '../support.ts';
import type { World } from '../world.ts';

type Hooks = NonNullable<RuntimeConfig['hooks']>;

/** A guard script of that name in the workspace; `body` is sh. */
export async function script(world: World, name: string, body: string): Promise<void> {
  const path = join(world.folder, name);
  await writeFile(path, `#!/bin/sh\n${body}\n`);
  await chmod(path, 0o755);
}

/** A session with hooks of the flags. */
export const withHooks = (hooks: Hooks): { runtime_config: RuntimeConfig } => ({ runtime_config: { hooks } });

const TEAM = teamOf(['shell']);
const RUN = calls('shell', { cmd: 'echo ran > ran' });

export const hookBehaviours: Behaviours = {
  'a guard of the flags denies a call under every mode, and the run goes on': async ({ open }) => {
    const world = await open([RUN, { text: 'done' }]);
    await script(world, 'guard.sh', 'cat > seen.json; echo "not today" >&2; exit 2');
    const runtime = await world.session(TEAM, {
      safety: 'autonomous',
      ...withHooks({
        pre_tool_use: [{ matcher: 'shell|write_.*', hooks: [{ name: 'guard', command: './guard.sh' }] }],
      }),
    });
    const events = await world.run(runtime, 'go');
    expect(stopReason(events)).toBe('normal');
    expect(only(events, 'tool_call_decision')).toMatchObject({
      decision: 'deny',
      source: 'guard',
      layer: 'session',
      rule: '"guard" of this session',
      reason: 'not today',
    });
    expect(only(events, 'hook_blocked')).toMatchObject({
      message: 'not today',
      tool_call: { id: expect.any(String) },
    });
    expect(only(events, 'tool_call_response')['outcome']).toBe('denied');
    const started = only(events, 'hook_started');
    expect(only(events, 'hook_finished')).toMatchObject({
      hook_event: 'pre_tool_use',
      allowed: false,
      message: 'not today',
      invocation_id: started['invocation_id'],
      attempt: 1,
    });
    await expect(readFile(join(world.folder, 'ran'))).rejects.toMatchObject({ code: 'ENOENT' });
    expect(JSON.parse(await readFile(join(world.folder, 'seen.json'), 'utf8'))).toMatchObject({
      session_id: runtime.session_id,
      cwd: world.folder,
      hook_event_name: 'pre_tool_use',
      agent_name: 'root',
      model_id: 'openai/gpt-4o',
      invocation_id: started['invocation_id'],
      attempt: 1,
      tool_name: 'shell',
      tool_use_id: only(events, 'tool_call_response')['tool_call_id'],
      tool_input: { cmd: 'echo ran > ran' },
    });
  },

  'a guard of the team runs where tools act, and one that was edited during the run denies': async ({
    open,
  }) => {
    const world = await open([
      calls('shell', { cmd: 'echo one' }),
      calls('shell', { cmd: 'echo exit 0 | tee guard.sh' }),
      calls('shell', { cmd: 'echo three' }),
      { text: 'done' },
    ]);
    await script(world, 'guard.sh', 'exit 0');
    const team = teamOf(['shell'], {
      agent: ['hooks:', '  pre_tool_use:', '    - hooks:', '        - command: ./guard.sh'],
    });
    const events = await world.run(await world.session(team, { safety: 'autonomous' }), 'go');
    expect(ofType(events, 'tool_call_response').map((event) => event['outcome'])).toEqual([
      'done',
      'done',
      'denied',
    ]);
    expect(only(events, 'hook_blocked')['message']).toMatch(
      /guard\.sh is not what it was when the run began/,
    );
    expect(only(events, 'hooks_pinned')['scripts']).toEqual({
      'guard.sh': expect.stringMatching(/^sha256:/),
    });
    expect(stopReason(events)).toBe('normal');
  },
};
