import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { toYonderError } from '../../../protocol/errors.ts';
import type { Tool, ToolContext, ToolResult, Toolset } from '../../../tools/tool.ts';
import {
  calls,
  lastRequest,
  logOf,
  ofType,
  only,
  stopReason,
  teamOf,
  Watcher,
  type Behaviours,
} from '../support.ts';
import { kept } from './secrets.ts';

type Act = (context: ToolContext) => Promise<ToolResult>;

/** A toolset of one tool, of the program that holds the Host; a rerun of it is harmless. */
export function relay(act: Act, more: Partial<Tool> = {}): Toolset {
  const tool: Tool = {
    toolset: 'own',
    definition: {
      name: 'relay',
      category: 'own',
      description: 'Does what the test says',
      parameters: { type: 'object', properties: {} },
    },
    effect: 'session',
    parallel: false,
    recovery: 'rerun',
    beside: false,
    parse: () => ({ ok: true, args: {} }),
    access: () => ({ paths: [] }),
    execute: (_args, context) => act(context),
    ...more,
  };
  return { type: 'own', name: 'own', tools: [tool] };
}

/** What was thrown, as a tool may tell it. */
async function words(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    (value) => `no error: ${JSON.stringify(value)}`,
    (thrown: unknown) => {
      const { code, message } = toYonderError(thrown, 'tool_failed');
      return `${code}: ${message}`;
    },
  );
}

const GO = calls('relay', {}, 'outer');
const TEAM = teamOf(['shell', 'todo', 'filesystem']);
const CANARY = 'canary-4Tq8Zx1Lm7';
const todo = (description: string) => ({ tool: 'create_todo', arguments: { description } });

export const toolContextBehaviours: Behaviours = {
  'a tool has another one act: judged, recorded and answered, and no message of the conversation': async ({
    open,
  }) => {
    const given: ToolResult[] = [];
    const act: Act = async (context) => {
      given.push(await context.call(todo('one')));
      given.push(await context.call({ tool: 'shell', arguments: { cmd: 'echo a > denied' } }));
      given.push(await context.call({ tool: 'no_such', arguments: {} }));
      return { output: `${given.length} calls` };
    };
    const world = await open([GO, { text: 'done' }], { toolsets: [relay(act)] });
    const runtime = await world.session(TEAM, {
      safety: 'autonomous',
      permissions: { deny: ['shell:cmd=echo *'] },
    });
    const events = await world.run(runtime, 'go');
    expect(stopReason(events)).toBe('normal');
    expect(given.map(({ is_error, output }) => [is_error === true, output.slice(0, 14)])).toEqual([
      [false, expect.stringContaining('{')],
      [true, 'Denied by the '],
      [true, 'There is no to'],
    ]);
    const asked = ofType(events, 'tool_call').slice(1);
    expect(asked.map(({ source, caller, index }) => [source, caller, index])).toEqual(
      [1, 2, 3].map((index) => ['tool', 'outer', index]),
    );
    expect(
      ofType(events, 'tool_call_decision').map((event) => [event['call_source'], event['decision']]),
    ).toEqual([
      [undefined, 'allow'],
      ['tool', 'allow'],
      ['tool', 'deny'],
    ]);
    expect(ofType(events, 'tool_call_response').map((event) => event['outcome'])).toEqual([
      'done',
      'denied',
      'invalid',
      'done',
    ]);
    expect(
      lastRequest(world)
        .filter(({ role }) => role === 'function_call_output' || role === 'tool')
        .map(({ text }) => text),
    ).toEqual(['3 calls']);
    const { messages } = await runtime.transcript(world.context, {});
    expect(messages.filter(({ role }) => role === 'tool')).toHaveLength(1);
  },

  'calls of a tool run beside each other where they may, and each gets its own result': async ({ open }) => {
    const act: Act = async (context) => {
      const results = await Promise.all(['one', 'two', 'three'].map((word) => context.call(todo(word))));
      return { output: String(results.filter(({ is_error }) => is_error !== true).length) };
    };
    const world = await open([GO, { text: 'done' }], { toolsets: [relay(act)] });
    const events = await world.run(await world.session(TEAM), 'go');
    const asked = ofType(events, 'tool_call').slice(1);
    expect(asked.map(({ index }) => index)).toEqual([1, 2, 3]);
    const last = ofType(events, 'tool_call_response').at(-2)?.['response'];
    expect(JSON.parse(String(last))).toMatchObject({
      all_todos: [{ id: 'todo_1' }, { id: 'todo_2' }, { id: 'todo_3' }],
    });
    expect(ofType(events, 'tool_call_response').at(-1)).toMatchObject({
      tool_call_id: 'outer',
      response: '3',
    });
  },

  'over a restart a tool that is run again is given what its calls gave, and what waited is still asked about':
    async ({ open }) => {
      const [data, folder] = await Promise.all(
        ['data', 'work'].map((name) => mkdtemp(join(tmpdir(), `yonder-${name}-`))),
      );
      const places = { data: data ?? '', folder: folder ?? '' };
      let runs = 0;
      const act: Act = async (context) => {
        runs += 1;
        const first = await context.call(todo('one'));
        const second = await context.call({ tool: 'shell', arguments: { cmd: 'echo once >> effects' } });
        return { output: `${first.is_error === true} ${second.is_error === true}` };
      };
      try {
        const first = await open([GO], { ...places, toolsets: [relay(act)] });
        const runtime = await first.session(TEAM, { unattended: 'wait' });
        const watcher = new Watcher(await runtime.run(first.context, { messages: [{ content: 'go' }] }));
        const question = await watcher.until('tool_call_confirmation');
        await first.close();
        const second = await open([{ text: 'done' }], { ...places, toolsets: [relay(act)] });
        const { recovered } = await second.backend.createSession(second.context, {
          resume_session_id: runtime.session_id,
          unattended: 'wait',
        });
        const again = second.backend.session(runtime.session_id);
        await again.answer(second.context, {
          request_id: String(question['request_id']),
          decision: 'approve',
        });
        const rest = new Watcher(again.follow(second.context, { after: 0, run_id: recovered?.run_id ?? '' }));
        const events = await rest.rest();
        expect(ofType(events, 'stream_stopped')).toMatchObject([{ reason: 'normal' }]);
        expect(ofType(events, 'tool_call')).toHaveLength(3);
        expect(
          ofType(events, 'tool_call_response').map((event) => [event['index'], event['response']]),
        ).toEqual([
          [1, expect.stringContaining('todo_1')],
          [2, expect.anything()],
          [0, 'false false'],
        ]);
        expect(await readFile(join(places.folder, 'effects'), 'utf8')).toBe('once\n');
        expect(runs).toBe(2);
      } finally {
        for (const made of Object.values(places)) await rm(made, { recursive: true, force: true });
      }
    },

  'what an interrupted tool had asked for is closed with it': async ({ open }) => {
    const act: Act = async (context) => context.call({ tool: 'shell', arguments: { cmd: 'touch never' } });
    const world = await open([GO], { toolsets: [relay(act)] });
    const runtime = await world.session(TEAM, { unattended: 'wait' });
    const watcher = new Watcher(await runtime.run(world.context, { messages: [{ content: 'go' }] }));
    await watcher.until('tool_call_confirmation');
    await runtime.interrupt(world.context, {});
    const events = await watcher.rest();
    expect(stopReason(events)).toBe('canceled');
    expect(only(events, 'interaction_resolved')).toMatchObject({ outcome: 'canceled' });
    expect(ofType(events, 'tool_call_response').map(({ index, outcome }) => [index, outcome])).toEqual([
      [0, 'cancelled'],
      [1, 'not_started'],
    ]);
  },

  'a tool that ends without its calls leaves none of them open': async ({ open }) => {
    const asked = Promise.withResolvers<ToolResult>();
    const lost: Promise<string>[] = [];
    const act: Act = async (context) => {
      for (const cmd of ['sleep 100', 'touch never'])
        lost.push(words(context.call({ tool: 'shell', arguments: { cmd } })));
      return asked.promise;
    };
    const world = await open([GO, { text: 'done' }], { toolsets: [relay(act)] });
    const runtime = await world.session(TEAM, {
      unattended: 'wait',
      permissions: { allow: ['shell:cmd=sleep *'] },
    });
    const watcher = new Watcher(await runtime.run(world.context, { messages: [{ content: 'go' }] }));
    await watcher.until('tool_call_started', (event) => event['tool_call_id'] !== 'outer');
    asked.resolve({ output: 'enough' });
    const events = await watcher.rest();
    expect(stopReason(events)).toBe('normal');
    expect(ofType(events, 'tool_call_response').map(({ index, outcome }) => [index, outcome])).toEqual([
      [1, 'cancelled'],
      [2, 'not_started'],
      [0, 'done'],
    ]);
    expect(await Promise.all(lost)).toEqual([
      expect.stringMatching(/^no error: .*is_error/),
      'tool_failed: the call of shell was cut before it had a result',
    ]);
  },

  'a call of a tool calls no further one, nor does a tool whose state is shared': async ({ open }) => {
    let said = '';
    const act: Act = async (context) => {
      const inner = await context.call({ tool: 'relay', arguments: {} }).catch((thrown: unknown) => thrown);
      if (inner instanceof Error) throw inner;
      said = (inner as ToolResult).output;
      return { output: 'done' };
    };
    const world = await open([GO, { text: 'done' }, GO, { text: 'done' }], { toolsets: [relay(act)] });
    await world.run(await world.session(TEAM), 'go');
    expect(said).toMatch(/calling a tool is not supported within the call of another tool/);
    const shared = await open([GO, { text: 'done' }], { toolsets: [relay(act, { shared: true })] });
    const events = await shared.run(await shared.session(TEAM), 'go');
    expect(only(events, 'tool_call_response')['response']).toMatch(/within a tool whose state is shared/);
  },

  'a tool asks the model beside the conversation, and what that costs counts': async ({ open }) => {
    const answers: unknown[] = [];
    const act: Act = async (context) => {
      const request = {
        system: 'Be short.',
        messages: [{ role: 'user' as const, content: 'a word?' }],
        max_tokens: 20,
      };
      answers.push(await context.sample(request));
      answers.push(await words(context.sample(request)));
      return { output: 'asked' };
    };
    const turns = [
      { ...GO, usage: { input: 100, output: 10 } },
      { text: 'word', usage: { input: 1000, output: 7 } },
      { text: 'never' },
    ];
    const world = await open(turns, { toolsets: [relay(act)] });
    const runtime = await world.session(TEAM, { budget: { max_tokens: 1100 } });
    const events = await world.run(runtime, 'go');
    expect(stopReason(events)).toBe('budget_exceeded');
    expect(answers).toEqual([
      { text: 'word', model: 'openai/gpt-4o', finish_reason: 'stop' },
      'tool_failed: the model was not asked: max_tokens is used up',
    ]);
    expect(ofType(events, 'model_call').map((event) => event['purpose'])).toEqual(['turn', 'sample']);
    expect(only(events, 'model_sample')).toMatchObject({
      tool_call_id: 'outer',
      usage: { input_tokens: 1000 },
    });
    const usage = await runtime.usage(world.context, {});
    expect(usage).toMatchObject({ input_tokens: 1100, output_tokens: 17 });
    expect(usage.cost).toBeGreaterThan(Number(only(events, 'model_sample')['cost']));
    expect(lastRequest(world).map(({ text }) => text)).toEqual(['Be short.', 'a word?']);
    const { messages } = await runtime.transcript(world.context, {});
    expect(JSON.stringify(messages)).not.toContain('a word?');
  },

  'a tool gets a secret by its name, and nobody who reads the session does': async ({ open }) => {
    const place = await mkdtemp(join(tmpdir(), 'yonder-secret-'));
    const file = join(place, 'key');
    await writeFile(file, `${CANARY}-file\n`);
    const got: string[] = [];
    const act: Act = async ({ secrets }) => {
      for (const reference of ['env:OWN_VALUE', `file:${file}`]) got.push(await secrets.resolve(reference));
      for (const reference of [
        'env:NOT_SET',
        'keyring:NOT_KEPT',
        'file:key',
        `file:${place}`,
        `file:${place}/none`,
        CANARY,
      ])
        got.push(await words(secrets.resolve(reference)));
      return { output: got.slice(0, 2).join(' ') };
    };
    try {
      const world = await open([GO, { text: 'done' }], {
        toolsets: [relay(act)],
        env: { OWN_VALUE: `${CANARY}-env` },
      });
      const runtime = await world.session(TEAM);
      const events = await world.run(runtime, 'go');
      expect(got).toEqual([
        `${CANARY}-env`,
        `${CANARY}-file`,
        'env_missing: the secret env:NOT_SET is not set',
        expect.stringMatching(/^not_found: nothing is kept for keyring:NOT_KEPT/),
        'invalid_request: file:key is no absolute path, nor one from ~/',
        expect.stringMatching(/^invalid_request: .* is no file; /),
        expect.stringMatching(/^not_found: the secret file:.* cannot be read: ENOENT/),
        'invalid_request: a secret is named by env:NAME, file:PATH or keyring:NAME; this is none of them',
      ]);
      const shown = only(events, 'tool_call_response')['response'];
      expect(shown).toBe(`[redacted:env:OWN_VALUE] [redacted:file:${file}]`);
      expect(JSON.stringify(await logOf(world, runtime.session_id))).not.toContain(CANARY);
      expect(JSON.stringify(world.model.journal)).not.toContain(CANARY);
      expect(await kept(world)).not.toContain(CANARY);
    } finally {
      await rm(place, { recursive: true });
    }
  },

  'the clock of a tool is that of its Host': async ({ open }) => {
    let read = 0;
    const act: Act = async ({ clock }) => {
      read = clock.now().getTime();
      return { output: 'read' };
    };
    const world = await open([GO, { text: 'done' }], { toolsets: [relay(act)] });
    const before = Date.now();
    await world.run(await world.session(TEAM), 'go');
    expect(read >= before && read <= Date.now()).toBe(true);
  },
};
