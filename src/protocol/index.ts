/** `yonder-agents/protocol`: the language that clients, servers, Hosts and runners share. */
export {
  bindBackend,
  bindRuntime,
  type Backend,
  type BytesAnswer,
  type Runtime,
  type RunStream,
  type Transport,
} from './backend.ts';
export { canonicalJson } from './canonical-json.ts';
export { LOCAL_CONTEXT, scopeSchema, type RequestContext, type Scope } from './context.ts';
export type * from './contract/answers.ts';
export { decodeAnswer, decodeRequest, encodeRequest } from './contract/codec.ts';
export {
  CONTRACT,
  isOperation,
  LIMITS,
  OPERATIONS,
  PROTOCOL_VERSION,
  routeOf,
  type AcceptedOf,
  type Contract,
  type OperationName,
  type RequestOf,
  type ResponseOf,
} from './contract/contract.ts';
export type { OperationDeclaration, Transfer } from './contract/declare.ts';
export type {
  CreateSessionRequest,
  InputMessage,
  LoadTeamRequest,
  RuntimeConfig,
} from './contract/payloads.ts';
export { errorFromBody, errorToBody, type ErrorBody } from './error-body.ts';
export {
  ERRORS,
  isErrorCode,
  toYonderError,
  UnsupportedError,
  YonderError,
  type ErrorCode,
  type YonderErrorOptions,
} from './errors.ts';
export type { EventKind } from './events/declare.ts';
export type { StopReason } from './events/run-events.ts';
export {
  decodeEvent,
  EVENTS,
  eventKind,
  isEventType,
  parseEvent,
  type DecodedEvent,
  type EventOf,
  type EventType,
  type WireEvent,
  type YonderEvent,
} from './events/events.ts';
export {
  DECISIONS_OF,
  type AnswerDecision,
  type InteractionKind,
  type PendingInteraction,
} from './interaction.ts';
export type * from './message.ts';
export type * from './permissions.ts';
export type { Policy, PolicyFile, PolicyRules } from './policy.ts';
export { policyFor, type PolicyPlace } from './policy-for.ts';
export type * from './runner.ts';
export { encodeSse, HEARTBEAT, INPUT_ID_HEADER, RUN_ID_HEADER } from './sse.ts';
export type * from './store.ts';
export type * from './team.ts';
