import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LOCAL_CONTEXT } from '../../src/protocol/context.ts';
import type { Models } from '../../src/model/index.ts';
import type { Runtime } from '../../src/protocol/backend.ts';
import { openBackend } from '../backend.ts';
import { type Row, wall } from '../row.ts';
import { finishPart, scriptedModels } from '../scripted.ts';

const calls = 40;

/** So many turns with a call each, then an end; again and again. */
function models(): Models {
  let turn = 0;
  return scriptedModels(async function* () {
    turn += 1;
    const updates = [{ id: 'todo_1', status: turn % 2 === 0 ? 'pending' : 'in-progress' }];
    const args = JSON.stringify(turn === 1 ? { descriptions: ['the only item'] } : { updates });
    const name = turn === 1 ? 'create_todos' : 'update_todos';
    if (turn % (calls + 1) === 0) yield finishPart('done');
    else yield finishPart('on it', { id: `call_${turn}`, name, arguments: args });
  });
}

async function runOnce(runtime: Runtime): Promise<void> {
  const run = await runtime.run(LOCAL_CONTEXT, { messages: [{ content: 'Keep the list.' }] });
  for await (const _event of run);
}

async function spawned(script: string, input: string): Promise<void> {
  const child = spawn(script, [], { stdio: 'pipe' });
  child.stdout.resume();
  child.stderr.resume();
  child.stdin.end(input);
  await once(child, 'close');
}

/** What the hook adds to a run, call by call, against the same number of processes that are given the same input and waited for. */
export const row: Row = {
  what: 'a command hook on every tool call, above the run without it',
  against: '`spawn` of the same command',
  bars: { wall: { ratio: 1.2, direction: 'at most' } },
  rounds: 7,
  async prepare() {
    const folder = await mkdtemp(path.join(tmpdir(), 'yonder-bench-'));
    const script = path.join(folder, 'guard.sh');
    await writeFile(script, '#!/bin/sh\nread -r input\nexit 0\n');
    await chmod(script, 0o755);
    const hooks = { pre_tool_use: [{ hooks: [{ command: script }] }] };
    const hooked = await openBackend(models);
    const plain = await openBackend(models);
    const guarded = await hooked.session({ runtime_config: { hooks } });
    const free = await plain.session();
    const input = `${JSON.stringify({ tool_input: { updates: [] }, session_id: 'x'.repeat(300) })}\n`;
    return {
      ours: async () => {
        const without = await wall(() => runOnce(free));
        return { wall: (await wall(() => runOnce(guarded))) - without };
      },
      base: async () => ({
        wall: await wall(async () => {
          for (let done = 0; done < calls; done += 1) await spawned(script, input);
        }),
      }),
      async close() {
        await hooked.close();
        await plain.close();
        await rm(folder, { recursive: true });
      },
    };
  },
};
