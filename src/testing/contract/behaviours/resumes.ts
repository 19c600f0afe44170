import { join } from 'node:path';
import { expect } from 'vitest';
import { openStore } from '../../../session/index.ts';
import { calls, ofType, logOf, teamOf, type Behaviours } from '../support.ts';

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
};
