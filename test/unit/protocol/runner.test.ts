import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UnsupportedError, YonderError } from '../../../src/protocol/errors.ts';
import { RUNNER_FAILURES, runnerError, runnerFailureOf } from '../../../src/protocol/runner-session.ts';
import * as runner from '../../../src/protocol/runner.ts';

/** What serde writes for the seed's types: every field, `null` for None, pairs for the environment, numbers for bytes. */
const SEED_FORM = [
  [
    'RunnerCapabilities',
    runner.runnerCapabilitiesSchema,
    '{"command_exec":true,"file_read":true,"file_write":false,"port_preview":false,"snapshots":false,"cancellation":true,"artifact_export":false,"mounts":{"s3":false,"gcs":false,"r2":true,"azure_blob":false,"box_storage":false,"provider_native":true}}',
  ],
  [
    'RunnerDestination',
    runner.runnerDestinationSchema,
    '{"id":"local","provider_id":"unix-local","config":{"root":"."},"default_manifest":{"entries":[{"source":"src","target":"workspace/src","writable":true}],"mounts":[{"name":"cache","path":".cache","read_only":false,"intent":{"kind":"provider_native","uri":""}}]}}',
  ],
  [
    'RunnerMount',
    runner.runnerMountSchema,
    '{"name":"dataset","path":"mnt/dataset","read_only":true,"intent":{"kind":"azure_blob","uri":"az://c/p","credentials":{"id":"env:AZ"}}}',
  ],
  [
    'RunnerSnapshotRef',
    runner.runnerSnapshotRefSchema,
    '{"provider_id":"p","snapshot_id":"s","metadata":null}',
  ],
  [
    'RunnerSessionState',
    runner.runnerSessionStateSchema,
    '{"provider_id":"p","session_id":"s","destination_id":"d","snapshot":null,"metadata":{"a":[1,null,"x"]}}',
  ],
  [
    'ThreadRunnerBinding',
    runner.threadRunnerBindingSchema,
    '{"destination":{"id":"d","provider_id":"p","config":null,"default_manifest":{"entries":[],"mounts":[]}},"workspace":"/w","read_roots":["/data"]}',
  ],
  [
    'RunnerCommandRequest',
    runner.runnerCommandRequestSchema,
    '{"command_id":"cmd-1","program":"sh","args":["-lc","echo hi"],"cwd":"workspace","env":[["RUST_LOG","info"],["RUST_LOG","twice"]]}',
  ],
  [
    'RunnerCommandResult',
    runner.runnerCommandResultSchema,
    '{"command_id":"cmd-1","exit_code":null,"stdout":"","stderr":"killed"}',
  ],
  ['RunnerFileReadRequest', runner.runnerFileReadRequestSchema, '{"path":"a"}'],
  ['RunnerFileReadResult', runner.runnerFileReadResultSchema, '{"path":"a","contents":[0,128,255]}'],
  ['RunnerFileWriteRequest', runner.runnerFileWriteRequestSchema, '{"path":"a","contents":[]}'],
  ['RunnerPortRequest', runner.runnerPortRequestSchema, '{"port":3000,"label":null}'],
  ['RunnerPortResult', runner.runnerPortResultSchema, '{"port":65535,"url":"https://preview.example"}'],
  [
    'RunnerArtifactExportRequest',
    runner.runnerArtifactExportRequestSchema,
    '{"path":"out","recursive":false}',
  ],
  [
    'RunnerArtifactExportResult',
    runner.runnerArtifactExportResultSchema,
    '{"path":"out/report.json","artifact_id":"artifact-1","url":null,"metadata":{"size":128}}',
  ],
] as const;

test.each(SEED_FORM)('%s keeps the JSON of the seed byte for byte', (_name, schema, text) => {
  expect(JSON.stringify(schema.parse(JSON.parse(text)))).toBe(text);
});

/** Defaulted and optional fields may be absent on receipt; what then stands there is what serde puts there. */
const ABSENT = [
  [
    runner.runnerCapabilitiesSchema,
    '{"command_exec":true,"file_read":true,"file_write":true,"port_preview":true,"snapshots":true,"cancellation":true}',
    '{"command_exec":true,"file_read":true,"file_write":true,"port_preview":true,"snapshots":true,"cancellation":true,"artifact_export":false,"mounts":{"s3":false,"gcs":false,"r2":false,"azure_blob":false,"box_storage":false,"provider_native":false}}',
  ],
  [
    runner.runnerDestinationSchema,
    '{"id":"d","provider_id":"p"}',
    '{"id":"d","provider_id":"p","config":null,"default_manifest":{"entries":[],"mounts":[]}}',
  ],
  [
    runner.runnerMountSchema,
    '{"name":"m","path":"p","read_only":true}',
    '{"name":"m","path":"p","read_only":true,"intent":{"kind":"provider_native","uri":""}}',
  ],
  [runner.runnerMountIntentSchema, '{"kind":"s3","uri":"u","credentials":null}', '{"kind":"s3","uri":"u"}'],
  [
    runner.runnerSessionStateSchema,
    '{"provider_id":"p","session_id":"s","destination_id":"d"}',
    '{"provider_id":"p","session_id":"s","destination_id":"d","snapshot":null,"metadata":null}',
  ],
  [
    runner.runnerCommandRequestSchema,
    '{"command_id":"c","program":"ls"}',
    '{"command_id":"c","program":"ls","args":[],"cwd":null,"env":[]}',
  ],
  [
    runner.runnerCommandResultSchema,
    '{"command_id":"c","stdout":"","stderr":""}',
    '{"command_id":"c","exit_code":null,"stdout":"","stderr":""}',
  ],
  [runner.runnerPortRequestSchema, '{"port":0}', '{"port":0,"label":null}'],
  [runner.runnerPortResultSchema, '{"port":0}', '{"port":0,"url":null}'],
  [runner.runnerArtifactExportRequestSchema, '{"path":"p"}', '{"path":"p","recursive":false}'],
  [
    runner.runnerArtifactExportResultSchema,
    '{"path":"p","artifact_id":"a"}',
    '{"path":"p","artifact_id":"a","url":null,"metadata":null}',
  ],
] as const;

test.each(ABSENT)('absent fields get the defaults of the seed: %#', (schema, received, whole) => {
  expect(JSON.stringify(schema.parse(JSON.parse(received)))).toBe(whole);
});

describe("the seed's own tests", () => {
  const roundTrip = (schema: { parse(value: unknown): unknown }, value: unknown) =>
    expect(schema.parse(JSON.parse(JSON.stringify(value)))).toEqual(value);

  test('remote_runner_types_round_trip_json', () => {
    const destination: runner.RunnerDestination = {
      id: 'local',
      provider_id: 'unix-local',
      config: { root: '.' },
      default_manifest: {
        entries: [{ source: 'src', target: 'workspace/src', writable: true }],
        mounts: [
          { name: 'cache', path: '.cache', read_only: false, intent: { kind: 'provider_native', uri: '' } },
        ],
      },
    };
    roundTrip(runner.runnerDestinationSchema, destination);
  });

  test('command_and_port_operations_are_protocol_safe', () => {
    const command: runner.RunnerCommandRequest = {
      command_id: 'cmd-1',
      program: 'sh',
      args: ['-lc', 'echo hi'],
      cwd: 'workspace',
      env: [['RUST_LOG', 'info']],
    };
    roundTrip(runner.runnerCommandRequestSchema, command);
    roundTrip(runner.runnerPortResultSchema, { port: 3000, url: 'https://preview.example' });
  });

  test('mount_and_artifact_operations_are_protocol_safe', () => {
    const mount: runner.RunnerMount = {
      name: 'dataset',
      path: 'mnt/dataset',
      read_only: true,
      intent: { kind: 'r2', uri: 'r2://bucket/prefix', credentials: { id: 'r2-readonly' } },
    };
    roundTrip(runner.runnerMountSchema, mount);
    roundTrip(runner.runnerArtifactExportResultSchema, {
      path: 'out/report.json',
      artifact_id: 'artifact-1',
      url: 'https://artifacts.example/report.json',
      metadata: { size: 128 },
    });
  });
});

test('our fields stand beside those of the seed, and a peer that adds some loses none', () => {
  const result = {
    command_id: 'c',
    exit_code: 0,
    stdout: 'x',
    stderr: '',
    outcome: 'exited',
    bytes: { stdout: 1, stderr: 0 },
    truncated: false,
    duration_ms: 3,
    of_a_later_version: [1],
  };
  expect(runner.commandResultSchema.parse(result)).toEqual(result);
  expect(runner.runnerCommandResultSchema.parse(result)).toEqual(result);
});

test.each([
  [runner.runnerCommandRequestSchema, { command_id: 'c', program: 'p', shell: true }, 'shell'],
  [runner.runnerFileWriteRequestSchema, { path: 'p', contents: [256] }, 'contents.0'],
  [runner.runnerFileWriteRequestSchema, { path: 'p', contents: [1.5] }, 'contents.0'],
  [runner.runnerFileWriteRequestSchema, { path: 'p', contents: 'text' }, 'contents'],
  [runner.runnerPortRequestSchema, { port: 65_536 }, 'port'],
  [runner.runnerCommandRequestSchema, { command_id: 'c', program: 'p', env: { A: 'b' } }, 'env'],
  [runner.runnerCommandRequestSchema, { command_id: 'c', program: 'p', env: [['A']] }, 'env.0'],
  [runner.runnerMountIntentSchema, { kind: 'S3', uri: '' }, 'kind'],
] as const)(
  'what is not in the form of the seed is refused, naming the place: %#',
  (schema, value, place) => {
    const { success, error } = schema.safeParse(value);
    expect(success).toBe(false);
    const issue = error?.issues[0];
    const named = issue?.code === 'unrecognized_keys' ? issue.keys : issue?.path;
    expect(named?.join('.')).toContain(place);
  },
);

test('any command request survives the wire', () => {
  const request = fc.record({
    command_id: fc.string(),
    program: fc.string(),
    args: fc.array(fc.string()),
    cwd: fc.option(fc.string()),
    env: fc.array(fc.tuple(fc.string(), fc.string())),
  });
  fc.assert(
    fc.property(request, (value) => {
      expect(runner.runnerCommandRequestSchema.parse(JSON.parse(JSON.stringify(value)))).toEqual(value);
    }),
  );
});

test('any file survives the wire as numbers', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const sent = JSON.stringify({ path: 'f', contents: [...bytes] });
      expect(Uint8Array.from(runner.runnerFileReadResultSchema.parse(JSON.parse(sent)).contents)).toEqual(
        bytes,
      );
    }),
  );
});

test('a runner error tells its failure and whether trying again makes sense', () => {
  const gone = runnerError('gone', 'the sandbox s-1 is no more', { details: { session_id: 's-1' } });
  expect(gone).toMatchObject({ code: 'runner_lost', retryable: false, details: { session_id: 's-1' } });
  expect(runnerError('transient', 'the connection was cut')).toMatchObject({
    code: 'runner_lost',
    retryable: true,
  });
  for (const failure of Object.keys(RUNNER_FAILURES) as (keyof typeof RUNNER_FAILURES)[]) {
    expect(runnerFailureOf(runnerError(failure, 'x'))).toBe(failure);
  }
  expect(runnerFailureOf(new UnsupportedError('ports', 'on unix-local'))).toBeUndefined();
  expect(runnerFailureOf(new YonderError('internal', 'x', { details: { runner_failure: 'toString' } }))).toBe(
    undefined,
  );
  expect(runnerFailureOf(new Error('x'))).toBeUndefined();
});
