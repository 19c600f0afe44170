import type { z } from 'zod';
import { UnsupportedError, YonderError, toYonderError } from '../errors.ts';
import { shortened } from '../shortened.ts';
import { checkBounds } from './bounds.ts';
import { CONTRACT, LIMITS, PROTOCOL_VERSION, type OperationName } from './contract.ts';
import type { OperationDeclaration } from './declare.ts';

type Fields = Record<string, unknown>;

/**
 * The JSON text of a request: the one place where a client, here or yonder, encodes one. Booleans with a default are always written, an explicit
 * `false` too (WIRE.md, session/create); every other absent field stays absent. Throws `payload_too_large` over LIMITS.body_bytes,
 * `invalid_request` for what JSON cannot say. `version`: of the server that gets it; what is newer is not written by itself.
 */
export function encodeRequest(name: OperationName, request: unknown, version = PROTOCOL_VERSION): string {
  const text = textOf(name, { ...alwaysSent(CONTRACT[name], version), ...withoutAbsent(request) });
  if (isOver(text, LIMITS.body_bytes)) throw bodyTooLarge(LIMITS.body_bytes);
  return text;
}

/** The request as the Host takes it: strict, defaults filled in; `invalid_request` names every fault with its path. */
export function decodeRequest(name: OperationName, value: unknown): unknown {
  checkBounds(name, value);
  const parsed = CONTRACT[name].request.safeParse(value);
  if (parsed.success) return parsed.data;
  const all = faultsOf(parsed.error.issues);
  const faults = all.slice(0, SHOWN);
  const rest = all.length > SHOWN ? `; and ${all.length - SHOWN} more` : '';
  throw new YonderError(
    'invalid_request',
    `${name}: ${faults.map(({ path, message }) => inWords(path, message)).join('; ')}${rest}`,
    { details: { issues: faults }, cause: parsed.error },
  );
}

/** An answer as the caller gets it, frozen (R40); unknown fields are kept. One that is not what the contract says is `internal`. */
export function decodeAnswer(name: OperationName, value: unknown): unknown {
  const parsed = CONTRACT[name].response.safeParse(value);
  if (parsed.success) return deepFreeze(parsed.data);
  const faults = faultsOf(parsed.error.issues).map(({ path, message }) => inWords(path, message));
  throw new YonderError(
    'internal',
    `the answer to ${name} is not what the protocol says: ${faults.join('; ')}`,
    {
      cause: parsed.error,
    },
  );
}

/**
 * R29: the request as a server of this `major.minor` version knows it. Fields that are newer (by their `since` in the schema's meta) are left out at
 * their default and `unsupported` where they are set; so is a newer operation.
 */
export function fitToVersion(
  name: string,
  declaration: Pick<OperationDeclaration, 'since' | 'request'>,
  request: unknown,
  version: string,
): Fields {
  const place = `by this server: it speaks protocol ${version}, this client ${PROTOCOL_VERSION}`;
  if (isNewer(declaration.since, version)) throw new UnsupportedError(name, place);
  const fields = withoutAbsent(request);
  for (const [key, field] of Object.entries(shapeOf(declaration.request))) {
    if (!isNewer(sinceOf(field), version) || !Object.hasOwn(fields, key)) continue;
    const unset = field.safeParse(undefined);
    if (!unset.success || JSON.stringify(unset.data) !== JSON.stringify(fields[key])) {
      throw new UnsupportedError(`${name}: ${key}`, place);
    }
    delete fields[key];
  }
  return fields;
}

export function bodyTooLarge(limit: number): YonderError {
  return new YonderError(
    'payload_too_large',
    `the body is over ${limit} bytes; upload large content with upload/create`,
  );
}

/** The version that brought a field; one that says nothing was there from the first on. */
function sinceOf(field: z.ZodType): string {
  const since = field.meta()?.['since'];
  return typeof since === 'string' ? since : '0.0';
}

function isNewer(since: string, version: string): boolean {
  const [major = 0, minor = 0] = since.split('.').map(Number);
  const [otherMajor = 0, otherMinor = 0] = version.split('.').map(Number);
  return major > otherMajor || (major === otherMajor && minor > otherMinor);
}

function textOf(name: OperationName, fields: Fields): string {
  try {
    return JSON.stringify(fields);
  } catch (thrown) {
    throw new YonderError(
      'invalid_request',
      `${name}: the request is not JSON: ${toYonderError(thrown).message}`,
      {
        cause: thrown,
      },
    );
  }
}

function withoutAbsent(request: unknown): Fields {
  const given = typeof request === 'object' && request !== null ? Object.entries(request) : [];
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

function shapeOf(schema: z.ZodType): Record<string, z.ZodType> {
  return 'shape' in schema ? (schema.shape as Record<string, z.ZodType>) : {};
}

/** Fields of a request that are booleans with a default, at that default, as far as this version has them. */
function alwaysSent({ request }: Pick<OperationDeclaration, 'request'>, version: string): Fields {
  const fields: Fields = {};
  for (const [key, field] of Object.entries(shapeOf(request))) {
    if (isNewer(sinceOf(field), version)) continue;
    const unset = field.safeParse(undefined);
    if (unset.success && typeof unset.data === 'boolean') fields[key] = unset.data;
  }
  return fields;
}

/** A UTF-16 code unit is at most three bytes, so that most texts need not be counted. */
function isOver(text: string, limit: number): boolean {
  if (text.length > limit) return true;
  return text.length * 3 > limit && new TextEncoder().encode(text).byteLength > limit;
}

/** Faults that an error names; a body can have thousands. */
const SHOWN = 20;

interface Fault {
  path: string;
  message: string;
}

function faultsOf(issues: readonly z.core.$ZodIssue[], above: readonly PropertyKey[] = []): Fault[] {
  return issues.flatMap((issue) => {
    const path = [...above, ...issue.path];
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        path: pathOf([...path, key]),
        message: 'unknown field',
      }));
    }
    return [{ path: pathOf(path), message: shortened(issue.message) }];
  });
}

function pathOf(path: readonly PropertyKey[]): string {
  return path.map((part) => shortened(String(part))).join('.');
}

function inWords(path: string, message: string): string {
  if (message === 'unknown field') return `unknown field ${path}`;
  return `${path === '' ? 'the body' : path}: ${message}`;
}

function deepFreeze(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  for (const inner of Object.values(value)) deepFreeze(inner);
  return Object.freeze(value);
}
