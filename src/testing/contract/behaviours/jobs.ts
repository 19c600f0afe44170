import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Runtime } from '../../../protocol/backend.ts';
import {
  calls,
  logOf,
  ofType,
  only,
  refused,
  stopReason,
  teamOf,
  Watcher,
  type Behaviours,
} from '../support.ts';
import { collect, type Event, type World } from '../world.ts';

const TEAM = teamOf(['shell']);
const YOLO = { safety: 'autonomous' } as const;
const SERVER = 'echo up; echo $$ > pid; sleep 60';
const start = (cmd: string) => calls('run_background_job', { cmd });
const view = calls('view_background_job', { job_id: 'job_1' });

function responses(events: readonly Event[]): string[] {
  return ofType(events, 'tool_call_response').map((event) => String(event['response']));
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('what was waited for did not come within 10 s');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The number of the job's process, once it has written it. */
async function processOf(folder: string): Promise<number> {
  const file = join(folder, 'pid');
  await until(() => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n'));
  return Number(readFileSync(file, 'utf8'));
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function ended(world: World, runtime: Runtime): Promise<Event> {
  await until(async () => ofType(await logOf(world, runtime.session_id), 'background_job').length > 0);
  return only(await logOf(world, runtime.session_id), 'background_job');
}

export const jobBehaviours: Behaviours = {
  'a background job outlives its run, is seen in the next one, and ends with the process that owns the session':
    async ({ open }) => {
      const data = await mkdtemp(join(tmpdir(), 'yonder-jobs-'));
      const folder = await mkdtemp(join(tmpdir(), 'yonder-work-'));
      try {
        const first = await open([start(SERVER), { text: 'it runs' }, view, { text: 'seen' }], {
          data,
          folder,
        });
        const runtime = await first.session(TEAM, YOLO);
        expect(responses(await first.run(runtime, 'go'))[0]).toMatch(/^Started job_1\./);
        const pid = await processOf(folder);
        expect(responses(await first.run(runtime, 'look'))).toEqual([`job_1: running: ${SERVER}\nup`]);
        expect(lives(pid)).toBe(true);
        await first.close();
        expect(lives(pid)).toBe(false);
        const second = await open([view, { text: 'it is gone' }], { data, folder });
        await second.backend.createSession(second.context, { resume_session_id: runtime.session_id });
        const events = await second.run(second.backend.session(runtime.session_id), 'look again');
        expect(responses(events)[0]).toBe(
          `job_1: stopped by the end of the process that owned the session: ${SERVER}\nup`,
        );
      } finally {
        await rm(data, { recursive: true, force: true });
        await rm(folder, { recursive: true, force: true });
      }
    },

  'with keep_jobs a job goes on when its process ends, and the next one finds it and its end': async ({
    open,
  }) => {
    const data = await mkdtemp(join(tmpdir(), 'yonder-jobs-'));
    const folder = await mkdtemp(join(tmpdir(), 'yonder-work-'));
    try {
      const first = await open(
        [start('echo up; until [ -e go ]; do sleep 0.02; done; echo down; exit 4'), { text: 'it runs' }],
        { data, folder },
      );
      const runtime = await first.session(TEAM, { ...YOLO, runtime_config: { keep_jobs: true } });
      await first.run(runtime, 'go');
      await first.close();
      const second = await open([view, { text: 'it runs' }, view, { text: 'it ended' }], { data, folder });
      await second.backend.createSession(second.context, {
        resume_session_id: runtime.session_id,
        ...YOLO,
      });
      const again = second.backend.session(runtime.session_id);
      expect(responses(await second.run(again, 'look'))[0]).toContain('job_1: running');
      await writeFile(join(folder, 'go'), '');
      expect(await ended(second, again)).toMatchObject({
        job_id: 'job_1',
        end: { outcome: 'exited', exit_code: 4 },
      });
      expect(responses(await second.run(again, 'look'))[0]).toMatch(
        /^job_1: ended with exit code 4: .*\nup\ndown$/,
      );
    } finally {
      await rm(data, { recursive: true, force: true });
      await rm(folder, { recursive: true, force: true });
    }
  },

  'an interrupt leaves background jobs alone unless it includes them, also when nothing runs': async ({
    open,
  }) => {
    const world = await open([start(SERVER), calls('shell', { cmd: 'sleep 60', timeout: 90 })]);
    const runtime = await world.session(TEAM, YOLO);
    const watcher = new Watcher(await runtime.run(world.context, { messages: [{ content: 'go' }] }));
    await watcher.until('tool_call_response');
    const pid = await processOf(world.folder);
    await watcher.until('tool_call_started');
    await runtime.interrupt(world.context, {});
    expect(stopReason(await watcher.rest())).toBe('canceled');
    expect(lives(pid)).toBe(true);
    expect(await runtime.interrupt(world.context, {})).toEqual({ was_running: false });
    const answer = await runtime.interrupt(world.context, { include_background: true });
    expect(answer).toMatchObject({ was_running: false, input_id: expect.any(String) });
    expect(await ended(world, runtime)).toMatchObject({
      job_id: 'job_1',
      end: { outcome: 'cancelled', by: 'an interrupt' },
    });
    expect(lives(pid)).toBe(false);
    expect(await runtime.interrupt(world.context, { include_background: true })).toEqual({
      was_running: false,
    });
  },

  'deleting a session leaves nothing of it: its jobs end, and their output and the files of its messages are gone':
    async ({ open }) => {
      const world = await open([start(SERVER), { text: 'it runs' }]);
      const { backend, context, data } = world;
      const runtime = await world.session(TEAM, YOLO);
      const { upload_id } = await backend.upload(context, { media_type: 'text/plain' }, Buffer.from('mine'));
      const part = { type: 'file', upload_id, name: 'a.txt', media_type: 'text/plain' } as const;
      const message = { content: 'go', parts: [part] };
      await collect(await runtime.run(context, { messages: [message] }));
      const pid = await processOf(world.folder);
      expect(existsSync(join(data, 'spool', runtime.session_id))).toBe(true);
      await backend.deleteSessions(context, { session_id: runtime.session_id });
      expect(lives(pid)).toBe(false);
      expect(existsSync(join(data, 'spool', runtime.session_id))).toBe(false);
      const again = await world.session(TEAM, YOLO);
      await refused(again.run(context, { messages: [message] }), 'not_found', /upload/);
    },

  'a rule about shell lines binds background jobs too': async ({ open }) => {
    const world = await open([start('touch made'), start('sh -c "$X"'), start('ls'), { text: 'done' }]);
    const runtime = await world.session(TEAM, { ...YOLO, permissions: { deny: ['shell:cmd=touch *'] } });
    const events = await world.run(runtime, 'go');
    expect(ofType(events, 'tool_call_response').map((event) => event['outcome'])).toEqual([
      'denied',
      'refused',
      'done',
    ]);
    expect(existsSync(join(world.folder, 'made'))).toBe(false);
  },

  'looking at a background job again and again is no loop': async ({ open }) => {
    const world = await open([start(SERVER), ...Array.from({ length: 7 }, () => view), { text: 'enough' }]);
    const events = await world.run(await world.session(TEAM, YOLO), 'go');
    expect(stopReason(events)).toBe('normal');
  },
};
