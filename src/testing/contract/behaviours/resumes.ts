import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { openStore } from '../../../session/index.ts';
import { calls, ofType, logOf, refused, teamOf, Watcher, type Behaviours } from '../support.ts';

export const resumeBehaviours: Behaviours = {
  'a resume that comes while another process still finishes its work there waits, and then applies its flags':
    async ({ open }) => {
      const world = await open();
      const { session_id } = await world.session(teamOf());
      const other = await openStore({ path: join(world.data, 'session.db') });
      try {
        const held = await other.acquireLease(session_id);
        if (held.kind !== 'acquired') throw new Error('an idle session has an owner');
        const resumed = world.backend.createSession(world.context, {
          resume_session_id: session_id,
          safety: 'strict',
        });
        const first = await Promise.race([
          resumed.then(() => 'resumed'),
          logOf(world, session_id).then(() => 'read'),
        ]);
        expect(first).toBe('read');
        await other.releaseLease(session_id, held.epoch);
        expect((await resumed).safety).toBe('strict');
      } finally {
        await other.close();
      }
      const changes = ofType(await logOf(world, session_id), 'settings_changed');
      expect(changes.map(({ safety }) => safety)).toEqual([undefined, 'strict']);
    },

  'what comes into the inbox while a session is resumed waits for the resume': async ({ open }) => {
    const world = await open([calls('run_background_job', { cmd: 'true' }), { text: 'it runs' }]);
    const runtime = await world.session(teamOf(['shell']), { safety: 'autonomous' });
    await world.run(runtime, 'go');
    const resume_session_id = runtime.session_id;
    for (const safety of ['strict', 'restricted', 'strict', 'restricted'] as const) {
      const [resumed] = await Promise.all([
        world.backend.createSession(world.context, { resume_session_id, safety }),
        runtime.setTitle(world.context, { title: safety }),
        runtime.setStarred(world.context, { starred: true }),
      ]);
      expect(resumed.safety).toBe(safety);
    }
  },

  'a resume that is asked for again under its key is one resume, and names the run that it recovered':
    async ({ open }) => {
      const made = ['data', 'work'].map((name) => mkdtemp(join(tmpdir(), `yonder-${name}-`)));
      const [data = '', folder = ''] = await Promise.all(made);
      try {
        const first = await open([calls('shell', { cmd: 'touch a' })], { data, folder });
        const cut = await first.session(teamOf(['shell']), { unattended: 'wait' });
        const watcher = new Watcher(await cut.run(first.context, { messages: [{ content: 'go' }] }));
        const { run_id, request_id } = await watcher.until('tool_call_confirmation');
        await first.close();
        const { backend, context, ...second } = await open([{ text: 'done' }], { data, folder });
        const keyed = { ...context, idempotency_key: 'again' };
        const request = { resume_session_id: cut.session_id, unattended: 'wait' } as const;
        const [one, two] = await Promise.all([
          backend.createSession(keyed, request),
          backend.createSession(keyed, request),
        ]);
        expect(one.recovered).toMatchObject({ run_id });
        expect(two.recovered).toEqual(one.recovered);
        const runtime = backend.session(cut.session_id);
        await refused(
          backend.createSession(keyed, { ...request, title: 'x' }),
          'idempotency_conflict',
          /again/,
        );
        const rest = new Watcher(runtime.follow(context, { ...one.recovered }));
        await runtime.answer(context, { request_id: String(request_id), decision: 'approve' });
        expect((await rest.rest()).at(-1)).toMatchObject({ run_id, reason: 'normal' });
        expect((await backend.createSession(keyed, request)).recovered).toEqual(one.recovered);
        const log = await logOf({ backend, context, ...second }, cut.session_id);
        expect(ofType(log, 'run_recovered')).toHaveLength(1);
      } finally {
        for (const path of [data, folder]) await rm(path, { recursive: true, force: true });
      }
    },
};
