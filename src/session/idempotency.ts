import { YonderError } from '../protocol/errors.ts';
import type { IdempotencyClaim, IdempotentOutcome, Store } from '../protocol/store.ts';
import type { Database } from './database.ts';

function find(
  database: Database,
  principal: string,
  operation: string,
  key: string,
): IdempotentOutcome | undefined {
  const row = database.get<{ request_digest: string; outcome: string }>(
    'SELECT request_digest, outcome FROM idempotency WHERE principal = ? AND operation = ? AND key = ?',
    principal,
    operation,
    key,
  );
  return row === undefined
    ? undefined
    : { request_digest: row.request_digest, outcome: JSON.parse(row.outcome) as Record<string, unknown> };
}

/**
 * R18, inside the transaction of the operation itself. Returns the first outcome when this is a repeat, else keeps the claim with the
 * session's log. Throws `idempotency_conflict` when the key was used for another request.
 */
export function claim(
  database: Database,
  request: IdempotencyClaim | undefined,
  log: number,
): Record<string, unknown> | undefined {
  const earlier = earlierOutcome(database, request);
  if (earlier !== undefined) return earlier;
  if (request !== undefined) {
    database.run(
      'INSERT INTO idempotency(principal, operation, key, request_digest, outcome, log) VALUES (?, ?, ?, ?, ?, ?)',
      request.principal,
      request.operation,
      request.key,
      request.request_digest,
      JSON.stringify(request.outcome),
      log,
    );
  }
  return undefined;
}

/** The first outcome of this key; undefined when the key is new. */
export function earlierOutcome(
  database: Database,
  request: IdempotencyClaim | undefined,
): Record<string, unknown> | undefined {
  if (request === undefined) return undefined;
  const earlier = find(database, request.principal, request.operation, request.key);
  if (earlier === undefined) return undefined;
  if (earlier.request_digest === request.request_digest) return earlier.outcome;
  throw new YonderError(
    'idempotency_conflict',
    `the idempotency key ${request.key} was used for another ${request.operation} request; send this one with a new key`,
  );
}

export function createIdempotency(database: Database): Pick<Store, 'idempotent'> {
  return {
    idempotent: (principal, operation, key) => database.read(() => find(database, principal, operation, key)),
  };
}
