import {
  any,
  atLeast,
  choice,
  duration,
  flag,
  integer,
  key,
  later,
  listOf,
  mapOf,
  number,
  oneOf,
  record,
  required,
  since,
  text,
  textMap,
  texts,
} from './key.ts';
import type { Keys, Variant, VariantShape } from './key.ts';
import { ragToolset } from './rag.ts';

const lifecycle = record('a lifecycle', {
  profile: key(oneOf('resilient', 'strict', 'best-effort'), 'A set of values for the keys below.'),
  required: key(flag, 'Whether the run fails when it cannot start.'),
  startup_timeout: key(duration, 'How long a start may take.'),
  call_timeout: key(duration, 'How long a call may take.'),
  restart: key(oneOf('never', 'on_failure', 'always'), 'When it is started again.'),
  max_restarts: key(atLeast(0), 'How often it is started again; 5 when absent.'),
  backoff: key(
    record('a backoff', {
      initial: key(duration, 'The first wait.'),
      max: key(duration, 'The longest wait.'),
      multiplier: key(number, 'How much longer each wait is than the last.'),
      jitter: key(number, 'The random share of a wait.'),
    }),
    'The waits between starts.',
  ),
});

/** What starts a process that tools are served by. */
const served = {
  command: key(text, 'Program to start; needs trust.'),
  args: key(texts, 'Its arguments.'),
  env: key(textMap, 'Its environment variables.'),
  version: key(text, 'Version of the program; it has to be there, none is installed.'),
  working_dir: key(text, 'Folder in which it is started.'),
  lifecycle: since(8, key(lifecycle, 'When it is started again and how long it may take.')),
} satisfies Keys;

const remote = record('a remote MCP server', {
  url: required(text, 'Its address.'),
  transport_type: key(oneOf('streamable', 'sse'), 'How it is spoken to.'),
  headers: key(textMap, 'Headers of each request.'),
  oauth: since(
    8,
    key(
      record('the OAuth client', {
        clientId: key(text, 'Id of the client.'),
        clientSecret: key(text, 'Secret of the client.'),
        callbackPort: key(integer, 'Local port that the browser is sent back to.'),
        scopes: key(texts, 'What access is asked for.'),
        callbackRedirectURL: key(text, 'Address that the browser is sent back to.'),
      }),
      'A client that is registered already.',
    ),
  ),
});

export const mcpKeys = {
  ...served,
  remote: key(remote, 'An MCP server at an address.'),
  ref: key(text, '`docker:NAME` from the catalogue, or the name of an entry under `mcps`.'),
  config: later('mcp config', any, 'Configuration of a server from the catalogue.'),
  trusted: key(
    flag,
    'Whether what the server says about its tools (that they only read) is believed. Needs trust.',
  ),
} satisfies Keys;

const argumentSchema = key(mapOf(any), 'Its arguments, each as a JSON Schema.');
const headers = key(textMap, 'Headers of each request.');

/** The toolset types of reference/docker-agent.md 5.5. */
export const TOOLSETS = {
  filesystem: {
    doc: 'Reads, searches and edits files of the workspace.',
    keys: {
      ignore_vcs: key(flag, 'Leave out what git ignores when listing and searching; true when absent.'),
      allow_list: since(8, later('filesystem allow_list', texts, 'The only paths that its tools may touch.')),
      deny_list: since(8, later('filesystem deny_list', texts, 'Paths that its tools never touch.')),
      post_edit: later(
        'filesystem post_edit',
        listOf(
          record('a post_edit entry', {
            path: required(text, 'Glob of the files that it is for.'),
            cmd: required(text, 'Command that runs after such a file was edited.'),
          }),
        ),
        'Commands that run after an edit.',
      ),
    },
  },
  shell: {
    doc: 'Runs commands in the workspace.',
    keys: {
      env: key(
        textMap,
        'Environment variables of its commands; `${env.X}` is expanded when a command starts.',
      ),
    },
  },
  think: { doc: 'A place for the model to write down thoughts.', keys: {} },
  todo: {
    doc: 'A list of things to do.',
    keys: {
      shared: key(
        flag,
        'One list for the whole session, its sub-agents included; false when absent: each has its own.',
      ),
    },
  },
  mcp: { doc: 'The tools of an MCP server.', keys: mcpKeys },
  lsp: {
    doc: 'What a language server knows about the code.',
    later: 'the toolset lsp',
    keys: { ...served, file_types: since(4, key(texts, 'Endings of the files that it is for.')) },
  },
  script: {
    doc: 'Commands of the team, each as a tool.',
    later: 'the toolset script',
    keys: {
      shell: required(
        mapOf(
          record('a script', {
            cmd: required(text, 'Command line; arguments come as environment variables.'),
            description: key(text, 'What the model reads about it.'),
            args: argumentSchema,
            required: key(texts, 'Arguments that must be given.'),
            env: key(textMap, 'Its environment variables.'),
            working_dir: key(text, 'Folder in which it runs.'),
          }),
        ),
        'The tools by name.',
      ),
    },
  },
  fetch: {
    doc: 'Reads web pages.',
    keys: {
      timeout: key(atLeast(1, 300), 'Seconds for one request.'),
      allowed_domains: since(
        8,
        key(
          texts,
          'The only domains that are read, each with all below it; not together with `blocked_domains`.',
        ),
      ),
      blocked_domains: since(8, key(texts, 'Domains that are never read, each with all below it.')),
      allow_private_ips: key(flag, 'Whether addresses of private networks are read.'),
      headers: key(
        textMap,
        'Headers for the asked origin, not for one that it redirects to; `${env.X}` is expanded when a page is read.',
      ),
    },
  },
  memory: {
    doc: 'Remembers things over sessions.',
    later: 'the toolset memory',
    keys: { path: key(text, 'File of the memory.') },
  },
  tasks: {
    doc: 'Tasks with dependencies, in a file.',
    later: 'the toolset tasks',
    keys: { path: key(text, 'File of the tasks.') },
  },
  user_prompt: { doc: 'Lets the model ask the person: a text, a form, an address to open.', keys: {} },
  background_agents: {
    doc: 'Lets the model start sub-agents and go on.',
    later: 'the toolset background_agents',
    keys: {},
  },
  api: {
    doc: 'One HTTP request as a tool.',
    later: 'the toolset api',
    keys: {
      api_config: required(
        record('an API', {
          name: required(text, 'Name of the tool.'),
          instruction: key(text, 'What the model reads about it.'),
          endpoint: required(text, 'Address of the request.'),
          method: key(oneOf('GET', 'POST', 'PUT', 'PATCH', 'DELETE'), 'Method of the request.'),
          headers,
          args: argumentSchema,
          required: key(texts, 'Arguments that must be given.'),
          output_schema: key(any, 'JSON Schema of the answer.'),
        }),
        'The request.',
      ),
    },
  },
  openapi: {
    doc: 'Each operation of an OpenAPI description as a tool.',
    later: 'the toolset openapi',
    keys: { url: required(text, 'Address of the description.'), headers },
  },
  a2a: {
    doc: 'A remote agent as a tool.',
    later: 'the toolset a2a',
    keys: { url: required(text, 'Address of the agent.'), headers },
  },
  model_picker: {
    doc: 'Lets the model change to another model.',
    later: 'the toolset model_picker',
    keys: { models: required(texts, 'The models that it may change to.') },
  },
  rag: { doc: 'Searches documents.', later: 'the toolset rag', keys: ragToolset },
} as const satisfies Record<string, Variant>;

const common = {
  type: required(text, 'Which toolset.'),
  name: key(text, 'What messages and rules call it.'),
  tools: key(texts, 'The only tools that are offered; all when absent.'),
  instruction: key(
    text,
    'Replaces what the model reads about its tools; `{ORIGINAL_INSTRUCTIONS}` stands for that. `${env.X}` is expanded.',
  ),
  toon: later('toolset toon', text, 'Regular expression of the tools whose JSON results are shortened.'),
  model: later('toolset model', text, 'Model for the turn after one of its tools.'),
  defer: since(
    3,
    later('toolset defer', choice(flag, texts), 'Tools that are hidden until the model looks for them.'),
  ),
};

export const toolsetShape: VariantShape<typeof common> = {
  kind: 'variant',
  title: 'a toolset',
  common,
  variants: TOOLSETS,
};

/** An entry under `mcps`: an MCP toolset that agents refer to by name. */
export const mcpEntry = record('an mcps entry', {
  type: key(oneOf('mcp'), 'Only `mcp`.'),
  name: key(text, 'What messages and rules call it.'),
  tools: key(texts, 'The only tools that are offered; all when absent.'),
  instruction: key(text, 'Replaces what the model reads about its tools.'),
  ...mcpKeys,
});

/**
 * The tools of each built toolset, by name, so that a misspelt one in `tools` is found. `later` ones are known and not built.
 */
export const BUILT_IN_TOOLS: Readonly<
  Record<string, { built: readonly string[]; later: readonly string[] }>
> = {
  filesystem: {
    built: [
      'read_file',
      'read_multiple_files',
      'list_directory',
      'directory_tree',
      'search_files_content',
      'edit_file',
      'write_file',
      'create_directory',
      'remove_directory',
    ],
    later: [],
  },
  shell: {
    built: [
      'shell',
      'run_background_job',
      'list_background_jobs',
      'view_background_job',
      'stop_background_job',
    ],
    later: [],
  },
  think: { built: ['think'], later: [] },
  fetch: { built: ['fetch'], later: [] },
  todo: { built: ['create_todo', 'create_todos', 'update_todos', 'list_todos'], later: [] },
  user_prompt: { built: ['user_prompt'], later: [] },
};
