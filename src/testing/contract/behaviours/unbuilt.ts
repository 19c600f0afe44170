import { expect } from 'vitest';
import { CONTRACT, OPERATIONS, type OperationName } from '../../../protocol/contract/contract.ts';
import { logOf, refused, teamOf, type Behaviours } from '../support.ts';
import { handlerFetch } from '../over-handler.ts';

/** Enough of a request for each operation; the session is put in. */
const SAMPLE: Readonly<Record<string, unknown>> = {
  request_id: 'req_1',
  toolset: 'shell',
  name: 'any',
  format: 'json',
  command: 'true',
  at: 'msg_1',
};

function requestOf(name: OperationName, session_id: string): Record<string, unknown> {
  const shape = Object.keys((CONTRACT[name].request as unknown as { shape: object }).shape);
  return Object.fromEntries(
    shape.flatMap((key) => {
      if (key === 'session_id') return [[key, session_id]];
      return SAMPLE[key] === undefined ? [] : [[key, SAMPLE[key]]];
    }),
  );
}

const LATER = OPERATIONS.filter((name) => !CONTRACT[name].built);

/** What is not built yet answers the same in every place, from the first day (WIRE.md). */
export const unbuiltBehaviours: Behaviours = Object.fromEntries(
  LATER.map((name) => [
    `${name} is unsupported, and changes nothing`,
    async ({ open }) => {
      const world = await open();
      const { session_id } = await world.session(teamOf(['shell']));
      const call = world.transport.call(name, world.context, requestOf(name, session_id));
      const error = await refused(call, 'unsupported', new RegExp(`^${name} is not supported yet$`));
      expect(error.details).toEqual({ feature: name, place: 'yet' });
      const runtime = world.backend.session(session_id) as unknown as Record<string, Method>;
      const method = runtime[CONTRACT[name].method] as Method;
      await refused(method(world.context, requestOf(name, session_id)), 'unsupported', new RegExp(name));
      expect(await logOf(world, session_id)).toHaveLength(1);
      const { features } = await world.backend.capabilities(world.context, {});
      expect(features).not.toContain(name);
    },
  ]),
);

type Method = (context: object, request: object) => Promise<unknown>;

export const unbuiltWire: Behaviours = {
  'what is not built is 501 and not retried': async ({ open }) => {
    expect(LATER.length).toBeGreaterThan(0);
    const world = await open();
    const { session_id } = await world.session(teamOf());
    for (const name of LATER) {
      const response = await handlerFetch(world.inner)(`http://yonder.test/v1/${name}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(requestOf(name, session_id)),
      });
      expect([name, response.status]).toEqual([name, 501]);
      expect(await response.json()).toMatchObject({ error: { code: 'unsupported', retryable: false } });
    }
  },
};
