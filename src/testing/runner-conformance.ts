import { describe, expect, test } from 'vitest';
import { UnsupportedError } from '../protocol/errors.ts';
import type { RunnerProvider, RunnerSession } from '../protocol/runner-session.ts';
import { commandResultSchema, type RunnerDestination, type RunnerManifest } from '../protocol/runner.ts';
import type { CommandHandle, Workspace } from '../protocol/workspace.ts';

/** A provider to judge. The suite makes one place per test and ends it. */
export interface ConformanceSubject {
  readonly provider: RunnerProvider;
  /** Absolute on the runner; empty; everything that the suite does stays below it. */
  readonly workspace: string;
  destination(manifest?: RunnerManifest): RunnerDestination;
  /** The same place as another Host would see it, which shares nothing in memory with the first. */
  anotherHost(): RunnerProvider;
  dispose(): Promise<void>;
}

/**
 * Registers the tests that every provider passes: what a capability says is true works, what it says is false throws
 * UnsupportedError. Nothing is skipped: a capability that is off is tested for its refusal.
 */
export function runnerConformance(name: string, create: () => Promise<ConformanceSubject>): void {
  describe(`${name} keeps the contract of a runner`, () => {
    const bodies = { ...PLACES, ...COMMANDS, ...FILES };
    for (const [title, body] of Object.entries(bodies)) {
      test(title, async () => {
        const subject = await create();
        try {
          const session = await subject.provider.createSession(subject.destination());
          try {
            const workspace = await session.openWorkspace({ workspace: subject.workspace });
            await body({ subject, session, workspace });
          } finally {
            await session.close();
          }
        } finally {
          await subject.dispose();
        }
      });
    }
  });
}

interface Place {
  readonly subject: ConformanceSubject;
  readonly session: RunnerSession;
  readonly workspace: Workspace;
}
type Bodies = Readonly<Record<string, (place: Place) => Promise<void>>>;

const text = (content: string) => new TextEncoder().encode(content);
const refuses = (promise: Promise<unknown>) => expect(promise).rejects.toBeInstanceOf(UnsupportedError);
const failsAs = (promise: Promise<unknown>, code: string) => expect(promise).rejects.toMatchObject({ code });
let commands = 0;
const shell = (workspace: Workspace, line: string, more: object = {}): Promise<CommandHandle> => {
  commands += 1;
  return workspace.start({
    command_id: `conformance-${commands}`,
    program: 'sh',
    args: ['-c', line],
    ...more,
  });
};

const PLACES: Bodies = {
  'a session is found again by its state, from another Host': async ({ subject, session, workspace }) => {
    await workspace.writeFile('kept', text('kept'));
    const state = JSON.parse(JSON.stringify(session.state()));
    const again = await subject.anotherHost().resumeSession(state);
    const found = await again.openWorkspace({ workspace: subject.workspace });
    expect(new TextDecoder().decode((await found.readFile('kept')).bytes)).toBe('kept');
    expect(again.state()).toEqual(state);
    await again.close();
  },
  'snapshots: made and restored, or refused': async ({ subject, session }) => {
    const { snapshots, snapshot_restore } = session.capabilities;
    const reference = { provider_id: subject.provider.id, snapshot_id: 'none', metadata: null };
    const made = snapshots ? await session.snapshot() : reference;
    if (!snapshots) await refuses(session.snapshot());
    const restore = subject.provider.restoreSnapshot(made, subject.destination());
    if (snapshot_restore === true) await (await restore).close();
    else await refuses(restore);
  },
  'ports: a URL, or refused': async ({ session }) => {
    const exposed = session.exposePort({ port: 8123, label: null });
    if (session.capabilities.port_preview) expect((await exposed).url).toMatch(/^https?:/);
    else await refuses(exposed);
  },
  'artifacts: exported, or refused': async ({ session, workspace }) => {
    await workspace.writeFile('artifact', text('x'));
    const exported = session.exportArtifact({ path: 'artifact', recursive: false });
    if (session.capabilities.artifact_export) expect((await exported).artifact_id).not.toBe('');
    else await refuses(exported);
  },
  'mounts that it does not have are refused before anything is made': async ({ subject, session }) => {
    for (const kind of ['s3', 'gcs', 'r2', 'azure_blob', 'box_storage', 'provider_native'] as const) {
      if (session.capabilities.mounts[kind]) continue;
      const mounts = [{ name: 'm', path: 'm', read_only: true, intent: { kind, uri: `${kind}://x` } }];
      const destination = subject.destination({ entries: [], mounts });
      await refuses(subject.provider.validateDestination(destination));
      await refuses(subject.provider.createSession(destination));
    }
  },
  'manifest entries: carried out, or refused': async ({ subject, session }) => {
    const destination = subject.destination({
      entries: [{ source: 'from', target: 'to', writable: true }],
      mounts: [],
    });
    if (session.capabilities.manifest_entries !== true) {
      await refuses(subject.provider.createSession(destination));
    }
  },
  "the seed's own operations act in the destination's folder": async ({ session, workspace }) => {
    await session.writeFile({ path: 'deep/er/bytes', contents: [0, 128, 255] });
    expect(await session.readFile({ path: 'deep/er/bytes' })).toEqual({
      path: 'deep/er/bytes',
      contents: [0, 128, 255],
    });
    const result = await session.runCommand({
      command_id: 'seed-1',
      program: 'sh',
      args: ['-c', 'cat bytes | wc -c; echo "$GREETING" >&2; exit 5'],
      cwd: 'deep/er',
      env: [['GREETING', 'hi']],
    });
    expect(result).toMatchObject({ command_id: 'seed-1', exit_code: 5, stderr: 'hi\n' });
    expect(result.stdout.trim()).toBe('3');
    expect(await session.cancelCommand('never-started')).toBe(false);
    expect((await workspace.stat('deep/er/bytes')).size).toBe(3);
  },
};

const COMMANDS: Bodies = {
  'a command gives its result in the contract form': async ({ workspace }) => {
    const { result } = await shell(workspace, 'echo out; echo err >&2; exit 3');
    const given = await result;
    expect(commandResultSchema.parse(given)).toEqual(given);
    expect(given).toMatchObject({
      exit_code: 3,
      outcome: 'exited',
      stdout: 'out\n',
      stderr: 'err\n',
      truncated: false,
      bytes: { stdout: 4, stderr: 4 },
    });
  },
  'a command that is ended by a signal has no exit code': async ({ workspace }) => {
    const given = await (await shell(workspace, 'kill -9 $$')).result;
    expect(given).toMatchObject({ outcome: 'signaled', signal: 'SIGKILL', exit_code: null });
    expect(await (await shell(workspace, 'exit 137')).result).toMatchObject({
      outcome: 'exited',
      exit_code: 137,
    });
  },
  'output arrives while the command runs': async ({ workspace }) => {
    const handle = await shell(workspace, 'echo one; while ! [ -e go ]; do sleep 0.01; done; echo two');
    let seen = '';
    for await (const { bytes } of handle.output) {
      seen += new TextDecoder().decode(bytes);
      if (seen === 'one\n') await workspace.writeFile('go', text(''));
    }
    expect(seen).toBe('one\ntwo\n');
    expect((await handle.result).stdout).toBe('one\ntwo\n');
  },
  'a timeout ends the whole tree': async ({ workspace }) => {
    const handle = await shell(workspace, '(sleep 60; echo no > late) & sleep 60', { timeout_ms: 100 });
    expect(await handle.result).toMatchObject({ outcome: 'timed_out', exit_code: null });
    expect(await handle.cancel()).toBe(true);
  },
  'a cancel ends the whole tree, with proof': async ({ workspace }) => {
    const handle = await shell(
      workspace,
      "trap '' TERM; setsid sleep 60 & echo on; while :; do sleep 1; done",
    );
    for await (const { stream } of handle.output) if (stream === 'stdout') break;
    expect(await workspace.cancelCommand(handle.command_id)).toBe(true);
    expect(await handle.result).toMatchObject({ outcome: 'cancelled', exit_code: null });
  },
  'an id is used once, found until it is forgotten, and unknown after': async ({ workspace }) => {
    const handle = await shell(workspace, 'echo once');
    const result = await handle.result;
    await failsAs(workspace.start({ command_id: handle.command_id, program: 'true' }), 'conflict');
    expect(await workspace.findCommand(handle.command_id)).toMatchObject({
      state: 'ended',
      result: { stdout: result.stdout, exit_code: 0 },
    });
    await workspace.forgetCommand(handle.command_id);
    expect(await workspace.findCommand(handle.command_id)).toEqual({ state: 'unknown' });
  },
  'pipes: stdin, stdout and the end': async ({ workspace }) => {
    const handle = await shell(workspace, 'cat; echo done >&2; exit 4', { io: 'pipe', stdin: 'pipe' });
    await handle.stdin?.write('to and fro');
    await handle.stdin?.end();
    const seen = { stdout: '', stderr: '' };
    for await (const { stream, bytes } of handle.output) seen[stream] += new TextDecoder().decode(bytes);
    expect(seen).toEqual({ stdout: 'to and fro', stderr: 'done\n' });
    expect(await handle.result).toMatchObject({ outcome: 'exited', exit_code: 4 });
  },
  'what cannot be started says so': async ({ workspace }) => {
    await failsAs(
      workspace.start({ command_id: 'no-program', program: 'no-such-program-here' }),
      'not_found',
    );
    await failsAs(workspace.start({ command_id: 'no-cwd', program: 'true', cwd: 'nowhere' }), 'not_found');
    await failsAs(workspace.start({ command_id: 'out', program: 'true', cwd: '..' }), 'path_escape');
    await failsAs(workspace.start({ command_id: '', program: 'true' }), 'invalid_request');
  },
};

const FILES: Bodies = {
  'bytes are kept as they are, whole and by range': async ({ workspace }) => {
    const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 31) % 256);
    const written = await workspace.writeFile('a/b/bytes', bytes, { parents: true, mode: 0o640 });
    expect(written).toMatchObject({ created: true, path: `${workspace.root}/a/b/bytes` });
    const read = await workspace.readFile('a/b/bytes', { digest: true });
    expect(Buffer.compare(read.bytes, bytes)).toBe(0);
    expect(read).toMatchObject({ size: 300_000, digest: written.digest });
    const part = await workspace.readFile('a/b/bytes', { offset: 299_990, length: 100 });
    expect([...part.bytes]).toEqual([...bytes.subarray(299_990)]);
    expect(await workspace.stat('a/b/bytes')).toMatchObject({ type: 'file', size: 300_000, mode: 0o640 });
  },
  'if_match is checked': async ({ workspace }) => {
    const { digest } = await workspace.writeFile('f', text('one'), { if_match: null });
    await failsAs(workspace.writeFile('f', text('x'), { if_match: null }), 'conflict');
    const second = await workspace.writeFile('f', text('two'), { if_match: digest });
    expect(second.created).toBe(false);
    await failsAs(workspace.writeFile('f', text('x'), { if_match: digest }), 'conflict');
    await failsAs(workspace.writeFile('g', text('x'), { if_match: digest }), 'conflict');
    expect(new TextDecoder().decode((await workspace.readFile('f')).bytes)).toBe('two');
  },
  'folders are listed, made, moved and removed': async ({ workspace }) => {
    expect(await workspace.mkdir('d/e')).toMatchObject({ created: true });
    expect(await workspace.mkdir('d/e')).toMatchObject({ created: false });
    await workspace.writeFile('d/z', text('z'));
    await workspace.rename('d/z', 'd/a');
    expect((await workspace.list('d')).entries).toEqual([
      { name: 'a', type: 'file' },
      { name: 'e', type: 'directory' },
    ]);
    expect(await workspace.list('d', { limit: 1 })).toMatchObject({
      truncated: true,
      entries: [{ name: 'a' }],
    });
    await failsAs(workspace.rename('d/a', 'd/e'), 'conflict');
    await failsAs(workspace.remove('d'), 'conflict');
    await workspace.remove('d', { recursive: true });
    await failsAs(workspace.stat('d'), 'not_found');
  },
  'what is not there, or is something else, says so': async ({ workspace }) => {
    await workspace.mkdir('folder');
    await workspace.writeFile('file', text(''));
    for (const operation of [workspace.readFile('no'), workspace.list('no'), workspace.remove('no')]) {
      await failsAs(operation, 'not_found');
    }
    await failsAs(workspace.writeFile('no/file', text('')), 'not_found');
    await failsAs(workspace.readFile('folder'), 'invalid_request');
    await failsAs(workspace.writeFile('folder', text('')), 'invalid_request');
    await failsAs(workspace.list('file'), 'invalid_request');
    await failsAs(workspace.readFile('file/below'), 'invalid_request');
    await failsAs(workspace.readFile('nul\0'), 'invalid_request');
    await failsAs(workspace.readFile(''), 'invalid_request');
  },
  'paths outside are refused': async ({ workspace }) => {
    for (const path of ['..', '../x', 'a/../../x', '/etc/passwd', '/proc/self/environ', '/']) {
      await failsAs(workspace.readFile(path), 'path_escape');
      await failsAs(workspace.writeFile(path, text('')), 'path_escape');
      await failsAs(workspace.remove(path), 'path_escape');
    }
  },
  'contents are searched': async ({ workspace, session }) => {
    await workspace.writeFile('s/one', text('alpha\nbeta needle\n'), { parents: true });
    await workspace.writeFile('s/two', text('Needle\nneedle needle\r\n'));
    const searched = workspace.search({ path: 's', query: 'needle', limit: 10 });
    if (session.capabilities.search !== true) return refuses(searched);
    expect(await searched).toEqual({
      matches: [
        { path: `${workspace.root}/s/one`, line: 2, column: 6, text: 'beta needle' },
        { path: `${workspace.root}/s/two`, line: 2, column: 1, text: 'needle needle' },
      ],
      truncated: false,
    });
    expect(await workspace.search({ query: 'n.edle$', is_regex: true, limit: 1 })).toMatchObject({
      truncated: true,
    });
  },
};
