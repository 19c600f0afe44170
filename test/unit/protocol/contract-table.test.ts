import { expect, test } from 'vitest';
import {
  CONTRACT,
  LIMITS,
  OPERATIONS,
  PROTOCOL_VERSION,
  routeOf,
} from '../../../src/protocol/contract/contract.ts';
import type { OperationDeclaration } from '../../../src/protocol/contract/declare.ts';
import type { z } from 'zod';

/**
 * Every operation of the wire, by hand: scope, method, what it changes (`key` takes an idempotency key), how it travels, whether it is built, and its
 * request fields (`?` optional). A lost or silently changed operation shows here.
 */
const TABLE = `
capabilities             read    GET   -    json    built
team/list                read    POST  -    json    built
team/load                run     POST  -    json    built  source? trust? runtime_config? model_overrides? prompt_files?
session/create           run     POST  key  json    built  source? team_digest? trust? runtime_config? agent_name? tools_approved? hide_tool_results? session_db? session_id? resume_session_id? snapshots_enabled? working_dir? model_overrides? prompt_files? first_files? permissions? user_permissions? project_permissions? user_hooks? project_hooks? project_trusted? project_safety? safety? unattended? max_iterations? budget? title? runner?
session/open             read    POST  -    json    built  session_id
session/list             read    POST  -    json    built  query? cwd? starred? limit? page?
session/search           read    POST  -    json    built  query cwd? starred? limit? page?
session/transcript       read    POST  -    json    built  session_id limit? before? include_children?
session/events           read    GET   -    stream  built  session_id after? run_id? follow?
session/run              run     POST  key  stream  built  session_id messages max_iterations? unattended?
session/steer            run     POST  key  json    built  session_id messages
session/follow_up        run     POST  key  json    built  session_id messages
session/answer           approve POST  key  json    built  session_id request_id decision reason? content? rule?
session/claim            approve POST  key  json    built  session_id request_id redirect_url
session/interrupt        run     POST  key  json    built  session_id run_id? include_background?
session/pause            run     POST  key  json    built  session_id paused
session/agent            run     POST  key  json    built  session_id agent_name
session/agent_info       read    POST  -    json    built  session_id
session/tools            read    POST  -    json    built  session_id
session/toolsets         read    POST  -    json    built  session_id
session/models           read    POST  -    json    built  session_id
session/commands         read    POST  -    json    built  session_id
session/skills           read    POST  -    json    built  session_id
session/prompts          read    POST  -    json    built  session_id
session/permissions      read    POST  -    json    built  session_id
session/queue            read    POST  -    json    built  session_id
session/usage            read    POST  -    json    built  session_id
session/snapshots        read    POST  -    json    built  session_id
session/toolset_restart  run     POST  key  json    built  session_id toolset
session/set_model        run     POST  key  json    built  session_id agent_name? model
session/set_permissions  approve POST  key  json    built  session_id permissions
session/set_safety       approve POST  key  json    built  session_id safety
session/compact          run     POST  key  json    built  session_id instruction?
session/prompt           run     POST  key  json    built  session_id name arguments?
session/skill            run     POST  key  json    built  session_id name arguments?
session/command          run     POST  key  json    built  session_id name arguments?
session/title            run     POST  key  json    built  session_id title
session/regenerate_title run     POST  key  json    built  session_id
session/star             run     POST  key  json    built  session_id starred
session/fork             run     POST  key  json    built  session_id at? title?
session/undo             run     POST  key  json    built  session_id at?
session/reset            run     POST  key  json    built  session_id at?
session/export           read    POST  -    json    built  session_id format
session/cassette         run     GET   -    bytes   built  session_id
session/delete           run     POST  key  json    built  session_id? session_ids?
session/shell            admin   POST  key  json    built  session_id command
upload/create            run     POST  key  upload  built  name? media_type
blob                     read    GET   -    bytes   built  session_id id
mcp/list                 run     POST  -    json    built  source? trust?
mcp/login                approve POST  key  json    built  source? trust? server redirect_url
mcp/finish               approve POST  key  json    built  login_id decision content?
mcp/logout               approve POST  key  json    built  source? trust? server
host/models              read    POST  -    json    built
host/doctor              admin   POST  -    json    built
run/list                 read    POST  -    json    built
run/follow               read    GET   -    stream  built  run_id after?
`;

function lineOf(name: string, declaration: OperationDeclaration): string {
  const { scope, http, changes, transfer, built, request } = declaration;
  const fields = Object.entries((request as z.ZodObject<Record<string, z.ZodType>>).shape).map(
    ([field, schema]) => `${field}${schema.safeParse(undefined).success ? '?' : ''}`,
  );
  return [name, scope, http, changes ? 'key' : '-', transfer, built ? 'built' : 'later', ...fields].join(' ');
}

test('the contract is the table, operation by operation', () => {
  const expected = TABLE.trim()
    .split('\n')
    .map((line) => line.replace(/ +/g, ' ').trim());
  const found = OPERATIONS.map((name) => lineOf(name, CONTRACT[name]));
  expect(found.toSorted()).toEqual(expected.toSorted());
});

test('routes and methods are each used once, and each part of a route is a word', () => {
  const methods = OPERATIONS.map((name) => `${CONTRACT[name].on}.${CONTRACT[name].method}`);
  expect(new Set(methods).size).toBe(OPERATIONS.length);
  for (const name of OPERATIONS) expect(routeOf(name)).toMatch(/^\/v1\/[a-z]+(\/[a-z_]+)?$/);
});

/** Operations of the whole backend that name a session all the same: the ones that end, and one that begins under a given id. */
const NAMING: ReadonlySet<string> = new Set(['session/delete', 'session/create']);

test('every operation of one session is bound to it, and none of the others is', () => {
  for (const name of OPERATIONS) {
    const field: z.ZodType | undefined = (CONTRACT[name].request as z.ZodObject).shape['session_id'];
    expect([name, field?._zod.optin]).toEqual([name, NAMING.has(name) ? 'optional' : undefined]);
    expect([name, CONTRACT[name].on]).toEqual([
      name,
      field !== undefined && !NAMING.has(name) ? 'runtime' : 'backend',
    ]);
  }
});

/** Fields that an answer must have. */
function requiredIn(response: z.ZodType): string[] {
  const { shape } = response as z.ZodObject;
  return Object.keys(shape).filter((field) => shape[field]?._zod.optout !== 'optional');
}

test('answers about a session carry as_of, answers to an input carry input_id', () => {
  const inputs: string[] = [];
  for (const name of OPERATIONS) {
    const { on, scope, changes, transfer, built, response } = CONTRACT[name];
    if (!built || on !== 'runtime' || transfer === 'bytes' || name === 'session/events') continue;
    if (scope === 'read')
      expect([name, requiredIn(response)]).toEqual([name, expect.arrayContaining(['as_of'])]);
    // A fork makes another session and sends nothing to this one; what is claimed lives in memory alone.
    if (name === 'session/fork' || name === 'session/claim') continue;
    if (changes && requiredIn(response).includes('input_id')) inputs.push(name);
    else if (changes) expect(Object.keys((response as z.ZodObject).shape)).toContain('input_id');
  }
  expect(requiredIn(CONTRACT['session/create'].response)).toEqual(
    expect.arrayContaining(['session_id', 'as_of']),
  );
  // An interrupt of an idle session makes no input, a fork none for this one.
  expect(inputs).toEqual(
    OPERATIONS.filter((name) => {
      const { on, changes, built } = CONTRACT[name];
      return (
        on === 'runtime' &&
        built &&
        changes &&
        !['session/interrupt', 'session/fork', 'session/claim'].includes(name)
      );
    }),
  );
});

/** Answer fields that WIRE names, by operation; ours may have more. */
test.each([
  ['capabilities', 'protocol server features scopes limits'],
  ['team/list', 'teams'],
  ['team/load', 'team_digest agent_names default_agent agents models toolsets warnings'],
  ['session/open', 'session team agent pending_interactions queue usage permissions safety as_of'],
  ['session/list', 'sessions'],
  ['session/transcript', 'messages as_of'],
  ['session/run', 'run_id input_id'],
  ['session/interrupt', 'was_running'],
  ['session/pause', 'paused'],
  ['session/delete', 'deleted'],
  ['upload/create', 'upload_id size sha256'],
  ['host/models', 'models'],
  ['host/doctor', 'checks'],
  ['run/list', 'runs'],
] as const)('%s answers %s', (name, fields) => {
  expect(requiredIn(CONTRACT[name].response)).toEqual(expect.arrayContaining(fields.split(' ')));
});

test('limits and version are numbers that a client can rely on', () => {
  expect(PROTOCOL_VERSION).toMatch(/^1\.\d+$/);
  expect(LIMITS).toMatchObject({ body_bytes: 1_048_576, upload_bytes: 67_108_864, event_bytes: 1_048_576 });
  expect(LIMITS.heartbeat_ms).toBe(15_000);
  for (const name of OPERATIONS) expect(CONTRACT[name].since).toBe('1.0');
});
