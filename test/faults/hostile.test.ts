import { afterAll, beforeAll, expect, test } from 'vitest';
import { handlerOver } from '../../src/testing/contract/over-handler.ts';
import { checkExchange, isStream } from '../../src/testing/sniffer/exchange.ts';
import { cases, tried } from '../long.ts';
import { heldBytes, openGround, type Ground } from './hostile/ground.ts';
import { Random } from './hostile/random.ts';
import { hostileRequest, type HostileRequest } from './hostile/requests.ts';

const COUNT = cases(500, 20_000);
const SEED = Number(process.env['YONDER_SEED'] ?? 20_261_121);
/** What stays may be caches and code that was compiled on the way. */
const KEPT = 24 * 1024 * 1024;

let ground: Ground;
let handler: (request: Request) => Promise<Response>;
beforeAll(async () => {
  ground = await openGround();
  handler = handlerOver(ground.world.inner, { callers: new Map() });
});
afterAll(() => ground.close());

/** What is wrong with the answer, in words; nothing for an error of the table, and for a 2xx where one may be. */
async function faultsOf(hostile: HostileRequest): Promise<{ faults: string[]; status: number }> {
  const { method, target, headers, body } = hostile;
  const url = `http://yonder.test${target}`;
  const response = await handler(
    new Request(url, { method, headers, ...(body === undefined ? {} : { body: body.slice() }) }),
  );
  const { status } = response;
  const streaming = isStream(response);
  const text = streaming ? undefined : await response.text();
  await (streaming ? response.body?.cancel() : undefined);
  const asked = new TextDecoder().decode(body);
  const faults = checkExchange(
    { method, url, headers: new Headers(headers), body: asked },
    { status, headers: response.headers, text },
  );
  const words = text?.slice(0, 300) ?? 'a stream';
  if (hostile.refused && status < 400) faults.push(`it was done: ${words}`);
  if (status >= 500 && status !== 501) faults.push(`${status}: ${words}`);
  return { faults, status };
}

/** How to see it again. */
function shown({ method, target, headers, body }: HostileRequest): string {
  const text = JSON.stringify(new TextDecoder().decode(body));
  return `${method} ${target.slice(0, 300)} ${JSON.stringify(headers).slice(0, 300)} ${text.slice(0, 600)}`;
}

test(
  'every hostile request is answered with an error of the table, and creates nothing',
  { timeout: cases(120_000, 1_800_000) },
  async (context) => {
    const random = new Random(SEED);
    const before = ground.rows();
    const wrong: string[] = [];
    const done: Record<string, number> = {};
    const statuses: Record<string, number> = {};
    let base = 0;
    for (let count = 0; count < COUNT; count += 1) {
      // A fifth of them warm up what is made once.
      if (count === Math.floor(COUNT / 5)) base = heldBytes();
      const hostile = hostileRequest(random, ground.ids);
      const { faults, status } = await faultsOf(hostile);
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (status < 300 && hostile.method === 'POST')
        done[hostile.operation] = (done[hostile.operation] ?? 0) + 1;
      if (faults.length > 0) wrong.push(`${faults.join('; ')}\n  ${shown(hostile)}`);
    }
    expect(wrong.slice(0, 20), `seed ${SEED}, ${wrong.length} of ${COUNT}`).toEqual([]);
    const made = {
      sessions: (done['session_create'] ?? 0) + (done['session_fork'] ?? 0),
      uploads: done['upload_create'] ?? 0,
    };
    const after = ground.rows();
    expect({
      sessions: after['sessions'],
      uploads: after['uploads'],
      blobs: after['blobs'],
      runs: after['runs'],
    }).toEqual({
      sessions: Number(before['sessions']) + made.sessions,
      uploads: Number(before['uploads']) + made.uploads,
      blobs: before['blobs'],
      runs: before['runs'],
    });
    expect(Object.keys(statuses).length).toBeGreaterThan(5);
    expect(heldBytes() - base).toBeLessThan(KEPT);
    tried(context, COUNT);
  },
);
