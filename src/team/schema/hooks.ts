import {
  duration,
  key,
  later,
  listOf,
  oneOf,
  record,
  required,
  since,
  text,
  textMap,
  texts,
  type Key,
} from './key.ts';

const hook = record('a hook', {
  name: key(text, 'What messages call it.'),
  type: key(
    oneOf('command', 'builtin', 'model'),
    'What runs: a command (the default), a built-in, or a question to a model.',
  ),
  command: key(text, "The command line, or the built-in's name."),
  args: key(texts, 'Arguments of the command or built-in.'),
  timeout: key(duration, 'Seconds until it counts as failed; 60 when absent.'),
  env: key(textMap, 'Environment variables of the command.'),
  working_dir: key(text, 'Folder in which the command runs.'),
  on_error: key(oneOf('warn', 'ignore', 'block'), 'What a failure means.'),
  model: later('a hook that asks a model', text, 'The model that is asked.'),
  prompt: later('a hook that asks a model', text, 'What the model is asked.'),
  schema: later(
    'a hook that asks a model',
    oneOf('', 'pre_tool_use_decision'),
    "The form of the model's answer.",
  ),
});

const matched = listOf(
  record('a hook matcher', {
    matcher: key(text, 'Regular expression over the whole tool name; `*` or nothing is all tools.'),
    hooks: required(listOf(hook), 'What runs for those tools.'),
  }),
);

const MATCHED_EVENTS = {
  pre_tool_use: 'Before a tool runs; can deny, ask, allow or change the arguments.',
  post_tool_use: 'After a tool ran.',
  permission_request: 'Before a person is asked; can answer instead.',
  tool_response_transform: "Before the model sees a tool's result; can replace it.",
} as const;

const FLAT_EVENTS = {
  session_start: 'When a session begins.',
  user_prompt_submit: 'When a message comes in; can stop it.',
  turn_start: 'When a turn begins.',
  turn_end: 'When a turn has ended.',
  before_llm_call: 'Before the model is called; can change the messages.',
  after_llm_call: 'After the model answered.',
  session_end: 'When a run has ended.',
  pre_compact: 'Before the summary prompt is made.',
  before_compaction: 'Before a compaction; can stop it or give the summary.',
  after_compaction: 'After a compaction.',
  subagent_stop: 'When a sub-agent has ended.',
  on_user_input: 'Before a person is asked for something.',
  stop: 'When the model stops; can give it more to do.',
  notification: 'When something is to be made known.',
  on_error: 'When a run fails.',
  on_max_iterations: 'When the limit of iterations is reached.',
  on_agent_switch: 'When another agent takes over.',
  on_session_resume: 'When a session goes on after its limit was raised.',
  on_tool_approval_decision: 'When a tool call was decided.',
} as const;

function keysOf<E extends Record<string, string>, K extends Key>(
  events: E,
  make: (doc: string, event: string) => K,
): Record<keyof E, K> {
  return Object.fromEntries(Object.entries(events).map(([name, doc]) => [name, make(doc, name)])) as Record<
    keyof E,
    K
  >;
}

/** What version 3 began with; `on_user_input` is of version 6, all others of version 8. */
const FIRST_EVENTS: readonly string[] = ['pre_tool_use', 'post_tool_use', 'session_start', 'session_end'];

function versionOf(event: string): number {
  if (event === 'on_user_input') return 6;
  return FIRST_EVENTS.includes(event) ? 3 : 8;
}

export const hooksRecord = record('the hooks', {
  ...keysOf(MATCHED_EVENTS, (doc, event) => since(versionOf(event), key(matched, doc))),
  ...keysOf(FLAT_EVENTS, (doc, event) => since(versionOf(event), key(listOf(hook), doc))),
});
