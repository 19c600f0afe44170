import type { BytesAnswer, RunStream } from '../../../protocol/backend.ts';
import type { AcceptedOf, Contract, OperationName } from '../../../protocol/contract/contract.ts';
import type { RequestContext } from '../../../protocol/context.ts';
import type { WireEvent } from '../../../protocol/events/events.ts';
import type { z } from 'zod';
import type { Host } from '../host.ts';

type Answer<Name extends OperationName> = Name extends 'session/run'
  ? Promise<RunStream>
  : Contract[Name]['transfer'] extends 'stream'
    ? AsyncIterable<WireEvent>
    : Contract[Name]['transfer'] extends 'bytes'
      ? Promise<BytesAnswer>
      : Promise<z.input<Contract[Name]['response']>>;

/** What carries out an operation in the Host; requests have passed the contract's schema. */
export type Handler<Name extends OperationName> = (
  host: Host,
  context: RequestContext,
  request: AcceptedOf<Name>,
  bytes: Uint8Array,
) => Answer<Name>;

/** Operations that are built; the gate refuses the others before they get here. */
export type BuiltName = {
  [Name in OperationName]: Contract[Name]['built'] extends true ? Name : never;
}[OperationName];

export type Handlers<Names extends BuiltName> = { [Name in Names]: Handler<Name> };
