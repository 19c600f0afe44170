import { HOOK_TWINS } from './twins-hooks.ts';
import { POLICY_TWINS } from './twins-policy.ts';
import { SERVER_TWINS } from './twins-server.ts';

/** A place in the code, how it is broken there, and the test file that must go red by it. `npm run twins` tries them all. */
export interface Twin {
  file: string;
  /** Stands once in the file. */
  sound: string;
  broken: string;
  /** Test file, and a part of the name of its tests where not the whole file is needed. */
  test: string;
  only?: string;
}

const decisions = 'src/runtime/decisions';
const step = 'src/runtime/loop/next-step.ts';
const stepTest = 'test/unit/runtime/next-step.test.ts';
const stream = 'src/client/event-stream.ts';
const streamTest = 'test/unit/client/event-stream.test.ts';

export const TWINS: readonly Twin[] = [
  // Who may do what.
  {
    file: `${decisions}/fold.ts`,
    sound: 'rules = layers.filter((layer) => layer.trusted).flatMap((layer) => layer.rules.allow)',
    broken: 'rules = layers.flatMap((layer) => layer.rules.allow)',
    test: 'test/unit/decisions/fold.test.ts',
  },
  {
    file: `${decisions}/fold.ts`,
    sound: "(name === 'policy' || (name === 'user' &&",
    broken: "(name !== undefined || (name === 'user' &&",
    test: 'test/unit/decisions/fold.test.ts',
  },
  {
    file: `${decisions}/fold.ts`,
    sound: 'approval.digest === undefined || approval.digest === input.call.digest',
    broken: 'approval.digest === undefined || input.call.digest !== undefined',
    test: 'test/unit/decisions/fold.test.ts',
  },
  {
    file: `${decisions}/fold.ts`,
    sound: 'if (asks !== undefined) return asks;',
    broken: 'if (asks !== undefined && allowIn(name, here, input, scope) === undefined) return asks;',
    test: 'test/unit/decisions/fold.test.ts',
  },
  {
    file: `${decisions}/fold.ts`,
    sound: "if (mode === 'strict')",
    broken: "if (mode === 'strict' && why !== undefined)",
    test: 'test/unit/decisions/fold.test.ts',
  },
  {
    file: `${decisions}/fold.ts`,
    sound: "name === 'team' ? (input.chain ?? []) : []",
    broken: "name === 'policy' ? (input.chain ?? []) : []",
    test: 'test/unit/decisions/fold.test.ts',
  },
  {
    file: `${decisions}/fold.ts`,
    sound: 'if (writes.length === 0 || call.paths.some(({ inside }) => !inside)) return false;',
    broken: 'if (writes.length === 0) return false;',
    test: 'test/unit/decisions/fold.test.ts',
  },
  {
    file: `${decisions}/governing.ts`,
    sound: "    '.envrc',\n",
    broken: '',
    test: 'test/unit/decisions/tables.test.ts',
  },
  {
    file: `${decisions}/secrets.ts`,
    sound: "  '*.pem',\n",
    broken: '',
    test: 'test/unit/decisions/tables.test.ts',
  },
  {
    file: `${decisions}/secrets.ts`,
    sound: 'const lower = pattern.toLowerCase();',
    broken: 'const lower = pattern;',
    test: 'test/unit/decisions/tables.test.ts',
  },
  // The next step of a run.
  {
    file: step,
    sound: "if (run.interrupted_by !== undefined) return { kind: 'finish', reason: 'canceled' };",
    broken: '',
    test: stepTest,
  },
  {
    file: step,
    sound: "if (input.paused) return { kind: 'wait' };\n  if (run.compaction_only)",
    broken: 'if (run.compaction_only)',
    test: stepTest,
  },
  {
    file: step,
    sound: "return { kind: 'take', inputs: [followUp] };",
    broken: "return { kind: 'take', inputs: input.followUps };",
    test: stepTest,
  },
  {
    file: step,
    sound: 'return sorted.slice(0, Math.max(1, end));',
    broken: 'return sorted;',
    test: stepTest,
  },
  {
    file: 'src/runtime/loop/limit.ts',
    sound: 'at.tree_turns >= (limitOf(state, at) ?? Infinity)',
    broken: 'at.tree_turns >= (at.max_iterations || Infinity)',
    test: stepTest,
  },
  {
    file: step,
    sound: 'context_length + added > context_limit * COMPACT_AT',
    broken: 'context_length > context_limit * COMPACT_AT',
    test: stepTest,
  },
  {
    file: step,
    sound: 'run.batch_repeats >= agent.max_consecutive_tool_calls',
    broken: 'run.batch_repeats > agent.max_consecutive_tool_calls',
    test: stepTest,
  },
  {
    file: step,
    sound: "return run.compacted ? atStop(input) : { kind: 'compact', reason: 'manual' };",
    broken:
      "return run.compacted ? { kind: 'finish', reason: 'normal' } : { kind: 'compact', reason: 'manual' };",
    test: stepTest,
  },
  {
    file: 'src/runtime/log/waiting.ts',
    sound: '!state.pending.has(request_id)) added.add(request_id)',
    broken: 'request_id !== undefined) added.add(request_id)',
    test: 'test/unit/runtime/waiting.test.ts',
  },
  {
    file: 'src/runtime/host/drive.ts',
    sound: 'this.#driving = promise;',
    broken: 'void promise;',
    test: 'test/unit/runtime/drive.test.ts',
  },
  {
    file: 'src/runner/providers/unix-local/forget-spools.ts',
    sound: 'await endTree({ tag: spool.name, group: spool.readStatus()?.group });',
    broken: 'void spool;',
    test: 'test/unit/runner/forget-spools.test.ts',
  },
  // The store.
  {
    file: 'src/session/log.ts',
    sound: 'if (writer.epoch === request.epoch && writer.host_id === host_id) return;',
    broken: 'if (writer.host_id === host_id) return;',
    test: 'test/unit/session/log.test.ts',
  },
  {
    file: 'src/session/log.ts',
    sound: 'writer.head += events.length;',
    broken: 'writer.head += 1;',
    test: 'test/unit/session/property.test.ts',
  },
  {
    file: 'src/session/log.ts',
    sound: "if (inputs.length > 0) return { kind: 'input_waits', inputs };",
    broken: '',
    test: 'test/unit/session/log.test.ts',
  },
  {
    file: 'src/session/log.ts',
    sound: 'if (closed.session_id === root_id) patch.active_run = undefined;',
    broken: 'patch.active_run = undefined;',
    test: 'test/unit/session/log.test.ts',
  },
  {
    file: 'src/session/log.ts',
    sound: 'Math.min(limit, PAGE_ROWS)',
    broken: 'limit',
    test: 'test/unit/session/log.test.ts',
  },
  {
    file: 'src/session/inbox.ts',
    sound: 'if (waiting === undefined || waiting.count < input.queue_cap) return;',
    broken: 'if (waiting === undefined || waiting.count <= input.queue_cap) return;',
    test: 'test/unit/session/inbox.test.ts',
  },
  {
    file: 'src/session/inbox.ts',
    sound: 'if (run === undefined && queued === undefined) return;',
    broken: 'if (run === undefined) return;',
    test: 'test/unit/session/inbox.test.ts',
  },
  {
    file: 'src/session/inbox.ts',
    sound: 'if (earlier !== undefined) return { repeated: true, outcome: earlier };',
    broken: '',
    test: 'test/unit/session/inbox.test.ts',
  },
  {
    file: 'src/session/idempotency.ts',
    sound: 'if (earlier.request_digest === claim.request_digest) return earlier.outcome;',
    broken: 'return earlier.outcome;',
    test: 'test/unit/session/inbox.test.ts',
  },
  {
    file: 'src/session/leases.ts',
    sound: "if (lease !== undefined && isAlive(lease.host_id)) return { kind: 'held', lease };",
    broken: '',
    test: 'test/unit/session/leases.test.ts',
  },
  {
    file: 'src/session/leases.ts',
    sound: 'const epoch = record.epoch + 1;',
    broken: 'const epoch = record.epoch;',
    test: 'test/unit/session/leases.test.ts',
  },
  // Streams and previews.
  {
    file: stream,
    sound: 'if (event.seq <= cursor) continue;',
    broken: '',
    test: streamTest,
  },
  {
    file: stream,
    sound: 'if (event.seq !== cursor + 1) throw missing(cursor + 1, event.seq - 1);',
    broken: '',
    test: streamTest,
  },
  {
    file: stream,
    sound: 'if (isEnd(event, source.run_id)) return;',
    broken: '',
    test: streamTest,
  },
  {
    file: stream,
    sound: 'if (!error.retryable || !opened) throw error;',
    broken: 'if (!error.retryable) throw error;',
    test: streamTest,
  },
  {
    file: 'src/server/sse-response.ts',
    sound: 'if ((controller.desiredSize ?? 0) > 0) controller.enqueue',
    broken: 'controller.enqueue',
    test: 'test/unit/server/streams.test.ts',
  },
  {
    file: 'src/server/sse-response.ts',
    sound: "if (text === '') setImmediate(send, false);",
    broken: '',
    test: 'test/unit/server/streams.test.ts',
  },
  {
    file: 'src/runtime/log/previews.ts',
    sound: 'while (this.#size > SESSION_LIMIT) this.#dropOldest();',
    broken: '',
    test: 'test/unit/runtime/previews.test.ts',
  },
  {
    file: 'src/runtime/log/previews.ts',
    sound: 'const from = Math.max(sent, start);',
    broken: 'const from = sent;',
    test: 'test/unit/runtime/previews.test.ts',
  },
  // Requests, tools, models.
  {
    file: 'src/protocol/contract/codec.ts',
    sound: 'major > otherMajor || (major === otherMajor && minor > otherMinor)',
    broken: 'major > otherMajor',
    test: 'test/unit/protocol',
  },
  {
    file: 'src/tools/filesystem/edit-file.ts',
    sound: '{ if_match: digest, signal }',
    broken: '{ signal }',
    test: 'test/unit/tools/edit-file.test.ts',
  },
  {
    file: 'src/model/stream.ts',
    sound: 'failure.retry && retry < (call.retries ?? means.times.retries)',
    broken: 'retry < (call.retries ?? means.times.retries)',
    test: 'test/unit/model/failures.test.ts',
  },
  {
    file: 'src/model/prices/price-list.ts',
    sound: "tokens.cache_read * (each('cache_read_mtok') ?? input)",
    broken: 'tokens.cache_read * input',
    test: 'test/unit/model/prices.test.ts',
  },
  {
    file: 'src/model/http/plain-response.ts',
    sound: 'return this.status >= 200 && this.status < 300;',
    broken: 'return this.status < 500;',
    test: 'test/unit/model/plain-response.test.ts',
  },
  // What tools see, and what goes on beside a turn.
  {
    file: 'src/runtime/loop/called.ts',
    sound: 'if (name === request.tool && before === text) return known;',
    broken: 'if (name === before) return known;',
    test: 'test/contract/tool-context.test.ts',
    only: 'over a restart',
  },
  {
    file: 'src/runtime/loop/tool-context.ts',
    sound: 'await refuseDeniedHop(context, run, tool, args, url);',
    broken: 'void url;',
    test: 'test/contract/fetch.test.ts',
    only: 'a deny rule binds',
  },
  {
    file: 'src/runtime/loop/beside.ts',
    sound: "tool.beside || tool.effect === 'delegate'",
    broken: "tool.beside || tool.effect !== 'delegate'",
    test: 'test/contract/side-by-side.test.ts',
    only: 'one after the other',
  },
  {
    file: 'src/runtime/loop/tool-context.ts',
    sound: 'tool.shared === true ? context.log.state.shared_state',
    broken: 'tool.shared === undefined ? context.log.state.shared_state',
    test: 'test/contract/todo.test.ts',
  },
  {
    file: 'src/runtime/loop/compact.ts',
    sound: 'else failed.played = playedBy(part);',
    broken: 'else failed.played = {};',
    test: 'test/contract/cassette-cuts.test.ts',
    only: 'failed compaction',
  },
  // Files, and what is typed while a run works.
  {
    file: 'src/runtime/host/operations/create.ts',
    sound: 'if (first === undefined || models.some((model) => takesFile(model, file))) continue;',
    broken: 'if (models.length === 0 || models.some((model) => takesFile(model, file))) continue;',
    test: 'test/contract/models.test.ts',
    only: 'first messages will bring',
  },
  {
    file: 'src/cli/conversation/steers.ts',
    sound: 'if (this.#waiting.delete(input_id)) this.#returned.push(content);',
    broken: 'if (this.#waiting.delete(input_id) || content !== "") this.#returned.push(content);',
    test: 'test/unit/cli/conversation/live-inputs.test.ts',
    only: 'Esc interrupts',
  },
  {
    file: 'src/runtime/prompt/system.ts',
    sound: 'if (isWhole) return { text };',
    broken: 'if (text !== "") return { text };',
    test: 'test/contract/content.test.ts',
    only: 'is cut is a warning',
  },
  // What is taken back, and what no path reaches.
  {
    file: 'src/runtime/host/history-plan.ts',
    sound: 'if (failed !== undefined) throw notRecorded(state, messages, failed);',
    broken: '',
    test: 'test/contract/undo.test.ts',
    only: 'no undo crosses a turn',
  },
  {
    file: 'src/runtime/fold/history.ts',
    sound: 'while (held.window_start > from) {',
    broken: 'while (held.window_start > from + 1_000) {',
    test: 'test/contract/undo.test.ts',
    only: 'across a compaction',
  },
  {
    file: 'src/cli/run/prepare.ts',
    sound: "settings.snapshot.kind === 'default' ? {} : ",
    broken: '',
    test: 'test/unit/cli/resumed-snapshots.test.ts',
  },
  {
    file: 'src/runner/path-rule.ts',
    sound: "path.startsWith(folder === '/' ? '/' : `${folder}/`)",
    broken: 'path.startsWith(folder)',
    test: 'test/unit/tools/path-attacks.test.ts',
  },
  {
    file: 'src/runner/providers/unix-local/walk.ts',
    sound: 'const FOLDER = constants.O_DIRECTORY | constants.O_NOFOLLOW;',
    broken: 'const FOLDER = constants.O_DIRECTORY;',
    test: 'test/unit/tools/path-attacks.test.ts',
  },
  // Models, sources, configuration.
  {
    file: 'src/runtime/host/model-by-name.ts',
    sound: 'if (own !== undefined)',
    broken: 'if (own !== undefined && builtIn === undefined)',
    test: 'test/contract/models.test.ts',
    only: 'goes where the team says',
  },
  {
    file: 'src/process/egress/egress.ts',
    sound: 'request, signal, from);',
    broken: '{ ...request, ...(from === undefined ? {} : { allowPrivate: true }) }, signal, from);',
    test: 'test/unit/process/egress/egress.test.ts',
    only: 'a redirect to a private address is refused',
  },
  {
    file: 'src/config/credentials/credentials.ts',
    sound: 'const found = await this.#lookKept(name);',
    broken: 'const found = (await this.resolve([name]), this.#found.has(name));',
    test: 'test/unit/config/credentials/credentials.test.ts',
    only: 'a glance asks no helper',
  },
  {
    file: 'src/cli/flags/env-file.ts',
    sound: 'if (bad === -1) return;',
    broken: 'if (bad <= 1) return;',
    test: 'test/unit/cli/env-file.test.ts',
  },
  ...POLICY_TWINS,
  ...HOOK_TWINS,
  // What guards a server.
  ...SERVER_TWINS,
];
