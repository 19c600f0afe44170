import { THINKING_LEVELS } from '../../protocol/team.ts';
import {
  anyMap,
  atLeast,
  choice,
  flag,
  integer,
  key,
  later,
  listOf,
  number,
  oneOf,
  record,
  required,
  since,
  text,
  textMap,
  texts,
} from './key.ts';

const thinkingBudget = choice(
  integer,
  {
    kind: 'text',
    values: [...THINKING_LEVELS, 'adaptive'],
    pattern: `adaptive/(${THINKING_LEVELS.join('|')})`,
  },
  anyMap,
);

const taskBudget = choice(
  atLeast(0),
  record('a task budget', {
    type: key(oneOf('tokens'), 'What is counted; only tokens.'),
    total: required(atLeast(0), 'How many tokens one task may take.'),
  }),
);

const identityToken = record('an identity token', {
  file: key(text, 'File that holds the token.'),
  env: key(text, 'Environment variable that holds the token.'),
  command: key(choice(text, texts), 'Command that prints the token.'),
  url: key(text, 'Address that answers with the token.'),
  headers: key(textMap, 'Headers for that address.'),
  response_field: key(text, 'Field of the JSON answer that holds the token.'),
});

const auth = record('the auth of a model', {
  type: required(oneOf('workload_identity_federation'), 'How the provider is convinced without a fixed key.'),
  federation_rule_id: key(text, 'Rule at the provider under which the token is exchanged.'),
  organization_id: key(text, 'Organization at the provider.'),
  service_account_id: key(text, 'Service account that the exchanged token acts as.'),
  identity_token: key(identityToken, 'Where the token to exchange comes from.'),
});

/** Keys that a provider may set for all its models; the model's own value wins. */
const shared = {
  base_url: key(
    text,
    "Address of the API, when it is not the provider's own. Sending a key there needs trust.",
  ),
  token_key: key(text, 'Name of the environment variable that holds the key.'),
  temperature: key({ ...number, minimum: 0 }, 'Randomness of the answers; 0 is the least.'),
  max_tokens: key(atLeast(1), 'The most tokens of one answer.'),
  top_p: key({ ...number, minimum: 0, maximum: 1 }, 'Share of probable words that are drawn from.'),
  frequency_penalty: key(number, 'How much repeated words are avoided.'),
  presence_penalty: key(number, 'How much words that already occurred are avoided.'),
  parallel_tool_calls: key(flag, 'Whether the model may ask for several tool calls at once.'),
  provider_opts: key(anyMap, 'Options that are passed on to the provider as they are.'),
  track_usage: key(flag, 'Whether token usage is asked for and counted.'),
  thinking_budget: key(
    thinkingBudget,
    'How much the model thinks first: tokens, a level, `adaptive` or `adaptive/LEVEL`.',
  ),
  task_budget: since(
    8,
    later('task_budget', taskBudget, 'Tokens that one task may take, as the provider counts them.'),
  ),
  auth: since(8, later('model auth', auth, 'Getting a key from an identity instead of a variable.')),
};

export const modelRecord = record('a model', {
  provider: required(text, 'A built-in provider, or one that is declared under `providers`.'),
  model: required(text, "The model's id at the provider."),
  ...shared,
  routing: since(
    3,
    later(
      'model routing',
      listOf(
        record('a route', {
          model: required(text, 'The model to use, from `models` or as `provider/model`.'),
          examples: required(texts, 'Messages that should go to it.'),
        }),
      ),
      'Choosing a model by the likeness of the message to examples.',
    ),
  ),
});

export const providerRecord = record('a provider', {
  provider: key(text, 'The built-in provider that it behaves like; `openai` when absent.'),
  api_type: since(
    3,
    key(oneOf('openai_chatcompletions', 'openai_responses'), "Which API of OpenAI's it speaks."),
  ),
  ...shared,
  unload_api: since(9, later('unload_api', text, 'Address to call when a model is no longer needed.')),
});
