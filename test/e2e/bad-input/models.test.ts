import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { ScriptedTurn } from '../../../src/testing/model-server/script.ts';
import { type ModelServer, startModelServer } from '../../../src/testing/model-server/server.ts';
import {
  eventsOf,
  type Finished,
  played,
  type Scratch,
  serverTeam,
  STACK,
  type StartOptions,
  teamText,
  test,
} from '../cli.ts';

const SECRET = 'sk-secret-0123456789abcdef';

interface Asked extends Finished {
  server: ModelServer;
}

/** One run against a live model server that does this. */
async function ask(
  place: Scratch,
  turns: readonly ScriptedTurn[],
  more: StartOptions & { flags?: string[]; toolsets?: string[] } = {},
): Promise<Asked> {
  const { flags = [], toolsets, ...options } = more;
  const server = await startModelServer(turns);
  try {
    await place.write('team.yaml', serverTeam(server.url, toolsets === undefined ? {} : { toolsets }));
    const ended = await place.run(['run', 'team.yaml', '--exec', ...flags, 'hi'], {
      ...options,
      env: { SCRIPTED_KEY: SECRET, ...options.env },
    });
    expect(ended.stdout + ended.stderr).not.toContain(SECRET);
    expect(ended.stderr).not.toMatch(STACK);
    return { ...ended, server };
  } finally {
    await server.close();
  }
}

test.concurrent('a gateway that answers HTML: exit 1, naming it and what to check', async ({ place }) => {
  const page = { status: 200, body: '<!doctype html><title>Sign in</title>' };
  const server = await startModelServer([page, page, page]);
  try {
    const gateway = new URL(server.url).origin;
    await place.write('team.yaml', teamText());
    const ended = await place.run(['run', 'team.yaml', '--exec', '--models-gateway', gateway, 'hi']);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toContain(
      `error: openai/gpt-4o (through the gateway ${gateway}) answered with text/html, not an event stream; check models_gateway`,
    );
  } finally {
    await server.close();
  }
});

/** Minutes of silence pass in a moment. */
const FAST: StartOptions = { node: ['--import', join(import.meta.dirname, 'fast-clock.mjs')] };

const times = (text: string, part: string): number => text.split(part).length - 1;

test.concurrent('a missing key: exit 2 with the variable and the page, and no session is left', async ({
  place,
}) => {
  await place.write('team.yaml', teamText());
  const ended = await place.run(['run', 'team.yaml', 'hi']);
  expect(ended).toMatchObject({
    code: 2,
    stdout: '',
    stderr:
      'yonder: the model openai/gpt-4o needs a key: set OPENAI_API_KEY, or: yonder auth login OPENAI_API_KEY (docs/models-and-keys.md says how)\n',
  });
  expect(await place.run(['sessions', 'list', '--json'])).toMatchObject({ code: 0, stdout: '' });
});

test.concurrent('an empty key is a missing one', async ({ place }) => {
  await place.write('team.yaml', teamText());
  const ended = await place.run(['run', 'team.yaml', 'hi'], { env: { OPENAI_API_KEY: ' ' } });
  expect(ended.code).toBe(2);
  expect(ended.stderr).toContain('OPENAI_API_KEY');
});

test.concurrent('with --fake no key is asked for or warned about', async ({ place }) => {
  const words = await played(place, [{ text: 'Hello.' }]);
  const ended = await place.run([...words, 'hi']);
  expect(ended).toMatchObject({ code: 0, stdout: 'Hello.\n' });
  expect(ended.stderr).not.toContain('OPENAI_API_KEY');
});

test.concurrent.for([
  {
    name: 'a wrong key',
    turn: {
      status: 401,
      error: {
        message: 'Incorrect API key provided: sk-se**cdef.',
        type: 'invalid_request_error',
        code: 'invalid_api_key',
      },
    },
    words: 'answered 401 (invalid_api_key): Incorrect API key provided: sk-se**cdef.',
  },
  {
    name: 'no such model',
    turn: {
      status: 404,
      error: {
        message: 'The model `scripted` does not exist.',
        type: 'invalid_request_error',
        code: 'model_not_found',
      },
    },
    words: 'answered 404 (model_not_found): The model `scripted` does not exist.',
  },
  {
    name: 'no quota',
    turn: {
      status: 429,
      error: {
        message: 'You exceeded your current quota.',
        type: 'insufficient_quota',
        code: 'insufficient_quota',
      },
    },
    words: 'answered 429 (insufficient_quota): You exceeded your current quota.',
  },
])(
  "$name: the provider's words once, with the code; no second request",
  async ({ turn, words }, { place }) => {
    const { code, stdout, stderr, server } = await ask(place, [turn]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(times(stderr, words)).toBe(1);
    expect(server.journal).toHaveLength(1);
  },
);

test.concurrent('a provider that repeats the key in its words: it is hidden, here and in the log', async ({
  place,
}) => {
  const { code, stderr } = await ask(place, [{ status: 401, error: { message: `bad key ${SECRET}` } }]);
  expect(code).toBe(1);
  expect(stderr).toContain('bad key [redacted]');
  const log = await place.run(['sessions', 'log', '-1', '--json']);
  expect(log.stdout).toContain('bad key [redacted]');
  expect(log.stdout).not.toContain(SECRET);
});

test.concurrent('nobody listens at base_url', async ({ place }) => {
  const gone = await startModelServer([]);
  await gone.close();
  await place.write('team.yaml', serverTeam(gone.url));
  const ended = await place.run(['run', 'team.yaml', '--exec', 'hi'], { env: { SCRIPTED_KEY: SECRET } });
  expect(ended).toMatchObject({ code: 1, stdout: '' });
  expect(ended.stderr).toContain(
    'cannot be reached (ECONNREFUSED); check the network, the proxy and base_url',
  );
  // What the person wrote, and not the kind of provider that it is.
  expect(ended.stderr).toContain('mine/scripted');
  expect(ended.stderr).not.toContain('openai/');
});

test.concurrent("a missing key of the team's own provider names it as the team does", async ({ place }) => {
  await place.write('team.yaml', serverTeam('http://127.0.0.1:9'));
  const ended = await place.run(['run', 'team.yaml', '--exec', 'hi']);
  expect(ended).toMatchObject({ code: 2, stdout: '' });
  expect(ended.stderr).toContain('mine/scripted');
  expect(ended.stderr).not.toContain('openai/');
});

test.concurrent('a model that hangs: a warning after 60 s of silence, an error after 300 s', async ({
  place,
}) => {
  const { code, stdout } = await ask(place, [{ hang_after: 'before' }], {
    ...FAST,
    flags: ['--json'],
  });
  expect(code).toBe(1);
  const events = eventsOf(stdout).filter(({ type }) => ['warning', 'error', 'stream_stopped'].includes(type));
  expect(events.map(({ type }) => type)).toEqual(['warning', 'error', 'stream_stopped']);
  expect(events[0]?.['message']).toMatch(/60 s/);
  expect(events[1]).toMatchObject({
    code: 'timeout',
    error: expect.stringContaining('sent nothing for 300 s'),
  });
});

test.concurrent('one that hangs in the middle of its answer', async ({ place }) => {
  const { code, stderr } = await ask(place, [{ text: 'Begun and never ended', hang_after: 3 }], FAST);
  expect(code).toBe(1);
  expect(stderr).toMatch(/60 s/);
  expect(times(stderr, 'sent nothing for 300 s')).toBe(1);
});

test.concurrent('one that hangs can be interrupted', async ({ place }) => {
  const server = await startModelServer([{ hang_after: 'before' }]);
  onTestFinished(() => server.close());
  await place.write('team.yaml', serverTeam(server.url));
  const running = place.start(['run', 'team.yaml', '--json', 'hi'], { env: { SCRIPTED_KEY: SECRET } });
  await running.shows('"model_call"');
  running.signal('SIGINT');
  const { code, stdout } = await running.finished;
  expect(code).toBe(130);
  expect(eventsOf(stdout).at(-1)).toMatchObject({ type: 'stream_stopped', reason: 'canceled' });
});

test.concurrent.for([
  {
    name: 'a page',
    body: '<html>It works!</html>',
    type: 'text/html',
    said: /text\/html, not an event stream; check base_url/,
  },
  {
    name: 'events of another protocol',
    body: 'data: {"it": "works"}\n\ndata: ]]]\n\n',
    type: 'text/event-stream',
    said: /not its protocol/,
  },
])('garbage with a good status: $name', async ({ body, type, said }, { place }) => {
  const garbage = { status: 200, body, headers: { 'content-type': type } };
  const { code, stderr, stdout } = await ask(place, Array(6).fill(garbage));
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(said);
  expect(stderr).not.toContain('works');
});

test.concurrent('a stream that is cut and then whole: nothing of the cut one stays', async ({ place }) => {
  const { code, stdout, server } = await ask(
    place,
    [{ text: 'The first try is cut.', cut_after: 3 }, { text: 'The second is whole.' }],
    { flags: ['--json'] },
  );
  expect(code).toBe(0);
  expect(server.journal).toHaveLength(2);
  const added = eventsOf(stdout).filter(({ type }) => type === 'message_added');
  expect(JSON.stringify(added)).toContain('The second is whole.');
  expect(JSON.stringify(added)).not.toContain('The first try');
});

test.concurrent('a stream that is always cut', async ({ place }) => {
  const { code, stderr } = await ask(place, Array(6).fill({ text: 'Always cut.', cut_after: 3 }));
  expect(code).toBe(1);
  expect(stderr).toMatch(/was cut off in the middle of its answer/);
});

test.concurrent('an answer that is always empty', async ({ place }) => {
  const { code, stderr } = await ask(place, Array(6).fill({ text: '' }));
  expect(code).toBe(1);
  expect(stderr).toContain('gave an empty answer');
});

test.concurrent('an unknown tool, and broken arguments: results that the model can act on', async ({
  place,
}) => {
  const { code, stdout } = await ask(
    place,
    [
      { tool_calls: [{ name: 'read_fiel', arguments: { path: 'a.txt' } }] },
      { tool_calls: [{ name: 'read_file', arguments: '{"path": ' }] },
      { tool_calls: [{ name: 'read_file', arguments: { wrong: 1 } }] },
      { text: 'I give up.' },
    ],
    { toolsets: ['filesystem'], flags: ['--json'] },
  );
  expect(code).toBe(0);
  const [unknown, broken, wrong] = eventsOf(stdout)
    .filter(({ type }) => type === 'tool_call_response')
    .map((event) => event['response']);
  expect(unknown).toMatch(/read_fiel.*read_file/s);
  expect(broken).toMatch(/JSON/);
  expect(wrong).toMatch(/path/);
});

test.concurrent('a cassette that has no answer left, without its name', async ({ place }) => {
  const words = await played(place, []);
  const ended = await place.run([...words, 'hi']);
  expect(ended).toMatchObject({ code: 1, stdout: '' });
  expect(ended.stderr).toMatch(/request 1/);
  expect(ended.stderr).not.toContain('cassette.yaml');
});

test.concurrent('a cassette that is none', async ({ place }) => {
  await place.write('team.yaml', teamText());
  await place.write('bad.yaml', 'interactions: 3\n');
  const ended = await place.run(['run', 'team.yaml', '--fake', 'bad.yaml', 'hi']);
  expect(ended).toMatchObject({ code: 2, stdout: '' });
  expect(ended.stderr).toMatch(/cassette/);
  expect(ended.stderr).not.toMatch(STACK);
});
