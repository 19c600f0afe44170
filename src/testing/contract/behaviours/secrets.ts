import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { only, ofType, refused, stopReason, teamOf, uncut, type Behaviours, type Stage } from '../support.ts';
import { collect, type Event, type World } from '../world.ts';

const KEY = 'sk-canary-7Qd9Vx2LmN4pR8tZ';
const GIVEN = 'gvn-canary-a1b2c3d4e5f6';
const SHORT = 'tiny-1';
const PLACE = '[redacted:OPENAI_API_KEY]';
const TEAM = teamOf(['shell', 'filesystem'], {
  top: ['permissions:', '  allow: ["*"]'],
});

function opened({ open }: Stage, turns: Parameters<Stage['open']>[0]): Promise<World> {
  return open(turns, { env: { OPENAI_API_KEY: KEY } });
}

/** Everything that the Host keeps on disk, its WAL and spool included. */
export async function kept(world: World): Promise<string> {
  const names = await readdir(world.data, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile());
  const texts = await Promise.all(
    files.map(
      async (entry) => `${entry.name}\n${await readFile(join(entry.parentPath, entry.name), 'latin1')}`,
    ),
  );
  return texts.join('\n');
}

async function previewsOf(world: World, session_id: string, after: number, run_id: string): Promise<Event[]> {
  return collect(world.backend.session(session_id).follow(world.context, { after, run_id }));
}

/** What previews say of one text, put together by their offsets. */
function previewed(events: readonly Event[], type: string, pick: (event: Event) => string): string {
  let text = '';
  for (const event of ofType(events, type)) {
    expect(event['offset']).toBe(text.length);
    text += pick(event);
  }
  return text;
}

export const secretBehaviours: Behaviours = {
  'a key that a tool prints is in no event, preview, file of the store or request to the model': uncut(
    async (stage) => {
      const world = await opened(stage, [
        {
          tool_calls: [
            { name: 'shell', arguments: { cmd: 'cat key.txt; printf %s sk-cana; sleep 0.05; cat rest' } },
          ],
        },
        { tool_calls: [{ name: 'read_file', arguments: { path: 'key.txt' } }] },
        { text: 'done' },
      ]);
      await writeFile(join(world.folder, 'key.txt'), `the key is ${KEY}.\n`);
      await writeFile(join(world.folder, 'rest'), KEY.slice('sk-cana'.length));
      const runtime = await world.session(TEAM, { safety: 'autonomous' });
      const events = await world.run(runtime, 'show me the key');
      expect(stopReason(events)).toBe('normal');
      const shown = previewed(events, 'tool_call_output', (event) =>
        event['tool_call_id'] === ofType(events, 'tool_call_response')[0]?.['tool_call_id']
          ? String(event['output'])
          : '',
      );
      expect(shown).toBe(`the key is ${PLACE}.\n${PLACE}`);
      const [first, second] = ofType(events, 'tool_call_response');
      expect(first?.['response']).toBe(`the key is ${PLACE}.\n${PLACE}`);
      expect(String(second?.['response'])).toContain(`the key is ${PLACE}.`);
      expect(JSON.stringify(events)).not.toContain(KEY);
      expect(JSON.stringify(world.model.journal.map(({ body }) => body))).not.toContain(KEY);
      expect(await kept(world)).not.toContain(KEY);
    },
  ),

  'a key that a model says in pieces of any size is in no preview, message, title or recording': uncut(
    async (stage) => {
      const text = `It is ${KEY}, and again ${KEY}`;
      for (const delta_size of [1, 5, 200]) {
        const world = await opened(stage, [
          { text, delta_size },
          { tool_calls: [{ name: 'shell', arguments: { cmd: `echo ${KEY}` } }], delta_size },
          { text: 'done' },
        ]);
        const runtime = await world.session(TEAM, {
          safety: 'autonomous',
          runtime_config: { cassette: { mode: 'record' } },
        });
        const events = await world.run(runtime, `my key is ${KEY}`);
        const shown = previewed(events, 'agent_choice', (event) => String(event['content']));
        expect(shown).toBe(`It is ${PLACE}, and again ${PLACE}`);
        expect(only(events, 'message_added')['message']).toMatchObject({ content: shown });
        expect(only(events, 'user_message')['message']).toBe(`my key is ${PLACE}`);
        const second = await world.run(runtime, 'run it');
        expect(JSON.stringify([events, second])).not.toContain(KEY);
        const recorded = await runtime.cassette(world.context, {});
        const cassette = new TextDecoder().decode(recorded.bytes);
        const said = [...cassette.matchAll(/\\?"(?:content|arguments)\\?":\s*\\?"((?:[^"\\]|\\\\.)*?)\\?"/g)];
        expect(said.map(([, piece]) => piece).join('')).not.toContain(KEY);
        expect(cassette).not.toContain(KEY);
        const { sessions } = await world.backend.listSessions(world.context, {});
        expect(JSON.stringify(sessions)).not.toContain(KEY);
        expect(await kept(world)).not.toContain(KEY);
      }
    },
  ),

  'a key in the words of an error is in no event, and in no answer': async (stage) => {
    const world = await opened(stage, [
      { status: 401, error: { message: `Incorrect API key provided: ${KEY}`, code: 'invalid_api_key' } },
    ]);
    const runtime = await world.session(TEAM);
    const events = await world.run(runtime, 'hi');
    expect(String(only(events, 'error')['error'])).toContain('provided: [redacted');
    expect(JSON.stringify(events)).not.toContain(KEY);
    const error = await refused(
      runtime.setAgent(world.context, { agent_name: KEY }),
      'not_found',
      /no agent/,
    );
    expect(error.message).toContain(PLACE);
    expect(await kept(world)).not.toContain(KEY);
  },

  'values that came with the session are taken out of what is stored, uploads and blobs included; short ones are not':
    async (stage) => {
      const world = await opened(stage, [{ text: `${GIVEN} ${SHORT}` }]);
      const runtime = await world.session(TEAM, {
        runtime_config: { env: { MY_SETTING: GIVEN, TINY: SHORT } },
      });
      const { upload_id } = await world.backend.upload(
        world.context,
        { media_type: 'text/plain', name: 'notes.txt' },
        new TextEncoder().encode(`a note with ${GIVEN}`),
      );
      const part = { type: 'file', upload_id, name: 'notes.txt', media_type: 'text/plain' } as const;
      const events = await collect(
        await runtime.run(world.context, { messages: [{ content: `use ${GIVEN}`, parts: [part] }] }),
      );
      expect(only(events, 'message_added')['message']).toMatchObject({
        content: `[redacted:MY_SETTING] ${SHORT}`,
      });
      const [file] = only(events, 'user_message')['multi_content'] as { blob_id: string }[];
      const blob = await runtime.blob(world.context, { id: file?.blob_id ?? '' });
      expect(new TextDecoder().decode(blob.bytes)).toBe('a note with [redacted:MY_SETTING]');
      expect(await kept(world)).not.toContain(GIVEN);
      await world.backend.deleteSessions(world.context, { session_id: runtime.session_id });
    },

  'in an instruction the variable that is named like a secret is taken out, and another is text': async (
    stage,
  ) => {
    const world = await stage.open([{ text: 'ok' }], {
      env: { DEPLOY_TOKEN: GIVEN, PROJECT_NAME: 'lighthouse-seven' },
    });
    const team = teamOf([]).replace(
      'Do what',
      'Work on ${env.PROJECT_NAME} with ${env.DEPLOY_TOKEN}. Do what',
    );
    const runtime = await world.session(team);
    expect(stopReason(await world.run(runtime, 'hi'))).toBe('normal');
    const request = JSON.stringify(world.model.journal[0]?.body);
    expect(request).toContain('Work on lighthouse-seven with [redacted:DEPLOY_TOKEN].');
    expect(await kept(world)).not.toContain(GIVEN);
  },

  'a reader who comes late gets the same text in pieces as the message has': async (stage) => {
    const world = await opened(stage, [{ text: `start ${KEY} end`, delta_size: 3 }]);
    const runtime = await world.session(TEAM);
    const events = await world.run(runtime, 'go');
    const run_id = String(events[0]?.['run_id']);
    const again = await previewsOf(world, runtime.session_id, 0, run_id);
    expect(only(again, 'message_added')['message']).toMatchObject({ content: `start ${PLACE} end` });
  },
};
