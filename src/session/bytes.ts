import { createHash } from 'node:crypto';

import { YonderError } from '../protocol/errors.ts';
import type { BlobRow, Store, UploadRow } from '../protocol/store.ts';
import type { Database } from './database.ts';
import { earlierOutcome, keepOutcome } from './idempotency.ts';
import { findWriter } from './writer.ts';

const INSERT_BLOB = `INSERT INTO blobs(log, blob_id, media_type, name, size, sha256, bytes) VALUES (?, ?, ?, ?, ?, ?, ?)`;
const SELECT_BLOB = `SELECT blob_id, media_type, name, size, sha256, bytes FROM blobs
  WHERE log = (SELECT log FROM leases WHERE root_id = ?) AND blob_id = ?`;
const INSERT_UPLOAD = `INSERT INTO uploads(upload_id, principal, name, media_type, size, sha256, bytes)
  VALUES (?, ?, ?, ?, ?, ?, ?)`;
const UPLOAD_COLUMNS = 'upload_id, principal, name, media_type, size, sha256';

/** A row as SQLite gives it. */
type Stored<Row extends { name: string | undefined }> = Omit<Row, 'name'> & { name: string | null };

function withName<Row extends { name: string | null }>(
  row: Row,
): Omit<Row, 'name'> & { name: string | undefined } {
  return { ...row, name: row.name ?? undefined };
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The row that an earlier call with the same key made. */
function firstUpload(database: Database, outcome: Record<string, unknown>): UploadRow {
  const row = database.get<Stored<UploadRow>>(
    `SELECT ${UPLOAD_COLUMNS} FROM uploads WHERE upload_id = ?`,
    String(outcome['upload_id']),
  );
  if (row !== undefined) return withName(row);
  throw new YonderError('internal', 'the outcome kept for an upload must name its upload_id');
}

/** Bytes (R30): blobs belong to one log and end with it, uploads belong to a principal. */
export function createBytes(database: Database): Pick<Store, 'putBlob' | 'blob' | 'putUpload' | 'upload'> {
  return {
    async putBlob(root_id, blob, bytes) {
      const row: BlobRow = { ...blob, size: bytes.byteLength, sha256: sha256(bytes) };
      const { blob_id, media_type, name = null } = blob;
      await database.write(() => {
        const { log } = findWriter(database, root_id);
        database.run(INSERT_BLOB, log, blob_id, media_type, name, row.size, row.sha256, bytes);
      });
      return row;
    },
    blob: (root_id, blob_id) =>
      database.read(() => {
        const row = database.get<Stored<BlobRow> & { bytes: Uint8Array }>(SELECT_BLOB, root_id, blob_id);
        return row === undefined ? undefined : withName(row);
      }),
    async putUpload(upload, bytes, idempotency) {
      const row: UploadRow = { ...upload, size: bytes.byteLength, sha256: sha256(bytes) };
      const { upload_id, principal, name = null, media_type } = upload;
      return database.write(
        () => {
          const earlier = earlierOutcome(database, idempotency);
          if (earlier !== undefined) return firstUpload(database, earlier);
          database.run(INSERT_UPLOAD, upload_id, principal, name, media_type, row.size, row.sha256, bytes);
          keepOutcome(database, idempotency, null);
          return row;
        },
        { flush: true },
      );
    },
    upload: (upload_id) =>
      database.read(() => {
        const row = database.get<Stored<UploadRow> & { bytes: Uint8Array }>(
          `SELECT ${UPLOAD_COLUMNS}, bytes FROM uploads WHERE upload_id = ?`,
          upload_id,
        );
        return row === undefined ? undefined : withName(row);
      }),
  };
}
