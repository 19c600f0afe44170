import { YonderError } from '../protocol/errors.ts';
import type { IdempotencyClaim, IdempotentOutcome, Store } from '../protocol/store.ts';
import type { Database } from './database.ts';

/** How long a key of an operation that belongs to no session is known (R18). Milliseconds. */
export const KEY_LIFE_MS = 24 * 60 * 60 * 1000;

const SELECT_KEY = `SELECT request_digest, outcome FROM idempotency
  WHERE principal = ? AND operation = ? AND key = ? AND (expires_at IS NULL OR expires_at > ?)`;
const INSERT_KEY = `INSERT INTO idempotency(principal, operation, key, request_digest, outcome, log, expires_at)
  VALUES (?, ?, ?, ?, ?, ?, ?)`;

function find(
  database: Database,
  principal: string,
  operation: string,
  key: string,
): IdempotentOutcome | undefined {
  const now = database.now().toISOString();
  const row = database.get<{ request_digest: string; outcome: string }>(
    SELECT_KEY,
    principal,
    operation,
    key,
    now,
  );
  if (row === undefined) return undefined;
  return {
    request_digest: row.request_digest,
    outcome: JSON.parse(row.outcome) as Record<string, unknown>,
  };
}

/**
 * Inside the operation's own transaction, before it does anything: the first committed outcome of this key, undefined when the key is
 * new. Throws `idempotency_conflict` when the key was used for another request (R18).
 */
export function earlierOutcome(
  database: Database,
  claim: IdempotencyClaim | undefined,
): Record<string, unknown> | undefined {
  if (claim === undefined) return undefined;
  const earlier = find(database, claim.principal, claim.operation, claim.key);
  if (earlier === undefined) return undefined;
  if (earlier.request_digest === claim.request_digest) return earlier.outcome;
  throw new YonderError(
    'idempotency_conflict',
    `the idempotency key ${claim.key} was used for another ${claim.operation} request; send this one with a new key`,
  );
}

/** Keeps the outcome as long as the log lives; with `log` null, for 24 hours. */
export function keepOutcome(
  database: Database,
  claim: IdempotencyClaim | undefined,
  log: number | null,
): void {
  if (claim === undefined) return;
  const now = database.now().getTime();
  database.run('DELETE FROM idempotency WHERE expires_at <= ?', new Date(now).toISOString());
  database.run(
    INSERT_KEY,
    claim.principal,
    claim.operation,
    claim.key,
    claim.request_digest,
    JSON.stringify(claim.outcome),
    log,
    log === null ? new Date(now + KEY_LIFE_MS).toISOString() : null,
  );
}

export function createIdempotency(database: Database): Pick<Store, 'idempotent'> {
  return {
    idempotent: (principal, operation, key) => database.read(() => find(database, principal, operation, key)),
  };
}
