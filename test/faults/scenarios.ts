import type { ScriptedTurn } from '../../src/testing/model-server/script.ts';

/** A run that is killed at every point: what the model says, and what must have happened once at the end. */
export interface Scenario {
  name: string;
  team: (model_url: string) => string;
  message: string;
  safety: 'autonomous' | 'balanced';
  /** Each turn may be asked for more than once: by the process that was killed and by the one that goes on. */
  turns: ScriptedTurn[];
  /** Words that calls append to the file `effects`, one each. */
  effects: string[];
  /** What begins it, where it is not a message to run; `first` is said before, in a run that nobody disturbs. */
  begin?: {
    operation: 'session/command' | 'session/compact';
    request: Record<string, unknown>;
    first?: string;
  };
  /** Fewer points in the long form: what these runs have in common with the others is killed there. */
  sparse?: boolean;
  /** What is sent to the run while it lives, by whoever drives it, under one key. */
  steer?: string;
  /** How many questions a person is asked. */
  questions: number;
  /** The kinds of events at whose last one a process is killed in the short form. */
  short: string[];
}

type Body = { messages?: { role: string; content?: unknown }[] };

/** The turn of a conversation that began with this text, after so many tool results. */
export function turnOf(begin: string, results: number, turn: ScriptedTurn): ScriptedTurn {
  return {
    ...turn,
    when: ({ body }) => {
      const messages = (body as Body).messages ?? [];
      const first = messages.find((message) => message.role === 'user');
      const count = messages.filter((message) => message.role === 'tool').length;
      return JSON.stringify(first?.content ?? '').includes(begin) && count === results;
    },
  };
}

/** Every turn several times: whoever asks again is answered again. */
export function repeated(turns: readonly ScriptedTurn[], times = 6): ScriptedTurn[] {
  return turns.flatMap((turn) => Array.from({ length: times }, () => turn));
}

export const effect = (word: string, id = word) => ({
  id,
  name: 'shell',
  arguments: { cmd: `echo ${word} >> effects` },
});

const read = (path: string, id: string) => ({ id, name: 'read_file', arguments: { path } });

export function oneAgent(model_url: string): string {
  return `
agents:
  root:
    model: scripted
    description: Does what the script says
    instruction: Do it.
    toolsets:
      - type: shell
      - type: filesystem
models:
  scripted: { provider: openai, model: scripted, base_url: ${model_url} }
`;
}

function twoAgents(model_url: string): string {
  return `
agents:
  root:
    model: scripted
    description: Hands on
    instruction: Hand it on.
    sub_agents: [helper]
    toolsets:
      - type: shell
  helper:
    model: scripted
    description: Does it
    instruction: Do it.
    toolsets:
      - type: shell
models:
  scripted: { provider: openai, model: scripted, base_url: ${model_url} }
`;
}

export const EFFECTS: Scenario = {
  name: 'tools with effects',
  team: oneAgent,
  message: 'count to three',
  safety: 'autonomous',
  turns: [
    turnOf('count', 0, { text: 'One.', tool_calls: [effect('one')] }),
    turnOf('count', 1, { tool_calls: [effect('two'), effect('three')] }),
    turnOf('count', 3, { text: 'Counted.' }),
  ],
  effects: ['one', 'two', 'three'],
  questions: 0,
  short: ['model_call', 'stream_stopped', 'agent_info', 'stream_started'],
};

export const PARALLEL: Scenario = {
  name: 'parallel reads among effects',
  team: oneAgent,
  message: 'look around',
  safety: 'autonomous',
  turns: [
    turnOf('look', 0, {
      tool_calls: [read('a.txt', 'a'), read('b.txt', 'b'), effect('one'), read('a.txt', 'c')],
    }),
    turnOf('look', 4, { tool_calls: [read('b.txt', 'd'), effect('two')] }),
    turnOf('look', 6, { text: 'Seen.' }),
  ],
  effects: ['one', 'two'],
  questions: 0,
  short: ['tool_call_decision', 'runner_state', 'tool_call', 'token_usage', 'team_info'],
};

export const DELEGATION: Scenario = {
  name: 'a sub-agent with an approval',
  team: twoAgents,
  message: 'hand it on',
  safety: 'balanced',
  turns: [
    turnOf('hand it on', 0, {
      tool_calls: [{ id: 'hand', name: 'transfer_task', arguments: { agent: 'helper', task: 'child work' } }],
    }),
    turnOf('hand it on', 1, { text: 'All done.' }),
    turnOf('child work', 0, { tool_calls: [effect('one')] }),
    turnOf('child work', 1, { text: 'Child done.' }),
  ],
  effects: ['one'],
  questions: 1,
  short: [
    'tool_call_confirmation',
    'interaction_resolved',
    'sub_session_completed',
    'agent_switching',
    'message_added',
    'toolset_info',
  ],
};

function twoHelpers(model_url: string): string {
  const helper = (name: string): string => `  ${name}:
    model: scripted
    description: Thinks
    instruction: Think.
    toolsets:
      - type: think
`;
  return oneAgent(model_url)
    .replace('    toolsets:', '    sub_agents: [ann, bob]\n    toolsets:')
    .replace('models:', `${helper('ann')}${helper('bob')}models:`);
}

const think = (id: string) => ({ id, name: 'think', arguments: { thought: `of ${id}` } });

export const TOGETHER: Scenario = {
  name: 'two sub-agents side by side',
  team: twoHelpers,
  message: 'hand both on',
  safety: 'autonomous',
  turns: [
    turnOf('hand both on', 0, {
      tool_calls: ['ann', 'bob'].map((agent) => ({
        id: agent,
        name: 'transfer_task',
        arguments: { agent, task: `work of ${agent}` },
      })),
    }),
    turnOf('hand both on', 2, { tool_calls: [effect('one')] }),
    turnOf('hand both on', 3, { text: 'Both are done.' }),
    ...['ann', 'bob'].flatMap((agent) => [
      turnOf(`work of ${agent}`, 0, { tool_calls: [think(`${agent}_first`)] }),
      turnOf(`work of ${agent}`, 1, { tool_calls: [think(`${agent}_second`)] }),
      turnOf(`work of ${agent}`, 2, { text: `${agent} is done.` }),
    ]),
  ],
  effects: ['one'],
  questions: 0,
  short: ['stream_started', 'sub_session_completed'],
};

export const STEERED: Scenario = {
  name: 'a message while it works',
  team: oneAgent,
  message: 'count on',
  safety: 'autonomous',
  steer: 'and mind the second one',
  turns: [
    turnOf('count on', 0, { text: 'One.', tool_calls: [effect('one')] }),
    turnOf('count on', 1, { tool_calls: [effect('two')] }),
    turnOf('count on', 2, { text: 'Counted, and minded.' }),
  ],
  effects: ['one', 'two'],
  questions: 0,
  short: ['input_taken', 'user_message'],
};

/** The second call waits for what the job does, but not for a job that never began. */
const AFTER_THE_JOB =
  'n=0; until grep -qs one effects || [ $n -gt 40 ]; do sleep 0.05; n=$((n+1)); done; echo two >> effects';

export const JOBS: Scenario = {
  name: 'a background job',
  team: oneAgent,
  message: 'start the job',
  safety: 'autonomous',
  turns: [
    turnOf('start', 0, {
      tool_calls: [
        { id: 'one', name: 'run_background_job', arguments: { cmd: 'sleep 0.1; echo one >> effects' } },
      ],
    }),
    turnOf('start', 1, {
      tool_calls: [{ id: 'two', name: 'shell', arguments: { cmd: AFTER_THE_JOB } }],
    }),
    turnOf('start', 2, { text: 'Both are done.' }),
  ],
  effects: ['one', 'two'],
  questions: 0,
  short: ['tool_call_started', 'tool_call_response'],
};

function twoWhoHandOver(model_url: string): string {
  return twoAgents(model_url).replace('sub_agents: [helper]', 'handoffs: [helper]');
}

export const HANDOFF: Scenario = {
  name: 'a handoff',
  team: twoWhoHandOver,
  message: 'who knows it',
  safety: 'autonomous',
  turns: [
    turnOf('who knows', 0, { tool_calls: [{ id: 'over', name: 'handoff', arguments: { agent: 'helper' } }] }),
    turnOf('who knows', 1, { tool_calls: [effect('one')] }),
    turnOf('who knows', 2, { text: 'The helper does.' }),
  ],
  effects: ['one'],
  questions: 0,
  short: ['message_added', 'agent_info', 'agent_switching'],
  sparse: true,
};

function withCommand(model_url: string): string {
  return oneAgent(model_url).replace(
    '    toolsets:',
    '    commands: {see: "Seen: !shell(cmd=\\"echo one >> effects; echo done\\") and ${args[0]}."}\n    toolsets:',
  );
}

export const COMMAND: Scenario = {
  name: 'a command of the team',
  team: withCommand,
  message: 'Seen: ',
  safety: 'autonomous',
  begin: { operation: 'session/command', request: { name: 'see', arguments: ['all'] } },
  turns: [turnOf('Seen', 0, { tool_calls: [effect('two')] }), turnOf('Seen', 1, { text: 'Well seen.' })],
  effects: ['one', 'two'],
  questions: 0,
  short: ['tool_call_started', 'tool_call', 'tool_call_response'],
  sparse: true,
};

export const COMPACTION: Scenario = {
  name: 'a compaction',
  team: oneAgent,
  message: 'hello there',
  safety: 'autonomous',
  begin: { operation: 'session/compact', request: {}, first: 'hello there' },
  turns: [
    turnOf('hello', 0, { text: 'Hello.' }),
    { text: 'They said hello.', when: ({ body }) => !JSON.stringify(body).includes('Do it.') },
  ],
  effects: [],
  questions: 0,
  short: ['session_compaction', 'model_call', 'session_summary'],
  sparse: true,
};

function withGuard(model_url: string): string {
  return oneAgent(model_url).replace(
    '    toolsets:',
    [
      '    hooks:',
      '      pre_tool_use: [{hooks: [{command: "cat >> guarded"}]}]',
      '      post_tool_use: [{matcher: shell, hooks: [{command: "cat >> followed"}]}]',
      '    toolsets:',
    ].join('\n'),
  );
}

export const GUARDED: Scenario = {
  name: 'a guard that looks at each call',
  team: withGuard,
  message: 'count with care',
  safety: 'autonomous',
  turns: [
    turnOf('count with care', 0, { tool_calls: [effect('one'), effect('two')] }),
    turnOf('count with care', 2, { tool_calls: [read('a.txt', 'a')] }),
    turnOf('count with care', 3, { text: 'Counted.' }),
  ],
  effects: ['one', 'two'],
  questions: 0,
  // Killed with the guard in flight, and where its end is not shown yet.
  short: ['hook_started', 'tool_call', 'hook_finished'],
  sparse: true,
};
