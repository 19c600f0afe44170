import { expect } from 'vitest';
import { INLINE, refused, teamOf, type Behaviours } from '../support.ts';

export const ownIdBehaviours: Behaviours = {
  'a session may be given an id, in a form that no prefix of another has; a taken one is a conflict': async ({
    open,
  }) => {
    const world = await open([{ text: 'ok' }]);
    const request = { source: INLINE(teamOf()), working_dir: world.folder };
    const made = await world.backend.createSession(world.context, { ...request, session_id: 'review-2026' });
    expect(made.session_id).toBe('review-2026');
    await world.run(world.backend.session('review-2026'), 'hello');
    await refused(
      world.backend.createSession(world.context, { ...request, session_id: 'review-2026' }),
      'conflict',
      /there is a session review-2026 already/,
    );
    for (const session_id of ['abc', '-1', 'a..b', '../x', 'a b-c', 'a-', '7-a', `a-${'b'.repeat(70)}`])
      await refused(
        world.backend.createSession(world.context, { ...request, session_id }),
        'invalid_request',
        /session_id/,
      );
    expect((await world.backend.listSessions(world.context, {})).sessions).toHaveLength(1);
  },
};
