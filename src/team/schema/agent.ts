import { SAFETY_MODES } from '../../protocol/permissions.ts';
import {
  any,
  atLeast,
  choice,
  duration,
  flag,
  key,
  later,
  listOf,
  mapOf,
  oneOf,
  record,
  required,
  since,
  text,
  texts,
} from './key.ts';
import { hooksRecord } from './hooks.ts';
import { toolsetShape } from './toolsets.ts';

const command = choice(
  text,
  record('a command', {
    description: key(text, 'What a person reads about it.'),
    instruction: required(text, 'The message that it stands for.'),
  }),
);

const fallback = record('a fallback', {
  models: required(texts, 'Models to use instead, in order.'),
  retries: key(atLeast(-1), 'How often each model is tried again; 2 when absent, -1 or 0 for never.'),
  cooldown: key(duration, 'How long a model that failed for good is left alone; 1m when absent.'),
});

export const agentRecord = record('an agent', {
  model: key(
    text,
    'A name from `models`, `provider/model`, or `auto`; several with commas are drawn from, anew each turn. `auto` when absent.',
  ),
  fallback: since(4, key(fallback, 'Who answers when its model fails.')),
  description: key(text, 'What other agents and people read about it.'),
  welcome_message: key(text, 'Shown when a conversation begins.'),
  instruction: key(text, 'What it is and how it works. `${env.X}` is expanded.'),
  toolsets: key(listOf(toolsetShape), 'The tools that it has.'),
  code_mode_tools: later('code_mode_tools', flag, 'One tool that runs a script over all others.'),
  sub_agents: key(texts, 'Agents of this file that it can give a task to.'),
  handoffs: key(texts, 'Agents of this file that it can give the conversation to.'),
  add_date: key(flag, "Tell it today's date."),
  add_environment_info: key(
    flag,
    'Tell it the working folder, the system and whether there is a git repository.',
  ),
  redact_secrets: since(8, key(flag, 'Take keys and secrets out of messages, tool arguments and results.')),
  add_description_parameter: since(
    4,
    later('add_description_parameter', flag, 'Ask the model to describe each tool call.'),
  ),
  add_prompt_files: key(
    texts,
    "Files such as AGENTS.md, looked for from the working folder up to the workspace's root and given to it each turn. A missing one is a warning, and of one over 256 KiB the beginning counts, with a warning.",
  ),
  max_iterations: key(atLeast(0), 'Model calls in one run; 0 is without a limit.'),
  max_consecutive_tool_calls: key(
    atLeast(0),
    'Equal tool calls in a row after which the run ends; 0 stands for 5.',
  ),
  max_old_tool_call_tokens: key(
    atLeast(-1),
    'Tokens of old tool results that are kept; 0 stands for 40000, -1 keeps all.',
  ),
  num_history_items: key(atLeast(0), 'Messages of the history that the model gets; 0 is all.'),
  commands: key(
    choice(mapOf(command), listOf(mapOf(command))),
    'Messages under a name, for a person to call.',
  ),
  structured_output: later(
    'structured_output',
    record('a structured output', {
      name: required(text, 'Its name.'),
      description: key(text, 'What the model reads about it.'),
      strict: key(flag, 'Whether the answer must fit exactly.'),
      schema: required(any, 'JSON Schema of the answer.'),
    }),
    'The form of its answers.',
  ),
  hooks: since(3, key(hooksRecord, 'What runs at certain moments.')),
  cache: since(
    8,
    later(
      'cache',
      record('a cache', {
        enabled: key(flag, 'Whether answers are kept.'),
        case_sensitive: key(flag, 'Whether case counts when messages are compared.'),
        trim_spaces: key(flag, 'Whether blanks around a message are left out.'),
        path: key(text, 'File of the cache.'),
      }),
      'Answering a message that came before without the model.',
    ),
  ),
  skills: since(
    3,
    key(
      choice(flag, texts),
      'Whether it can use skills: `true`, or a list of `local` (those of the workspace and of the user), folders beside this file such as `./skills`, and names of the only ones that it gets.',
    ),
  ),
  budget: since(9, later('budgets', choice(text, texts), 'Names from `budgets` that limit it.')),
  safety: since(
    9,
    key(
      oneOf(...SAFETY_MODES),
      "The safety mode for its calls; the stricter of this and the team's counts. `autonomous` needs trust.",
    ),
  ),
});
