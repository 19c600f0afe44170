import { afterEach, describe, expect, test } from 'vitest';
import type { CassettePort, Interaction } from '../../../src/model/index.ts';
import { recordingFetch } from '../../../src/model/cassette/record.ts';
import { replayingFetch, streamPieces } from '../../../src/model/cassette/replay.ts';
import { parseCassette, serializeCassette } from '../../../src/model/cassette/yaml.ts';
import { scriptInteractions } from '../../../src/testing/model-server/script-cassette.ts';
import { startModelServer, type ModelServer } from '../../../src/testing/model-server/server.ts';
import type { ScriptedTurn } from '../../../src/testing/model-server/script.ts';
import { callOf, finishOf, KEY, message, modelFor, run, testModels, toolCall, WIRES } from './calls.ts';

let server: ModelServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function serve(...turns: ScriptedTurn[]): Promise<ModelServer> {
  server = await startModelServer(turns);
  return server;
}

const noNetwork: typeof fetch = () => Promise.reject(new Error('a replay opened a socket'));

function recorder(extra: object = {}): { tape: Interaction[]; port: CassettePort } {
  const tape: Interaction[] = [];
  return { tape, port: { mode: 'record', sink: (interaction) => tape.push(interaction), ...extra } };
}

function player(
  tape: readonly Interaction[],
  extra: Partial<Extract<CassettePort, { mode: 'replay' }>> = {},
): ReturnType<typeof testModels> {
  const { interactions, match } = parseCassette(serializeCassette(tape));
  return testModels({
    env: () => undefined,
    fetch: noNetwork,
    cassette: { mode: 'replay', interactions, match, ...extra },
  });
}

describe.each(WIRES)('%s', (api) => {
  test('a recorded call plays without key and network, and gives the same parts', async () => {
    const { url } = await serve({
      reasoning: 'hm',
      text: 'Grüße 🦉',
      tool_calls: [{ name: 'read_file', arguments: { path: 'a' } }],
    });
    const { tape, port } = recorder();
    const model = modelFor(api, url);
    const live = await run(testModels({ cassette: port }), callOf(model));
    expect(tape.length).toBe(1);
    const played = await run(player(tape), callOf(model));
    expect(played.error).toBeUndefined();
    expect(played.parts.slice(0, -1)).toEqual(live.parts.slice(0, -1));
    expect(finishOf(played)).toEqual({ ...finishOf(live), cassette_id: 0 });
    expect(finishOf(played).text).toBe('Grüße 🦉');
  });

  test('what failed is recorded too, and fails and recovers alike', async () => {
    const { url } = await serve(
      { text: 'x'.repeat(90), cut_after: 6 },
      { status: 500, error: { message: 'oops' } },
      { text: 'done' },
    );
    const { tape, port } = recorder();
    const model = modelFor(api, url);
    const live = await run(testModels({ cassette: port }), callOf(model));
    expect(finishOf(live).text).toBe('done');
    const played = await run(player(tape), callOf(model));
    const kinds = (parts: typeof live.parts): string[] => parts.map((part) => part.type);
    expect(kinds(played.parts)).toEqual(kinds(live.parts));
  });
});

test('a call that the person cut is recorded as far as it came', async () => {
  const { url } = await serve({ text: 'x'.repeat(400), hang_after: 6 });
  const { tape, port } = recorder();
  for await (const part of testModels({ cassette: port }).stream(
    callOf(modelFor('anthropic', url)),
    new AbortController().signal,
  )) {
    expect(part.type).toBe('text_delta');
    break;
  }
  await expect.poll(() => tape.length).toBe(1);
  expect(String(tape[0]?.response.body)).toContain('message_start');
});

test('a stream that is cut inside a character is kept byte for byte', async () => {
  const bytes = new Uint8Array([...new TextEncoder().encode('data: ü'), 0xf0, 0x9f]);
  const { tape, port } = recorder();
  if (port.mode !== 'record') throw new Error('a recorder records');
  const recording = recordingFetch(() => Promise.resolve(new Response(bytes)), {
    port,
    secrets: () => [],
    clock: () => 0,
  });
  await (await recording('https://h/v1', { method: 'POST', body: '{}' })).arrayBuffer();
  const { interactions } = parseCassette(serializeCassette(tape));
  const played = await replayingFetch({ mode: 'replay', interactions, match: 'body' })('https://h/v1', {
    method: 'POST',
    body: '{}',
  });
  expect(new Uint8Array(await played.arrayBuffer())).toEqual(bytes);
});

test('no key, token or cookie gets into a cassette', async () => {
  const canaries = [
    'canary-header',
    'canary-cookie',
    'canary-query',
    'canary-body',
    'canary-user',
    'canary-set-cookie',
    'canary-account',
  ];
  const { tape, port } = recorder();
  if (port.mode !== 'record') throw new Error('a recorder records');
  const inner: typeof fetch = () =>
    Promise.resolve(
      new Response(`data: your key ${KEY} is wrong, \\u0041\n\n`, {
        headers: {
          'set-cookie': 's=canary-set-cookie',
          'content-type': 'text/event-stream',
          'openai-organization': 'canary-account',
        },
      }),
    );
  const recording = recordingFetch(inner, { port, secrets: () => [KEY], clock: () => 0 });
  const url = `https://canary-user:pw@api.example.com/v1/x?api_key=canary-query&alt=sse&token=canary-query#${KEY}`;
  const body = JSON.stringify({
    model: 'm',
    auth: { api_key: 'canary-body', nested: [{ access_token: 'canary-body' }] },
    messages: [{ role: 'user', content: `my key is ${KEY}`, token: 'a word of the conversation' }],
  });
  const headers = {
    authorization: `Bearer ${KEY}`,
    'x-api-key': 'canary-header',
    cookie: 'a=canary-cookie',
    'content-type': 'application/json',
  };
  await (await recording(url.replace('canary-user:pw@', ''), { method: 'POST', headers, body })).text();
  const text = serializeCassette(tape);
  for (const canary of [KEY, ...canaries]) expect(text).not.toContain(canary);
  expect(text).toContain('alt=sse');
  expect(text).toContain('a word of the conversation');
  expect(Object.keys(tape[0]?.request.headers ?? {})).toEqual(['Content-Type']);
});

describe('matching by body', () => {
  const url = 'https://api.openai.com/v1';
  const model = modelFor('openai_chatcompletions', url);

  async function record(
    turns: ScriptedTurn[],
    calls: Parameters<typeof callOf>[1][],
    placeholders = [{ value: '/home/a/p', name: 'workspace' }],
  ): Promise<Interaction[]> {
    const live = await serve(...turns);
    const toServer: typeof fetch = (input, init) =>
      fetch((input instanceof Request ? input.url : input.toString()).replace(url, live.url), init);
    const { tape, port } = recorder({ placeholders });
    const models = testModels({ fetch: toServer, cassette: port });
    for (const call of calls) finishOf(await run(models, callOf(model, call)));
    return tape;
  }

  test('paths, dates and call ids of another machine match', async () => {
    const asked = (workspace: string, date: string, id: string): Parameters<typeof callOf>[1] => ({
      system: [`You work in ${workspace} since ${date}.`],
      messages: [
        message('user', 'go'),
        message('assistant', '', { tool_calls: [toolCall(id, 'read_file', '{"path":"a"}')] }),
        message('tool', `${workspace}/a: ok`, { tool_call_id: id }),
      ],
    });
    const tape = await record([{ text: 'one' }], [asked('/home/a/p', '2026-11-21', 'call_x')]);
    expect(serializeCassette(tape)).not.toContain('/home/a/p');
    const here = asked('/srv/other', '2027-01-02', 'call_y');
    const played = await run(
      player(tape, { placeholders: [{ value: '/srv/other', name: 'workspace' }] }),
      callOf(model, here),
    );
    expect(finishOf(played).text).toBe('one');
  });

  test('another request fails with its number and the place of the difference, and is not tried again', async () => {
    const tape = await record(
      [{ text: 'one' }, { text: 'two' }],
      [{}, { messages: [message('user', 'second')] }],
    );
    const models = player(tape);
    finishOf(await run(models, callOf(model)));
    const { error, parts } = await run(models, callOf(model, { messages: [message('user', 'sXcond')] }));
    expect(error).toMatchObject({
      code: 'model_error',
      message:
        'request 2 has no match among the recorded ones: messages[1].content: recorded "second", now "sXcond"',
    });
    expect(parts.map((part) => part.type)).toEqual(['attempt_failed']);
  });

  test('equal requests get their answers in order, each once, and out of order where they differ', async () => {
    const other = { messages: [message('user', 'other')] };
    const tape = await record([{ text: 'one' }, { text: 'two' }, { text: 'three' }], [{}, {}, other]);
    const models = player(tape);
    const played = await Promise.all(
      [callOf(model, other), callOf(model), callOf(model)].map((call) => run(models, call)),
    );
    expect(played.map((one) => finishOf(one).text)).toEqual(['three', 'one', 'two']);
    expect((await run(models, callOf(model))).error).toMatchObject({
      message:
        'request 4 has no match among the recorded ones: all of them were played, and now comes POST api.openai.com/v1/chat/completions',
    });
  });

  test('a process that goes on knows what was played', async () => {
    const tape = await record([{ text: 'one' }, { text: 'two' }], [{}, {}]);
    const { cassette_id } = finishOf(await run(player(tape), callOf(model)));
    expect(cassette_id).toBe(0);
    const used = [0];
    expect(finishOf(await run(player(tape, { used }), callOf(model))).text).toBe('two');
  });
});

describe('matching by order', () => {
  test('each request takes the next interaction of its host', async () => {
    const interactions = [
      ...scriptInteractions([{ text: 'a1' }, { text: 'a2' }], { api: 'anthropic' }),
      ...scriptInteractions([{ text: 'o1' }], { api: 'openai_chatcompletions' }).map((one) => ({
        ...one,
        id: 2,
      })),
    ];
    const models = testModels({
      fetch: noNetwork,
      cassette: { mode: 'replay', interactions, match: 'order' },
    });
    const claude = modelFor('anthropic', 'https://api.anthropic.com/v1');
    const gpt = modelFor('openai_chatcompletions', 'https://api.openai.com/v1');
    const texts: string[] = [];
    for (const model of [gpt, claude, claude]) texts.push(finishOf(await run(models, callOf(model))).text);
    expect(texts).toEqual(['o1', 'a1', 'a2']);
    expect((await run(models, callOf(gpt))).error).toMatchObject({
      code: 'model_error',
      message: expect.stringContaining('request 4 has no match'),
    });
  });

  test('an unknown host names what is left', async () => {
    const interactions = scriptInteractions([{ text: 'a1' }], { api: 'anthropic' });
    const models = testModels({
      fetch: noNetwork,
      cassette: { mode: 'replay', interactions, match: 'order' },
    });
    const { error } = await run(models, callOf(modelFor('openai_responses', 'https://elsewhere.test/v1')));
    expect(error).toMatchObject({
      message:
        'request 1 has no match among the recorded ones: it is POST elsewhere.test/v1/responses, and those left are POST api.anthropic.com/v1/messages',
    });
  });
});

test('a stream is played event by event with a pause before each, and stops when it is aborted', async () => {
  const interactions = scriptInteractions([{ text: 'one two three four', delta_size: 4 }], {
    api: 'anthropic',
  });
  const body = new TextEncoder().encode(String(interactions[0]?.response.body));
  const pieces = streamPieces(body);
  expect(pieces.length).toBeGreaterThan(8);
  expect(Buffer.concat(pieces)).toEqual(Buffer.from(body));
  const cassette: CassettePort = { mode: 'replay', interactions, match: 'order', stream_ms: 5 };
  const model = modelFor('anthropic', 'https://api.anthropic.com/v1');
  const began = performance.now();
  expect(finishOf(await run(testModels({ fetch: noNetwork, cassette }), callOf(model))).text).toBe(
    'one two three four',
  );
  expect(performance.now() - began).toBeGreaterThan(5 * 8);
  const controller = new AbortController();
  const slow = testModels({ fetch: noNetwork, cassette: { ...cassette, stream_ms: 60_000 } });
  setTimeout(() => controller.abort(new Error('enough')), 30);
  expect((await run(slow, callOf(model), controller.signal)).error).toMatchObject({ message: 'enough' });
});
