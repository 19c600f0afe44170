import { expect } from 'vitest';
import type { RequestContext } from '../../../protocol/context.ts';
import { normalise } from '../normalise.ts';
import {
  calls,
  failure,
  lastRequest,
  logOf,
  ofType,
  only,
  refused,
  stopReason,
  teamOf,
  type Behaviours,
} from '../support.ts';
import { collect, type Event, type World } from '../world.ts';

const PNG = new Uint8Array(
  Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  ),
);
const TEAM = teamOf(['think', 'shell']);
const bytesOf = (text: string) => new TextEncoder().encode(text);

/** An answer from a cassette says which interaction it was; nothing else tells it from a live one. */
const withoutPlayed = (events: Event[]): Event[] =>
  events.map(({ played: _played, ...event }) => event as Event);

async function upload(world: World, bytes: Uint8Array, media_type: string, name?: string, key?: string) {
  const context: RequestContext = {
    ...world.context,
    ...(key === undefined ? {} : { idempotency_key: key }),
  };
  return world.backend.upload(context, { media_type, ...(name === undefined ? {} : { name }) }, bytes);
}

export const contentBehaviours: Behaviours = {
  'an image reaches the model, and its bytes can be fetched from the session': async ({ open }) => {
    const world = await open([{ text: 'a dot' }]);
    const { upload_id, size, sha256 } = await upload(world, PNG, 'image/png', 'dot.png');
    expect({ size, sha256 }).toEqual({
      size: PNG.byteLength,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const runtime = await world.session(TEAM);
    const part = { type: 'file', upload_id, name: 'dot.png', media_type: 'image/png' } as const;
    const events = await collect(
      await runtime.run(world.context, { messages: [{ content: 'what is it?', parts: [part] }] }),
    );
    expect(stopReason(events)).toBe('normal');
    const [stored] = only(events, 'user_message')['multi_content'] as { blob_id: string }[];
    expect(JSON.stringify(events)).not.toContain('iVBORw0KGgo');
    const blob = await runtime.blob(world.context, { id: stored?.blob_id ?? '' });
    expect(new Uint8Array(blob.bytes)).toEqual(PNG);
    expect(blob).toMatchObject({ media_type: 'image/png', name: 'dot.png' });
    expect(JSON.stringify(world.model.journal[0]?.body)).toContain('data:image/png;base64,iVBORw0KGgo');
  },

  'a blob of one session is not one of another': async ({ open }) => {
    const world = await open([{ text: 'a dot' }]);
    const { upload_id } = await upload(world, PNG, 'image/png');
    const runtime = await world.session(TEAM);
    const part = { type: 'file', upload_id, name: 'dot.png', media_type: 'image/png' } as const;
    const events = await collect(
      await runtime.run(world.context, { messages: [{ content: 'look', parts: [part] }] }),
    );
    const [stored] = only(events, 'user_message')['multi_content'] as { blob_id: string }[];
    const other = await world.session(TEAM);
    await refused(other.blob(world.context, { id: stored?.blob_id ?? '' }), 'not_found', /has no blob/);
  },

  'an upload under the same key is kept once': async ({ open }) => {
    const world = await open();
    const first = await upload(world, PNG, 'image/png', 'dot.png', 'upload-1');
    expect(await upload(world, PNG, 'image/png', 'dot.png', 'upload-1')).toEqual(first);
    await refused(
      upload(world, bytesOf('other'), 'image/png', 'dot.png', 'upload-1'),
      'idempotency_conflict',
      /key/,
    );
  },

  'an upload that nobody made is not found, and no run begins': async ({ open }) => {
    const world = await open();
    const runtime = await world.session(TEAM);
    const part = { type: 'file', upload_id: 'upl_none', name: 'x', media_type: 'image/png' } as const;
    await refused(
      runtime.run(world.context, { messages: [{ content: 'look', parts: [part] }] }),
      'not_found',
      /upl_none/,
    );
    expect((await runtime.open(world.context, {})).session.state).toBe('idle');
  },

  'prompt files of the client reach the model as part of the instructions': async ({ open }) => {
    const world = await open([{ text: 'ok' }]);
    const { upload_id } = await upload(world, bytesOf('Always say please.'), 'text/markdown', 'MANNERS.md');
    const runtime = await world.session(TEAM, { prompt_files: [{ name: 'MANNERS.md', upload_id }] });
    await world.run(runtime, 'hello');
    const system = lastRequest(world).filter(({ role }) => role === 'system' || role === 'developer');
    expect(system.map(({ text }) => text).join('\n')).toContain('Always say please.');
    expect(system.map(({ text }) => text).join('\n')).toContain('MANNERS.md');
  },

  'a prompt file counts from a resume on, with the pinned team, and stands in the place of an earlier one':
    async ({ open }) => {
      const world = await open([{ text: 'one' }, { text: 'two' }]);
      const file = async (name: string, text: string) => {
        const { upload_id } = await upload(world, bytesOf(text), 'text/markdown', name);
        return [{ name, upload_id }];
      };
      const runtime = await world.session(TEAM, { prompt_files: await file('a.md', 'Answer in rhymes.') });
      await world.run(runtime, 'hi');
      const resume_session_id = runtime.session_id;
      await world.backend.createSession(world.context, { resume_session_id });
      await world.backend.createSession(world.context, {
        resume_session_id,
        prompt_files: await file('b.md', 'Answer in numbers.'),
      });
      await world.run(runtime, 'again');
      expect(JSON.stringify(world.model.journal[0]?.body)).toContain('Answer in rhymes.');
      expect(JSON.stringify(lastRequest(world))).toContain('Answer in numbers.');
      expect(JSON.stringify(lastRequest(world))).not.toContain('Answer in rhymes.');
      expect(ofType(await logOf(world, resume_session_id), 'team_changed')).toHaveLength(1);
    },

  'a prompt file that is no text, or too long, is refused before anything begins': async ({ open }) => {
    const world = await open([]);
    const latin = await upload(world, new Uint8Array([0x61, 0xe9]), 'text/markdown');
    const long = await upload(world, new Uint8Array(1024 * 1024 + 1).fill(97), 'text/markdown');
    const begin = (upload_id: string) => world.session(TEAM, { prompt_files: [{ name: 'a.md', upload_id }] });
    await refused(begin(latin.upload_id), 'invalid_request', /a\.md is no UTF-8 text/);
    await refused(begin(long.upload_id), 'payload_too_large', /has 1048577 bytes; one has at most 1048576/);
    expect((await world.backend.listSessions(world.context, {})).sessions).toEqual([]);
  },

  'a blob ends with its session': async ({ open }) => {
    const world = await open([{ text: 'ok' }]);
    const runtime = await world.session(TEAM);
    const { upload_id } = await upload(world, PNG, 'image/png', 'dot.png');
    const part = { type: 'file', upload_id, name: 'dot.png', media_type: 'image/png' } as const;
    const events = await collect(
      await runtime.run(world.context, { messages: [{ content: 'see', parts: [part] }] }),
    );
    const [stored] = only(events, 'user_message')['multi_content'] as { blob_id: string }[];
    await world.backend.deleteSessions(world.context, { session_id: runtime.session_id });
    await refused(runtime.blob(world.context, { id: stored?.blob_id ?? '' }), 'not_found', /no session/);
  },

  'a prompt file of the workspace is read there; one that is missing or is cut is a warning': async ({
    open,
  }) => {
    const { writeFile } = await import('node:fs/promises');
    const world = await open([{ text: 'ok' }]);
    await writeFile(`${world.folder}/AGENTS.md`, 'Be brief.');
    // The limit lies in the middle of a character.
    await writeFile(`${world.folder}/LONG.md`, `x${'é'.repeat(131_072)}y`);
    const team = teamOf([], { agent: ['add_prompt_files: [AGENTS.md, NONE.md, LONG.md]'] });
    const events = await world.run(await world.session(team), 'hello');
    const asked = JSON.stringify(world.model.journal[0]?.body);
    expect(asked).toContain('Be brief.');
    expect(asked.split('é').length - 1).toBe(131_071);
    expect(asked).not.toContain('\uFFFD');
    expect(ofType(events, 'warning').map((event) => event['message'])).toEqual([
      expect.stringContaining('NONE.md'),
      'prompt file LONG.md: it has 262146 bytes; only its first 256 KiB go to the model; shorten it',
    ]);
  },

  'a run is recorded, and plays again without a key and without a model': async ({ open }) => {
    const turns = [
      calls('shell', { cmd: 'pwd' }),
      { reasoning: 'hm', ...calls('think', { thought: 'a thought' }) },
      { text: 'done' },
    ];
    const world = await open(turns);
    const recorded = await world.session(TEAM, { runtime_config: { cassette: { mode: 'record' } } });
    const first = await world.run(recorded, 'go');
    expect(stopReason(first)).toBe('normal');
    const cassette = await recorded.cassette(world.context, {});
    const text = new TextDecoder().decode(cassette.bytes);
    expect(text).toMatch(/^# yonder cassette/);
    expect(text).not.toContain('test-key');
    expect(text).not.toMatch(/authorization/i);

    const player = await open();
    const { upload_id } = await upload(player, cassette.bytes, 'application/yaml');
    const runtime = await player.session(TEAM, {
      runtime_config: { cassette: { mode: 'replay', upload_id } },
    });
    const second = await player.run(runtime, 'go');
    expect(player.model.journal).toEqual([]);
    expect(withoutPlayed(normalise(second, player.folder))).toEqual(normalise(first, world.folder));
  },

  'a cassette plays where other keys are set, and where none is': async ({ open }) => {
    const world = await open([calls('shell', { cmd: 'pwd' }), { text: 'done' }]);
    const recorded = await world.session(TEAM, { runtime_config: { cassette: { mode: 'record' } } });
    await world.run(recorded, 'go');
    const { bytes } = await recorded.cassette(world.context, {});
    for (const env of [
      { OPENAI_API_KEY: undefined, ANTHROPIC_API_KEY: undefined },
      { MISTRAL_API_KEY: 'another' },
    ]) {
      const player = await open([], { env });
      const { upload_id } = await upload(player, bytes, 'application/yaml');
      const runtime = await player.session(TEAM, {
        runtime_config: { cassette: { mode: 'replay', upload_id } },
      });
      expect((await player.run(runtime, 'go')).at(-1)).toMatchObject({ reason: 'normal' });
    }
  },

  'a request that was not recorded fails the run, naming its number and no file': async ({ open }) => {
    const world = await open([{ text: 'done' }]);
    const recorded = await world.session(TEAM, { runtime_config: { cassette: { mode: 'record' } } });
    await world.run(recorded, 'go');
    const { bytes } = await recorded.cassette(world.context, {});
    const { upload_id } = await upload(world, bytes, 'application/yaml');
    const runtime = await world.session(TEAM, {
      runtime_config: { cassette: { mode: 'replay', upload_id } },
    });
    const events = await world.run(runtime, 'something else');
    expect(stopReason(events)).toBe('error');
    const error = only(events, 'error');
    expect(error['code']).toBe('model_error');
    expect(error['error']).toMatch(/1/);
    expect(error['error']).not.toContain(upload_id);
    expect(world.model.journal).toHaveLength(1);
  },

  'a session that goes on with another cassette plays it from its beginning, and the log says which': async ({
    open,
  }) => {
    const world = await open([{ text: 'first' }, { text: 'second' }]);
    const record = async (message: string) => {
      const session = await world.session(TEAM, { runtime_config: { cassette: { mode: 'record' } } });
      await world.run(session, message);
      return upload(world, (await session.cassette(world.context, {})).bytes, 'application/yaml');
    };
    const replaying = (upload_id: string) =>
      ({ runtime_config: { cassette: { mode: 'replay', upload_id, match: 'order' } } }) as const;
    const [first, second] = [await record('one'), await record('two')];
    const { session_id } = await world.session(TEAM, replaying(first.upload_id));
    const runtime = world.backend.session(session_id);
    expect(JSON.stringify(await world.run(runtime, 'one'))).toContain('first');
    const resume = (upload_id: string) =>
      world.backend.createSession(world.context, {
        resume_session_id: session_id,
        ...replaying(upload_id),
      });
    await resume(second.upload_id);
    const events = await world.run(runtime, 'two');
    expect(stopReason(events)).toBe('normal');
    expect(JSON.stringify(events)).toContain('second');
    await resume(second.upload_id);
    expect(stopReason(await world.run(runtime, 'three'))).toBe('error');
    const settings = (await logOf(world, session_id)).filter((event) => event.type === 'settings_changed');
    expect(settings.flatMap((event) => event['cassette'] ?? [])).toEqual([first.sha256, second.sha256]);
  },

  'a cassette that is none is refused where the session would begin': async ({ open }) => {
    const world = await open();
    const { upload_id } = await upload(world, bytesOf('version: 1\ninteractions: 7\n'), 'application/yaml');
    const error = await failure(
      world.session(TEAM, { runtime_config: { cassette: { mode: 'replay', upload_id } } }),
    );
    expect(error.code).toBe('invalid_request');
    expect((await world.backend.listSessions(world.context, {})).sessions).toEqual([]);
  },

  'a session that recorded nothing has no cassette': async ({ open }) => {
    const world = await open();
    const runtime = await world.session(TEAM);
    await refused(runtime.cassette(world.context, {}), 'not_found', /recorded nothing/);
  },

  'output that is longer than the model reads is cut for it and says so': async ({ open }) => {
    const world = await open([calls('shell', { cmd: 'seq 1 40000' }), { text: 'long' }]);
    const events = await world.run(await world.session(TEAM, { safety: 'autonomous' }), 'go');
    const response = String(only(events, 'tool_call_response')['response']);
    expect(response.length).toBeLessThan(32_000);
    expect(response).toContain('40000');
    expect(Math.max(...events.map((event) => JSON.stringify(event).length))).toBeLessThan(1_048_576);
  },
};
