import type { Store } from '../protocol/store.ts';
import type { Database } from './database.ts';
import { findWriter } from './writer.ts';

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
        const { log } = findWriter(database, root_id);
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

/** A session's cassette: recorded model traffic, in the order in which it was added. */
export function createRecordings(database: Database): Pick<Store, 'addRecording' | 'recordings'> {
  return {
    addRecording: (root_id, interaction) =>
      database.write(() => {
        const { log } = findWriter(database, root_id);
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
