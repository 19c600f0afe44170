// What must not compile, compiled with the project: each marked line is an error today, and tsc complains when it no longer is.
import { z } from 'zod';
import type { Backend, Runtime } from '../../src/protocol/backend.ts';
import type { RequestContext } from '../../src/protocol/context.ts';
import { CONTRACT, type Contract, type RequestOf } from '../../src/protocol/contract/contract.ts';
import { JSON_POST, operation, type OperationDeclaration } from '../../src/protocol/contract/declare.ts';

const nothing = { changes: false, request: z.strictObject({}), response: z.looseObject({}) } as const;
const whole = { ...JSON_POST, ...nothing, method: 'fly', on: 'runtime', scope: 'run' } as const;

export const complete = operation(whole);

const { scope: _scope, ...unscoped } = whole;
const { method: _method, ...unnamed } = whole;
const { http: _http, ...unrouted } = whole;
// @ts-expect-error an operation without a scope
export const withoutScope = operation(unscoped);
// @ts-expect-error an operation without a method
export const withoutMethod = operation(unnamed);
// @ts-expect-error an operation without its HTTP method
export const withoutHttp = operation(unrouted);
// @ts-expect-error a scope that nobody has
export const foreignScope = operation({ ...whole, scope: 'root' });
// @ts-expect-error the map takes nothing incomplete
export const map = { ...CONTRACT, 'session/fly': unscoped } as const satisfies Record<
  string,
  OperationDeclaration
>;

export function uses(runtime: Runtime, backend: Backend, context: RequestContext): void {
  void runtime.pause(context, { paused: true });
  // @ts-expect-error a method that no operation names
  void runtime.fly(context, {});
  // @ts-expect-error what belongs to one session is not on the Backend
  void backend.pause(context, { paused: true });
  // @ts-expect-error a field that the operation does not have
  void runtime.pause(context, { paused: true, soon: true });
  // @ts-expect-error who asks is never left out
  void runtime.pause({ paused: true });
}

type Methods = Contract[keyof Contract]['method'];
/** Every method of the two interfaces has an operation, but for those that need none. */
type WithoutOperation = Exclude<keyof Runtime | keyof Backend, Methods | 'session_id' | 'session' | 'close'>;
/** And every operation is a method. */
type WithoutMethod = Exclude<Methods, keyof Runtime | keyof Backend>;
export const none: [WithoutOperation, WithoutMethod] extends [never, never] ? true : false = true;

/** No method is optional. */
type Optional<Face> = { [Key in keyof Face]-?: undefined extends Face[Key] ? Key : never }[keyof Face];
export const optional: [Optional<Runtime>, Optional<Backend>] extends [never, never] ? true : false = true;

export const emptyTeam: RequestOf<'team/load'> = {};
export const emptySession: RequestOf<'session/create'> = {};
