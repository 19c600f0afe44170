import {
  bindBackend,
  type Backend,
  type BytesAnswer,
  type RunStream,
  type Transport,
} from '../protocol/backend.ts';
import { CONTRACT, isOperation, type OperationName, type RequestOf } from '../protocol/contract/contract.ts';
import { decodeAnswer, decodeRequest, encodeRequest } from '../protocol/contract/codec.ts';
import type { RequestContext } from '../protocol/context.ts';
import { UnsupportedError, YonderError } from '../protocol/errors.ts';
import type { WireEvent } from '../protocol/events/events.ts';
import { redactedError } from './redact/redacted-error.ts';
import { Host } from './host/host.ts';
import type { HostOptions } from './host/options.ts';
import { createHandlers } from './host/operations/create.ts';
import { answerHandlers } from './host/operations/answer.ts';
import { claimHandlers } from './host/operations/claim.ts';
import { exportHandlers } from './host/operations/export.ts';
import { forkHandlers } from './host/operations/fork.ts';
import { historyHandlers } from './host/operations/history.ts';
import { commandHandlers } from './host/operations/commands.ts';
import { skillHandlers } from './host/operations/skills.ts';
import { inputHandlers } from './host/operations/inputs.ts';
import { mcpHandlers } from './host/operations/mcp.ts';
import { readHandlers } from './host/operations/reads.ts';
import { runHandlers } from './host/operations/runs.ts';
import { searchHandlers } from './host/operations/search.ts';
import { shellHandlers } from './host/operations/shell.ts';
import { toolsetHandlers } from './host/operations/toolsets.ts';
import { teamHandlers } from './host/operations/teams.ts';
import { passGate } from './policy/gate.ts';
import type { BuiltName, Handlers } from './host/operations/handlers.ts';

const HANDLERS: Handlers<BuiltName> = {
  ...teamHandlers,
  ...createHandlers,
  ...answerHandlers,
  ...claimHandlers,
  ...mcpHandlers,
  ...inputHandlers,
  ...commandHandlers,
  ...skillHandlers,
  ...toolsetHandlers,
  ...readHandlers,
  ...runHandlers,
  ...searchHandlers,
  ...forkHandlers,
  ...exportHandlers,
  ...shellHandlers,
  ...historyHandlers,
};

type AnyHandler = (host: Host, context: RequestContext, request: unknown, bytes: Uint8Array) => unknown;

/**
 * The one gate into a Host: scope, schema and "not built" are judged here for every caller, in process or behind a server (R10); what
 * comes out has passed the contract's encoding once and is frozen (R40).
 */
export function hostTransport(host: Host): Transport {
  return {
    async call(name, context, request) {
      const handle = admit(host, name, context);
      return passed(name, await clean(host, () => handle(host, context, accept(name, request), NO_BYTES)));
    },
    follow(name, context, request) {
      const handle = admit(host, name, context);
      return cleanStream(
        host,
        handle(host, context, accept(name, request), NO_BYTES) as AsyncIterable<WireEvent>,
      );
    },
    async run(context, request) {
      const name = 'session/run';
      const handle = admit(host, name, context);
      const accepted = accept(name, request);
      const stream = (await clean(host, () => handle(host, context, accepted, NO_BYTES))) as RunStream;
      return { ...stream, [Symbol.asyncIterator]: () => cleanStream(host, stream) };
    },
    async bytes(name, context, request) {
      const handle = admit(host, name, context);
      return (await clean(host, () => handle(host, context, accept(name, request), NO_BYTES))) as BytesAnswer;
    },
    async upload(context, request: RequestOf<'upload/create'>, bytes) {
      const name = 'upload/create';
      const handle = admit(host, name, context);
      return passed(name, await clean(host, () => handle(host, context, accept(name, request), bytes)));
    },
    close: () => host.close(),
  };
}

/** What helps a run of a Host that is ending to a boundary. */
const ALWAYS: ReadonlySet<OperationName> = new Set([
  'session/answer',
  'session/claim',
  'session/interrupt',
  'session/pause',
]);

/** An error's words may quote what a provider or a program said (R30). */
async function clean(host: Host, work: () => unknown): Promise<unknown> {
  const leave = host.enter();
  try {
    return await work();
  } catch (thrown) {
    throw redactedError(thrown, host.secrets);
  } finally {
    leave();
  }
}

/** From its first event on a stream is a reader of its session, which is not let go under it. */
async function* cleanStream(host: Host, events: AsyncIterable<WireEvent>): AsyncGenerator<WireEvent> {
  const leave = host.enter();
  try {
    for await (const event of events) {
      leave();
      yield event;
    }
  } catch (thrown) {
    throw redactedError(thrown, host.secrets);
  } finally {
    leave();
  }
}

const NO_BYTES = new Uint8Array();

/** The handler of an operation, for one who may call it; before it acts the caller's policy is asked. */
function admit(host: Host, name: OperationName, context: RequestContext): AnyHandler {
  if (!isOperation(name)) throw new YonderError('not_found', `there is no operation ${String(name)}`);
  const { scope, built, transfer, changes } = CONTRACT[name];
  if (!context.scopes.includes(scope)) throw new YonderError('forbidden', `${name} needs the scope ${scope}`);
  if (!built) throw new UnsupportedError(name, 'yet');
  // Whoever asks as nobody asks whether the server is ready.
  if (!host.takesWork && (context.principal === '' || (changes && !ALWAYS.has(name))))
    throw new YonderError('unavailable', 'this server is stopping and takes no more work; try again soon');
  const handle = (HANDLERS as Record<string, unknown>)[name] as AnyHandler;
  // Streams that only read are free, and begin when they are first pulled.
  if (transfer === 'stream' && !changes) return handle;
  return async (host, caller, request, bytes) => {
    await passGate(host, caller, { name, request, bytes, changes });
    return handle(host, caller, request, bytes);
  };
}

/** A request as the wire would bring it: encoded once, strictly decoded (R40). */
function accept(name: OperationName, request: unknown): unknown {
  return decodeRequest(name, JSON.parse(encodeRequest(name, request)));
}

/** An answer as the wire would bring it. */
function passed(name: OperationName, answer: unknown): unknown {
  return decodeAnswer(name, JSON.parse(JSON.stringify(answer)));
}

/** A Host in this process, as a Backend. The caller closes it; that closes the store too. */
export function createLocalBackend(options: HostOptions): {
  backend: Backend;
  transport: Transport;
  host: Host;
} {
  const host = new Host(options);
  const transport = hostTransport(host);
  return { backend: bindBackend(transport), transport, host };
}
