import { z } from 'zod';
import {
  bindBackend,
  type Backend,
  type BytesAnswer,
  type RunStream,
  type Transport,
} from '../protocol/backend.ts';
import {
  CONTRACT,
  LIMITS,
  isOperation,
  type OperationName,
  type RequestOf,
} from '../protocol/contract/contract.ts';
import type { RequestContext } from '../protocol/context.ts';
import { UnsupportedError, YonderError } from '../protocol/errors.ts';
import type { WireEvent } from '../protocol/events/events.ts';
import { Host } from './host/host.ts';
import type { HostOptions } from './host/options.ts';
import { createHandlers } from './host/operations/create.ts';
import { inputHandlers } from './host/operations/inputs.ts';
import { readHandlers } from './host/operations/reads.ts';
import { runHandlers } from './host/operations/runs.ts';
import { teamHandlers } from './host/operations/teams.ts';
import type { BuiltName, Handlers } from './host/operations/handlers.ts';

const HANDLERS: Handlers<BuiltName> = {
  ...teamHandlers,
  ...createHandlers,
  ...inputHandlers,
  ...readHandlers,
  ...runHandlers,
};

type AnyHandler = (host: Host, context: RequestContext, request: unknown, bytes: Uint8Array) => unknown;

/**
 * The one gate into a Host: scope, schema and "not built" are judged here for every caller, in process or behind a server (R10); what
 * comes out has passed the contract's encoding once and is frozen (R40).
 */
export function hostTransport(host: Host): Transport {
  return {
    async call(name, context, request) {
      const answer = await admit(name, context)(host, context, accept(name, request), NO_BYTES);
      return passed(name, answer);
    },
    follow(name, context, request) {
      return admit(name, context)(host, context, accept(name, request), NO_BYTES) as AsyncIterable<WireEvent>;
    },
    run(context, request) {
      const name = 'session/run';
      return Promise.resolve(
        admit(name, context)(host, context, accept(name, request), NO_BYTES),
      ) as Promise<RunStream>;
    },
    async bytes(name, context, request) {
      return (await admit(name, context)(host, context, accept(name, request), NO_BYTES)) as BytesAnswer;
    },
    async upload(context, request: RequestOf<'upload/create'>, bytes) {
      const name = 'upload/create';
      return passed(name, await admit(name, context)(host, context, accept(name, request), bytes));
    },
    close: () => host.close(),
  };
}

const NO_BYTES = new Uint8Array();

/** The handler of an operation, for one who may call it. */
function admit(name: OperationName, context: RequestContext): AnyHandler {
  if (!isOperation(name)) throw new YonderError('not_found', `there is no operation ${String(name)}`);
  const { scope, built } = CONTRACT[name];
  if (!context.scopes.includes(scope)) throw new YonderError('forbidden', `${name} needs the scope ${scope}`);
  if (!built) throw new UnsupportedError(name, 'yet');
  return (HANDLERS as Record<string, unknown>)[name] as AnyHandler;
}

/** A request as the wire would bring it: encoded once, strictly decoded; every unknown field is named with its path. */
function accept(name: OperationName, request: unknown): unknown {
  const text = JSON.stringify(request ?? {});
  if (text.length > LIMITS.body_bytes) {
    throw new YonderError(
      'payload_too_large',
      `${name}: the body is over ${LIMITS.body_bytes} bytes; upload large content with upload/create`,
    );
  }
  const parsed = CONTRACT[name].request.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  throw new YonderError('invalid_request', `${name}: ${describeIssues(parsed.error)}`, {
    details: {
      issues: parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message })),
    },
    cause: parsed.error,
  });
}

function describeIssues(error: z.ZodError): string {
  return error.issues
    .map((issue) => {
      const path = issue.path.map(String).join('.');
      if (issue.code === 'unrecognized_keys') {
        return issue.keys.map((key) => `unknown field ${path === '' ? key : `${path}.${key}`}`).join(', ');
      }
      return `${path === '' ? 'the body' : path}: ${issue.message}`;
    })
    .join('; ');
}

function passed(name: OperationName, answer: unknown): unknown {
  const wire: unknown = JSON.parse(JSON.stringify(answer));
  return deepFreeze(CONTRACT[name].response.parse(wire));
}

function deepFreeze(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  for (const inner of Object.values(value)) deepFreeze(inner);
  return Object.freeze(value);
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
