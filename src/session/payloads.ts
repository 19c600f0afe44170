import { createHash } from 'node:crypto';

import type { BlobRow, Store, UploadRow } from '../protocol/store.ts';
import type { Database } from './database.ts';
import { findLog } from './log.ts';

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

type Nullable<Row extends { name: string | undefined }> = Omit<Row, 'name'> & {
  name: string | null;
  bytes: Uint8Array;
};

function withName<Row extends { name: string | null }>(
  row: Row,
): Omit<Row, 'name'> & { name: string | undefined } {
  return { ...row, name: row.name ?? undefined };
}

/** Pinned teams and the texts that a log names by digest (R22): stored once, never changed. */
export function createContents(
  database: Database,
): Pick<Store, 'putTeam' | 'team' | 'putContent' | 'content'> {
  return {
    putTeam: (digest, json) =>
      database.write(() => {
        database.run('INSERT INTO teams(digest, json) VALUES (?, ?) ON CONFLICT DO NOTHING', digest, json);
      }),
    team: (digest) =>
      database.read(
        () => database.get<{ json: string }>('SELECT json FROM teams WHERE digest = ?', digest)?.json,
      ),
    putContent: (root_id, digest, text) =>
      database.write(() => {
        const { log } = findLog(database, root_id);
        database.run(
          'INSERT INTO contents(log, digest, text) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
          log,
          digest,
          text,
        );
      }),
    content: (root_id, digest) =>
      database.read(
        () =>
          database.get<{ text: string }>(
            'SELECT text FROM contents WHERE log = (SELECT log FROM leases WHERE root_id = ?) AND digest = ?',
            root_id,
            digest,
          )?.text,
      ),
  };
}

/** Bytes (R30): blobs belong to one log and end with it, uploads to a principal. */
export function createBytes(database: Database): Pick<Store, 'putBlob' | 'blob' | 'putUpload' | 'upload'> {
  return {
    async putBlob(root_id, blob, bytes) {
      const row: BlobRow = { ...blob, size: bytes.byteLength, sha256: sha256(bytes) };
      await database.write(() => {
        const { log } = findLog(database, root_id);
        database.run(
          'INSERT INTO blobs(log, blob_id, media_type, name, size, sha256, bytes) VALUES (?, ?, ?, ?, ?, ?, ?)',
          log,
          row.blob_id,
          row.media_type,
          row.name ?? null,
          row.size,
          row.sha256,
          bytes,
        );
      });
      return row;
    },
    blob: (root_id, blob_id) =>
      database.read(() => {
        const row = database.get<Nullable<BlobRow>>(
          `SELECT blob_id, media_type, name, size, sha256, bytes FROM blobs
           WHERE log = (SELECT log FROM leases WHERE root_id = ?) AND blob_id = ?`,
          root_id,
          blob_id,
        );
        return row === undefined ? undefined : withName(row);
      }),
    async putUpload(upload, bytes) {
      const row: UploadRow = { ...upload, size: bytes.byteLength, sha256: sha256(bytes) };
      await database.write(
        () => {
          database.run(
            'INSERT INTO uploads(upload_id, principal, name, media_type, size, sha256, bytes) VALUES (?, ?, ?, ?, ?, ?, ?)',
            row.upload_id,
            row.principal,
            row.name ?? null,
            row.media_type,
            row.size,
            row.sha256,
            bytes,
          );
        },
        { flush: true },
      );
      return row;
    },
    upload: (upload_id) =>
      database.read(() => {
        const row = database.get<Nullable<UploadRow>>(
          'SELECT upload_id, principal, name, media_type, size, sha256, bytes FROM uploads WHERE upload_id = ?',
          upload_id,
        );
        return row === undefined ? undefined : withName(row);
      }),
  };
}

/** A session's cassette: recorded model traffic, in the order in which it was added. */
export function createRecordings(database: Database): Pick<Store, 'addRecording' | 'recordings'> {
  return {
    addRecording: (root_id, interaction) =>
      database.write(() => {
        const { log } = findLog(database, root_id);
        database.run('INSERT INTO recordings(log, interaction) VALUES (?, ?)', log, interaction);
      }),
    recordings: (root_id) =>
      database.read(() =>
        database
          .all<{ interaction: string }>(
            'SELECT interaction FROM recordings WHERE log = (SELECT log FROM leases WHERE root_id = ?) ORDER BY number',
            root_id,
          )
          .map(({ interaction }) => interaction),
      ),
  };
}
