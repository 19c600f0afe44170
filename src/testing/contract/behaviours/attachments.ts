import { expect } from 'vitest';
import { ofType, only, stopReason, teamOf, type Behaviours } from '../support.ts';
import { collect, type Event, type World } from '../world.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const ZIP = new Uint8Array([0x50, 0x4b, 3, 4, 0, 0, 0xff]);
const OPEN = { model: 'mine/open-model', top: ['providers:', '  mine: {base_url: "http://open.test/v1"}'] };

/** Asks about one file, in a session of its own. */
async function about(
  world: World,
  team: string,
  file: { bytes: Uint8Array; media_type: string; name: string },
): Promise<{ events: Event[]; ask: (content: string) => Promise<Event[]> }> {
  const { media_type, name } = file;
  const { upload_id } = await world.backend.upload(world.context, { media_type, name }, file.bytes);
  const runtime = await world.session(team);
  const part = { type: 'file', upload_id, name, media_type } as const;
  const stream = await runtime.run(world.context, { messages: [{ content: 'what is it?', parts: [part] }] });
  return { events: await collect(stream), ask: (content) => world.run(runtime, content) };
}

/** The last request, as text. */
const sent = (world: World): string => JSON.stringify(world.model.journal.at(-1)?.body);

export const attachmentBehaviours: Behaviours = {
  'a text file goes to every model as text, whatever its type says': async ({ open }) => {
    const world = await open([{ text: 'a' }, { text: 'b' }, { text: 'c' }]);
    const files = [
      { media_type: 'text/csv', name: 'a.csv', bytes: bytesOf('one,two') },
      { media_type: 'application/json', name: 'a.json', bytes: bytesOf('{"three":4}') },
      { media_type: 'application/octet-stream', name: 'Makefile', bytes: bytesOf('all: five') },
    ];
    for (const file of files) {
      const { events } = await about(world, teamOf([], OPEN), file);
      expect(stopReason(events)).toBe('normal');
      expect(sent(world)).toContain(`[The file ${file.name} (${file.media_type}):]`);
    }
    expect(sent(world)).toContain('all: five');
  },

  'a PDF goes to a model that takes it, and is refused for one that does not, before any call': async ({
    open,
  }) => {
    const world = await open([{ text: 'a paper' }, { text: 'fine' }]);
    const pdf = { media_type: 'application/pdf', name: 'paper.pdf', bytes: bytesOf('%PDF-1.7') };
    const claude = await about(world, teamOf([], { model: 'anthropic/claude-haiku-4-5' }), pdf);
    expect(stopReason(claude.events)).toBe('normal');
    expect(sent(world)).toContain('application/pdf');
    const { events, ask } = await about(world, teamOf([], OPEN), pdf);
    expect(stopReason(events)).toBe('error');
    expect(only(events, 'error')).toMatchObject({
      code: 'unsupported',
      error:
        'the file paper.pdf (application/pdf) is not supported by mine/open-model, which takes text and images (png, jpeg, gif, webp); convert it, or use another model',
    });
    expect(world.model.journal.length).toBe(1);
    expect(ofType(events, 'message_added')).toEqual([]);
    // The session goes on: the file is told of, and no longer in the way.
    expect(stopReason(await ask('never mind'))).toBe('normal');
    expect(sent(world)).toContain('paper.pdf (application/pdf) was left out');
  },

  'a file that no model takes is refused by name, type and model': async ({ open }) => {
    const world = await open([]);
    const zip = { media_type: 'application/zip', name: 'all.zip', bytes: ZIP };
    const { events } = await about(world, teamOf([]), zip);
    expect(only(events, 'error')).toMatchObject({
      code: 'unsupported',
      error: expect.stringMatching(
        /^the file all\.zip \(application\/zip\) is not supported by openai\/gpt-4o, which/,
      ),
    });
    expect(world.model.journal).toEqual([]);
  },

  'what the first messages will bring is refused with the session itself, where its models cannot take it':
    async ({ open }) => {
      const world = await open([]);
      const { upload_id } = await world.backend.upload(world.context, { media_type: 'application/pdf' }, ZIP);
      const first_files = [
        { type: 'file' as const, upload_id, name: 'paper.pdf', media_type: 'application/pdf' },
      ];
      const before = await world.backend.listSessions(world.context, {});
      await expect(world.session(teamOf([], OPEN), { first_files })).rejects.toMatchObject({
        code: 'unsupported',
        message: expect.stringMatching(/^the file paper\.pdf .* by mine\/open-model, which takes text and/),
      });
      expect(await world.backend.listSessions(world.context, {})).toEqual(before);
      const helped = { ...OPEN, agent: ['fallback: {models: [anthropic/claude-haiku-4-5]}'] };
      const { session_id } = await world.session(teamOf([], helped), { first_files });
      await expect(
        world.backend.createSession(world.context, { resume_session_id: session_id, first_files }),
      ).rejects.toMatchObject({ code: 'invalid_request' });
    },

  'a fallback that takes the file answers in the place of a model that does not': async ({ open }) => {
    const world = await open([{ text: 'a paper' }]);
    const team = teamOf([], { ...OPEN, agent: ['fallback: {models: [anthropic/claude-haiku-4-5]}'] });
    const pdf = { media_type: 'application/pdf', name: 'paper.pdf', bytes: bytesOf('%PDF-1.7') };
    const { events } = await about(world, team, pdf);
    expect(stopReason(events)).toBe('normal');
    expect(only(events, 'model_fallback')['reason']).toContain('paper.pdf');
    expect(world.model.journal.map(({ wire }) => wire)).toEqual(['anthropic']);
  },
};
