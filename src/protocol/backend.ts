import type { RequestContext } from './context.ts';
import {
  CONTRACT,
  type Contract,
  type OperationName,
  type RequestOf,
  type ResponseOf,
} from './contract/contract.ts';
import type { WireEvent } from './events/events.ts';

/** Bytes that an operation answers with. */
export interface BytesAnswer {
  media_type: string;
  name?: string | undefined;
  bytes: Uint8Array;
}

/** A run that was accepted: its ids at once, its events from its first one to its `stream_stopped`. */
export interface RunStream extends AsyncIterable<WireEvent> {
  run_id: string;
  input_id: string;
}

/**
 * What carries an operation: a Host in this process, or HTTP. Both give the same answers, errors and events,
 * because both pass everything through the contract's schemas (R40).
 */
export interface Transport {
  call(name: OperationName, context: RequestContext, request: unknown): Promise<unknown>;
  follow(name: OperationName, context: RequestContext, request: unknown): AsyncIterable<WireEvent>;
  run(context: RequestContext, request: RequestOf<'session/run'>): Promise<RunStream>;
  bytes(name: OperationName, context: RequestContext, request: unknown): Promise<BytesAnswer>;
  upload(context: RequestContext, request: RequestOf<'upload/create'>, bytes: Uint8Array): Promise<unknown>;
  close(): Promise<void>;
}

type NamesOn<Place extends 'backend' | 'runtime'> = {
  [Name in OperationName]: Contract[Name]['on'] extends Place ? Name : never;
}[OperationName];

type Bound<Name extends OperationName, Place> = Place extends 'runtime'
  ? Omit<RequestOf<Name>, 'session_id'>
  : RequestOf<Name>;

type MethodOf<Name extends OperationName, Place> = Name extends 'session/run'
  ? (context: RequestContext, request: Bound<Name, Place>) => Promise<RunStream>
  : Contract[Name]['transfer'] extends 'stream'
    ? (context: RequestContext, request: Bound<Name, Place>) => AsyncIterable<WireEvent>
    : Contract[Name]['transfer'] extends 'bytes'
      ? (context: RequestContext, request: Bound<Name, Place>) => Promise<BytesAnswer>
      : Contract[Name]['transfer'] extends 'upload'
        ? (
            context: RequestContext,
            request: Bound<Name, Place>,
            bytes: Uint8Array,
          ) => Promise<ResponseOf<Name>>
        : (context: RequestContext, request: Bound<Name, Place>) => Promise<ResponseOf<Name>>;

type Methods<Place extends 'backend' | 'runtime'> = {
  [Name in NamesOn<Place> as Contract[Name]['method']]: MethodOf<Name, Place>;
};

/** One open session: run it, follow it, steer it, answer it, inspect it. `close` releases this handle only, any number of times. */
export type Runtime = Methods<'runtime'> & { readonly session_id: string; close(): Promise<void> };

/** Load a team, create or open a session, list sessions: in this process or on a server. No optional methods. */
export type Backend = Methods<'backend'> & { session(session_id: string): Runtime; close(): Promise<void> };

type AnyMethod = (context: RequestContext, request: object, bytes?: Uint8Array) => unknown;

function methodFor(transport: Transport, name: OperationName, bound: object): AnyMethod {
  const { transfer } = CONTRACT[name];
  if (name === 'session/run') {
    return (context, request) => transport.run(context, { ...request, ...bound } as RequestOf<'session/run'>);
  }
  if (transfer === 'stream')
    return (context, request) => transport.follow(name, context, { ...request, ...bound });
  if (transfer === 'bytes')
    return (context, request) => transport.bytes(name, context, { ...request, ...bound });
  if (transfer === 'upload') {
    return (context, request, bytes) =>
      transport.upload(context, request as RequestOf<'upload/create'>, bytes ?? new Uint8Array());
  }
  return (context, request) => transport.call(name, context, { ...request, ...bound });
}

function methodsOn<Place extends 'backend' | 'runtime'>(
  place: Place,
  transport: Transport,
  bound: object,
): Methods<Place> {
  const methods: Record<string, AnyMethod> = {};
  for (const name of Object.keys(CONTRACT) as OperationName[]) {
    const { on, method } = CONTRACT[name];
    if (on === place) methods[method] = methodFor(transport, name, bound);
  }
  // Each operation's method, by its transfer: what the mapped type says of the same map.
  return methods as Methods<Place>;
}

/** The Runtime of one session over any transport; the same code here and yonder. */
export function bindRuntime(transport: Transport, session_id: string): Runtime {
  return { ...methodsOn('runtime', transport, { session_id }), session_id, close: async () => {} };
}

/** The Backend over any transport. */
export function bindBackend(transport: Transport): Backend {
  return {
    ...methodsOn('backend', transport, {}),
    session: (session_id: string) => bindRuntime(transport, session_id),
    close: () => transport.close(),
  };
}
