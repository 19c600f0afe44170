import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { RuntimeConfig } from '../../../protocol/contract/payloads.ts';
import type { ScriptedTurn } from '../../model-server/script.ts';
import { logOf, ofType, stopReason, teamOf, Watcher, type Behaviours, type Stage } from '../support.ts';
import type { Event, World } from '../world.ts';
import { recording, seen } from './hook-moments.ts';

interface Restarted {
  log: Event[];
  before: World;
  after: World;
}

/** A run whose process ends at an event of that type, and is gone on with by another one. */
async function restarted(
  { open }: Stage,
  request: { runtime_config: RuntimeConfig },
  turns: ScriptedTurn[],
  until: string,
  look: (restart: Restarted) => Promise<void>,
): Promise<void> {
  const data = await mkdtemp(join(tmpdir(), 'yonder-data-'));
  const folder = await mkdtemp(join(tmpdir(), 'yonder-work-'));
  try {
    const before = await open(turns, { data, folder });
    const { session_id, ...runtime } = await begun(before, request);
    await runtime.watcher.until(until);
    await runtime.watcher.close();
    await before.close();
    const after = await open([{ text: 'done' }], { data, folder });
    const resumed = await after.backend.createSession(after.context, { resume_session_id: session_id });
    const follow = after.backend
      .session(session_id)
      .follow(after.context, { after: 0, run_id: String(resumed.recovered?.run_id) });
    await new Watcher(follow).rest();
    await look({ log: await logOf(after, session_id), before, after });
    await after.close();
  } finally {
    await rm(data, { recursive: true, force: true });
    await rm(folder, { recursive: true, force: true });
  }
}

async function begun(
  world: World,
  request: { runtime_config: RuntimeConfig },
): Promise<{ session_id: string; watcher: Watcher }> {
  const runtime = await world.session(teamOf(['think']), request);
  const watcher = new Watcher(await runtime.run(world.context, { messages: [{ content: 'go' }] }));
  return { session_id: runtime.session_id, watcher };
}

export const hookRestartBehaviours: Behaviours = {
  'a model call that is made again gets what hooks added, and nothing is told twice': async (stage) => {
    const moments = ['session_start', 'user_prompt_submit', 'turn_start', 'turn_end', 'session_end'] as const;
    const drawn = { command: 'echo "drawn $(cat /proc/sys/kernel/random/uuid)"' };
    const request = recording(moments, {
      session_start: [drawn],
      user_prompt_submit: [drawn],
      turn_start: [drawn],
    });
    await restarted(
      stage,
      request,
      [{ hang_after: 'before' }],
      'model_call',
      async ({ log, before, after }) => {
        expect(stopReason(log)).toBe('normal');
        const drawnIn = (world: World) =>
          JSON.stringify(world.model.journal[0]?.body).match(/drawn [0-9a-f-]{36}/g);
        const [one] = ofType(log, 'model_call');
        expect(ofType(log, 'model_call').map(({ hook_context }) => hook_context)).toEqual([
          one?.['hook_context'],
          one?.['hook_context'],
        ]);
        expect(drawnIn(after)).toHaveLength(3);
        // The process may have ended before its request was sent.
        if (before.model.journal.length > 0) expect(drawnIn(after)).toEqual(drawnIn(before));
        const names = (await seen(after)).map(({ hook_event_name, reason }) => [hook_event_name, reason]);
        expect(names).toEqual([
          ['session_start', undefined],
          ['user_prompt_submit', undefined],
          ['turn_start', undefined],
          ['turn_end', 'normal'],
          ['session_end', 'normal'],
        ]);
      },
    );
  },

  'a hook that may say no and was cut is asked again, one that is only told is not': async (stage) => {
    const once = `case "$(cat)" in *'"attempt":1'*) sleep 30;; esac`;
    const cut = (event: 'before_llm_call' | 'turn_start', look: (restart: Restarted) => Promise<void>) => {
      const command = event === 'before_llm_call' ? `${once}; echo no >&2; exit 2` : once;
      return restarted(
        stage,
        { runtime_config: { hooks: { [event]: [{ command }] } } },
        [],
        'hook_started',
        look,
      );
    };
    await cut('before_llm_call', async ({ log }) => {
      expect(stopReason(log)).toBe('hook_blocked');
      expect(ofType(log, 'hook_started').map(({ attempt }) => attempt)).toEqual([1, 2]);
    });
    await cut('turn_start', async ({ log }) => {
      expect(stopReason(log)).toBe('normal');
      expect(ofType(log, 'hook_started').map(({ attempt }) => attempt)).toEqual([1]);
      expect(ofType(log, 'warning').map(({ message }) => message)).toEqual([
        expect.stringContaining('it was cut off with the process that ran it, and is not run again'),
      ]);
    });
  },
};
