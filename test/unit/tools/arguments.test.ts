import { expect, test } from 'vitest';
import { z } from 'zod';
import {
  buildToolsets,
  BUILTIN_TOOLSETS,
  definitionDigest,
  runTool,
  TOOL_TABLE,
  unknownToolResult,
} from '../../../src/tools/index.ts';
import { madeAnew, parametersOf } from '../../../src/tools/parameters.ts';
import { parseArguments } from '../../../src/tools/parse-arguments.ts';
import { thousands } from '../../../src/tools/thousands.ts';
import { ALL_TOOLSETS, bench } from './support.ts';

const schema = z.strictObject({
  list: z.array(z.string()),
  items: z.array(z.strictObject({ n: z.int().optional() })).optional(),
  on: z.boolean().optional(),
  text: z.string().optional(),
});
const parse = (value: unknown) =>
  parseArguments('demo', schema, typeof value === 'string' ? value : JSON.stringify(value));

test.each([
  ['an array as text', { list: '["a","b"]' }, { list: ['a', 'b'] }],
  ['an array of objects as text', { list: [], items: '[{"n":"1"}]' }, { list: [], items: [{ n: 1 }] }],
  ['an object as text', { list: [], items: ['{"n":2}'] }, { list: [], items: [{ n: 2 }] }],
  ['the whole as text', JSON.stringify('{"list":["a"]}'), { list: ['a'] }],
  ['one text for a list', { list: 'a' }, { list: ['a'] }],
  ['one text that looks like JSON for a list of texts', { list: '{"a":1}' }, { list: ['{"a":1}'] }],
  ['one object for a list', { list: [], items: { n: 3 } }, { list: [], items: [{ n: 3 }] }],
  ['one object as text for a list', { list: [], items: '{"n":3}' }, { list: [], items: [{ n: 3 }] }],
  ['a boolean as text', { list: [], on: 'True' }, { list: [], on: true }],
  ['null for what is left out', { list: [], on: null, text: null }, { list: [] }],
  ['text stays text', { list: [], text: '["a"]' }, { list: [], text: '["a"]' }],
])('%s is mended', (_, given, args) => {
  expect(parse(given)).toEqual({ ok: true, args });
});

test.each([
  ['{"list":', /^The arguments of demo are not valid JSON \(.*\)\. Send the whole call again/],
  ['[1]', /do not fit/],
  [
    '{"list":null}',
    /do not fit: list: .*demo takes: list, items \(optional\), on \(optional\), text \(optional\)\.$/,
  ],
  ['{"list":[],"lost":1}', /lost/],
  ['{"list":[],"items":[{"n":"1e"}]}', /items\.0\.n: /],
  ['', /list: /],
  ['{"list":[],"__proto__":{"on":true}}', /__proto__/],
])('%s is refused in words', (text, words) => {
  const parsed = parse(text);
  expect(parsed).toMatchObject({ ok: false, message: expect.stringMatching(words) });
});

test('the schema that the model gets has no bounds of our arithmetic and no dialect', () => {
  expect(parametersOf(schema)).toEqual({
    type: 'object',
    additionalProperties: false,
    required: ['list'],
    properties: {
      list: { type: 'array', items: { type: 'string' } },
      items: {
        type: 'array',
        items: { type: 'object', additionalProperties: false, properties: { n: { type: 'integer' } } },
      },
      on: { type: 'boolean' },
      text: { type: 'string' },
    },
  });
});

const reads = ['none', true, 'rerun'];
const writes = ['workspace', false, 'unknown'];
const keeps = ['session', false, 'rerun'];

test('the tool table, whole (R3); what is built agrees with it', () => {
  const expected = {
    'filesystem/read_file': reads,
    'filesystem/read_multiple_files': reads,
    'filesystem/list_directory': reads,
    'filesystem/directory_tree': reads,
    'filesystem/search_files_content': reads,
    'filesystem/edit_file': writes,
    'filesystem/write_file': writes,
    'filesystem/create_directory': writes,
    'filesystem/remove_directory': writes,
    'shell/shell': ['external', false, 'unknown'],
    'shell/run_background_job': ['external', false, 'unknown'],
    'shell/list_background_jobs': reads,
    'shell/view_background_job': reads,
    'shell/stop_background_job': keeps,
    'fetch/fetch': ['external', true, 'rerun'],
    'skills/read_skill': reads,
    'skills/read_skill_file': reads,
    'skills/run_skill': ['delegate', false, 'resume'],
    'think/think': keeps,
    'todo/create_todo': keeps,
    'todo/create_todos': keeps,
    'todo/update_todos': keeps,
    'todo/list_todos': ['none', false, 'rerun'],
    'user_prompt/user_prompt': keeps,
    'agents/transfer_task': ['delegate', false, 'resume'],
    'agents/handoff': keeps,
  };
  const table = Object.entries(TOOL_TABLE).flatMap(([toolset, tools]) =>
    Object.entries(tools).map(([name, { effect, parallel, recovery }]) => [
      `${toolset}/${name}`,
      [effect, parallel, recovery],
    ]),
  );
  expect(Object.fromEntries(table)).toEqual(expected);
  const others = [{ name: 'a', description: 'b' }];
  const built = buildToolsets({ toolsets: ALL_TOOLSETS, sub_agents: others, handoffs: others })
    .flatMap(({ tools }) => tools)
    .map((tool) => [`${tool.toolset}/${tool.definition.name}`, [tool.effect, tool.parallel, tool.recovery]]);
  // Those of skills are made of the skills that a session has found.
  const ofSkills = Object.keys(expected).filter((name) => name.startsWith('skills/'));
  expect(Object.keys(expected).filter((name) => !Object.hasOwn(Object.fromEntries(built), name))).toEqual(
    ofSkills,
  );
  expect(expected).toMatchObject(Object.fromEntries(built));
  expect(BUILTIN_TOOLSETS).toEqual(['filesystem', 'shell', 'fetch', 'think', 'todo', 'user_prompt']);
});

test('`tools` allows only what it names; a misspelt name is an error with the valid ones', () => {
  const build = (tools: string[]) =>
    buildToolsets({ toolsets: [{ type: 'todo', tools, options: {} }], sub_agents: [] });
  expect(build(['list_todos'])[0]?.tools.map(({ definition }) => definition.name)).toEqual(['list_todos']);
  expect(() => build(['list_todo'])).toThrow(
    'the toolset todo has no tool "list_todo"; did you mean list_todos? It has: create_todo, create_todos, update_todos, list_todos',
  );
});

test('two tools of one name and a toolset that is not built are errors', () => {
  const build =
    (...types: string[]) =>
    () =>
      buildToolsets({ toolsets: types.map((type) => ({ type, options: {} })), sub_agents: [] });
  expect(build('think', 'think')).toThrow('both have a tool think');
  expect(build('memory')).toThrow('the toolset memory is not supported in this version');
});

test('an instruction replaces ours or takes it in, and is expanded once', () => {
  const build = (instruction?: string) =>
    buildToolsets(
      { toolsets: [{ type: 'think', instruction, options: {} }], sub_agents: [] },
      { env: () => '{ORIGINAL_INSTRUCTIONS}$&' },
    )[0]?.instruction;
  const original = build();
  expect(original).toContain('think tool');
  expect(build('mine')).toBe('mine');
  expect(build('before {ORIGINAL_INSTRUCTIONS} after')).toBe(`before ${original} after`);
});

test('the digest follows name, description, schema and annotations, not the order of keys (R16)', async () => {
  const definition = {
    name: 'a',
    category: 'x',
    description: 'd',
    parameters: { type: 'object', required: ['b'] },
  };
  const digest = definitionDigest(definition);
  expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(definitionDigest({ ...definition, parameters: { required: ['b'], type: 'object' } })).toBe(digest);
  for (const change of [
    { name: 'b' },
    { description: 'e' },
    { parameters: {} },
    { annotations: { readOnlyHint: true } },
  ]) {
    expect(definitionDigest({ ...definition, ...change })).not.toBe(digest);
  }
});

test('an unknown tool, bad JSON and a throwing tool are results', async () => {
  expect(unknownToolResult('readfile', ['read_file', 'shell'])).toEqual({
    output: 'There is no tool named readfile. Did you mean read_file? Available tools: read_file, shell.',
    is_error: true,
  });
  expect(unknownToolResult('x', []).output).toBe('There is no tool named x. Available tools: none.');
  const { run, tool, context, abort } = await bench();
  expect(await run('think', '{')).toMatchObject({
    is_error: true,
    output: expect.stringContaining('not valid JSON'),
  });
  const thrower = { ...tool('think'), execute: () => Promise.reject(new Error('broken')) };
  expect(await runTool(thrower, '{"thought":"a"}', context())).toEqual({
    output: 'The tool failed: broken',
    is_error: true,
  });
  abort.abort();
  expect(await runTool(thrower, '{"thought":"a"}', context())).toEqual({
    output: 'The call was cancelled before it ended.',
    is_error: true,
  });
});

test('thoughts and todos are kept in the session', async () => {
  const { run } = await bench();
  await run('think', { thought: 'one' });
  expect(await run('think', { thought: 'two' })).toEqual({ output: 'Thoughts:\none\ntwo' });
  await run('create_todo', { description: 'a' });
  const created = JSON.parse((await run('create_todos', { descriptions: '["b","c"]' })).output);
  expect(created.created.map(({ id }: { id: string }) => id)).toEqual(['todo_2', 'todo_3']);
  const updated = await run('update_todos', {
    updates: [
      { id: 'todo_1', status: 'completed' },
      { id: 'todo_9', status: 'completed' },
    ],
  });
  expect(JSON.parse(updated.output)).toEqual({
    updated: [{ id: 'todo_1', description: 'a', status: 'completed' }],
    all_todos: [
      { id: 'todo_1', description: 'a', status: 'completed' },
      { id: 'todo_2', description: 'b', status: 'pending' },
      { id: 'todo_3', description: 'c', status: 'pending' },
    ],
    not_found: ['todo_9'],
    reminder: 'Not completed yet: todo_2, todo_3.',
  });
  expect(JSON.parse((await run('list_todos', '')).output).all_todos).toHaveLength(3);
  expect((await run('update_todos', { updates: [{ id: 'no', status: 'pending' }] })).is_error).toBe(true);
});

test('a task goes to a named agent of the team and to nobody else', async () => {
  const { run, delegated, tool } = await bench();
  expect(await run('transfer_task', { agent: 'helper', task: 't', expected_output: null })).toEqual({
    output: 'done by the helper',
  });
  expect(delegated).toEqual([{ agent: 'helper', task: 't' }]);
  expect(tool('transfer_task').access({ agent: 'helper', task: 't' })).toEqual({
    paths: [],
    delegate: 'helper',
  });
  expect((await run('transfer_task', { agent: 'stranger', task: 't' })).output).toContain('helper');
  expect(delegated).toHaveLength(1);
  expect(buildToolsets({ toolsets: [], sub_agents: [] })).toEqual([]);
});

test('what was generated for a tool is what its schema says', () => {
  const built = buildToolsets({
    toolsets: BUILTIN_TOOLSETS.map((type) => ({ type, options: {} })),
    sub_agents: [],
  });
  for (const { tools } of built) {
    for (const { definition } of tools)
      expect([definition.name, definition.parameters]).toEqual([
        definition.name,
        madeAnew(definition.parameters),
      ]);
  }
});

test('thousands are parted as people write them', () => {
  for (const count of [0, 7, 999, 1_000, 30_000, 200_000, 1_234_567])
    expect(thousands(count)).toBe(count.toLocaleString('en'));
});
