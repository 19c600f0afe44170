/**
 * How each key compares with docker-agent's of that name, for docs/from-docker-agent.md: by title of its record and key. A key that is not built yet needs no
 * word here, every other stands in exactly one of the three, which a test sees to.
 */

/** Means what it means there. */
export const SAME: Readonly<Record<string, readonly string[]>> = {
  'a team': ['agents', 'models', 'metadata', 'mcps'],
  'an agent': [
    'toolsets',
    'add_date',
    'add_environment_info',
    'max_consecutive_tool_calls',
    'max_old_tool_call_tokens',
  ],
  'a fallback': ['models'],
  'a toolset': ['type', 'tools'],
  'a toolset of type filesystem': ['ignore_vcs'],
  'a toolset of type fetch': ['timeout'],
  'a toolset of type mcp': ['command', 'args', 'ref', 'remote'],
  'an mcps entry': ['type', 'tools', 'command', 'args', 'ref', 'remote'],
  'a remote MCP server': ['transport_type', 'oauth'],
  'the OAuth client': ['callbackPort', 'scopes', 'callbackRedirectURL'],
  'a lifecycle': ['max_restarts', 'backoff'],
  'a backoff': ['initial', 'max', 'multiplier', 'jitter'],
  'a command': ['description'],
  'the hooks': [
    'post_tool_use',
    'session_start',
    'user_prompt_submit',
    'turn_start',
    'turn_end',
    'before_llm_call',
    'after_llm_call',
    'session_end',
    'pre_compact',
    'before_compaction',
    'after_compaction',
    'subagent_stop',
    'on_user_input',
    'stop',
    'notification',
    'on_error',
    'on_max_iterations',
    'on_agent_switch',
    'on_session_resume',
  ],
  'a hook matcher': ['hooks'],
  'a hook': ['name', 'type', 'args', 'timeout', 'env', 'on_error'],
  'a model': [
    'model',
    'token_key',
    'temperature',
    'max_tokens',
    'top_p',
    'frequency_penalty',
    'presence_penalty',
    'parallel_tool_calls',
    'track_usage',
  ],
  'a provider': [
    'api_type',
    'token_key',
    'temperature',
    'max_tokens',
    'top_p',
    'frequency_penalty',
    'presence_penalty',
    'parallel_tool_calls',
    'track_usage',
  ],
  'the metadata': ['author', 'license', 'description', 'readme', 'version'],
};

const BASE_URL = 'A team that nobody trusted yet is held: it could have your key sent to anybody.';
const OPTIONS =
  'Go into the request as they are, named as the API names them; `interleaved_thinking`, `api_version`, `store` and `reasoning_summary` are switches.';
const THINKING =
  'A mapping counts by its `effort` and gets a warning otherwise: there it is passed over without a word.';

const SERVER = {
  env: 'Expanded when the server starts, and never stored; the server gets your variables otherwise, but no key of a provider.',
  version: 'Nothing is installed: what is not there is said, and the run goes on without it.',
  working_dir: 'Inside of the workspace, or of a folder that you add.',
  lifecycle: 'Every key of it counts.',
};

/** What a key means otherwise, and why. */
export const DIFFERENCES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'a team': {
    version:
      'Versions 0 to 8 are read too; a key that came later than the file says counts, with a warning, where docker-agent refuses it: the file says what it wants.',
    providers:
      'A provider named like a built-in one stands in its place, also for models that are named later on.',
    permissions:
      'Deny beats ask beats allow, in every mode, `--yolo` too; there `--yolo` beats a deny, and allow beats ask.',
  },
  'an agent': {
    model: '`auto` when absent, so that a team runs with whatever key there is.',
    fallback:
      'The price is that of the model that answered, and what a failed attempt had shown is taken back, so that nothing is counted or shown twice.',
    redact_secrets:
      'Values that are known as secrets are taken out everywhere without it; the key adds what looks like a key of a well-known service, for the agents below it too.',
    description: 'Not expanded: other agents and people read it, and variables may be secrets.',
    welcome_message: 'Not expanded, as `description`.',
    instruction:
      'Only `${env.NAME}` is expanded, once; other expressions stay as they are, since a team is not a program.',
    sub_agents:
      'Agents of the same file; another file or an image is refused: it would be fetched before anybody agreed to it. Their calls are bound by the rules and the mode of who delegates.',
    handoffs: 'Agents of the same file; at most eight times in a run; a stricter `safety` is not shed by it.',
    add_prompt_files:
      "Looked for up to the workspace's root, not in your home: the tools act elsewhere than you may be.",
    max_iterations:
      'Counts the calls of sub-agents too, since they cost as much; who has `autonomous` goes on by 10, at most five times, and a run that ends so says so (`max_iterations`).',
    num_history_items: 'A call and its result stay together: models refuse one without the other.',
    hooks:
      'Of every agent on the way to a call, not of the one that makes it alone; none is skipped by `--yolo` or an allow rule.',
    skills:
      'Folders beside the file are taken too (`./skills`); an address is refused in this release. `allowed-tools` narrows a run and never grants; nothing in a skill is expanded; a run keeps the skills that it began with. A team that nobody trusted does not get those of your home.',
    commands:
      'What is typed goes into a command line as quoted words and is never expanded again; each `!tool()` is judged and recorded.',
  },
  'a fallback': {
    retries: '`0` means never, as `-1` does: a number is what it says.',
    cooldown: 'Stands in the log of the session, so that it holds over a restart; `0` is none.',
  },
  'a toolset': {
    name: 'Rules may name it (`NAME/tool`): a rule for `shell` never fits a tool of that name from somewhere else.',
    instruction: 'Only `${env.NAME}` is expanded, as in an agent.',
  },
  'a toolset of type shell': {
    env: 'Expanded when a command starts, and never stored; it needs a yes in a team that nobody trusted yet: `PATH` decides what a harmless line runs.',
  },
  'a toolset of type todo': {
    shared: 'The list is kept with the session, so that it is there after a restart.',
  },
  'a toolset of type fetch': {
    allowed_domains: 'Checked again at each redirect.',
    blocked_domains: 'Checked again at each redirect.',
    allow_private_ips:
      'Judged by the address that is connected to, at each redirect: a name may answer otherwise the second time.',
    headers: 'Not sent on to another origin by a redirect: they may hold a key.',
  },
  'a toolset of type mcp': SERVER,
  'an mcps entry': {
    ...SERVER,
    name: 'The name of the entry when absent: its tools are offered as `NAME_tool`, and rules call them `NAME/tool`.',
    instruction: 'Only `${env.NAME}` is expanded, as in an agent.',
  },
  'a remote MCP server': {
    url: 'Judged by the address that is connected to: one of a private network only where the team is trusted, and a redirect to one never.',
    headers:
      'Expanded with each start, and never stored; with an `Authorization` of your own nobody is asked to sign in.',
  },
  'the OAuth client': {
    clientId: 'May be the `https` address of a document that describes the client.',
    clientSecret: 'Expanded when it is used, and never stored, logged or shown.',
  },
  'a lifecycle': {
    profile:
      '`resilient` when absent: started again after a failure; `strict` is required and never started again.',
    required:
      'A run fails at its start where it cannot have the server; there it is read and counts for nothing.',
    startup_timeout: 'Counts, `30s` when absent; there it is read and counts for nothing.',
    call_timeout:
      'Counts, `10m` when absent, and the time that a person takes for an answer does not; there it counts for nothing.',
    restart: 'When the next call needs it, not by itself: nobody waits for a server that nobody calls.',
  },
  'a command': {
    instruction:
      '`${args[...]}` in the line of a `!shell` stands outside of quotes, as one word: what is typed cannot become a command.',
  },
  'the hooks': {
    pre_tool_use:
      'One after the other, each on the arguments as rewritten so far; after a rewrite those before look once more. What it asks, a person answers in every mode.',
    permission_request: 'Answers nothing that a guard or the policy wants a person to answer.',
    tool_response_transform: 'One after the other; nobody sees the result before, live output included.',
    on_tool_approval_decision: 'Its source is the true one, for every call.',
  },
  'a hook matcher': {
    matcher: 'A regular expression of JavaScript; a wrong one is an error with its line.',
  },
  'a hook': {
    command:
      "Runs where the team's tools act; a script that was edited during the run is not run, and what it guards is denied.",
    working_dir: "The session's folder when absent, not that of the process.",
  },
  'a model': {
    provider:
      '`amazon-bedrock` and `vertex` load and are refused at run in this release; `groq` and `openrouter` are built in too.',
    base_url: BASE_URL,
    provider_opts: OPTIONS,
    thinking_budget: THINKING,
  },
  'a provider': {
    provider: 'One that refers to itself, or to none that is known, is an error with its line.',
    base_url: BASE_URL,
    provider_opts: `${OPTIONS} Those of a model are added to them.`,
    thinking_budget: THINKING,
  },
  'the permissions': {
    allow:
      'Of a team that nobody trusted they do not count. A shell line is allowed where each of its commands is, word for word: `ls*` does not let `ls; rm` through.',
    ask: 'Beats allow inside one layer: the safe way round.',
    deny: 'Counts in every mode, for sub-agents too; `*` in it crosses `/`, so that no path slips through.',
  },
};

/** Keys that docker-agent does not have. */
export const OURS: ReadonlySet<string> = new Set([
  'a team.safety',
  'a team.read_roots',
  'an agent.safety',
  'a toolset of type mcp.trusted',
  'an mcps entry.trusted',
]);

/** What is different of a whole record. */
export const NOTES: Readonly<Record<string, string>> = {
  'a toolset of type filesystem':
    'Its tools stay inside the working folder, `--add-dir` and `--read-dir`, whatever links lie there; in docker-agent they reach everything that you can read.',
  'a toolset of type shell':
    'Its commands do not get the keys of providers (`--pass-env NAME` hands one on), and those that only read run without a question.',
};
