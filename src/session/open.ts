import { DatabaseSync } from 'node:sqlite';
import { chmodSync, closeSync, constants, fsyncSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';

import { UnsupportedError, YonderError } from '../protocol/errors.ts';
import { networkFilesystem } from '../process/filesystem-kind.ts';
import { makeFolders } from '../process/make-folders.ts';
import { BUSY_TIMEOUT_MS, Database, PATIENCE_MS } from './database.ts';
import { copyAside } from './damage.ts';
import { isCannotOpen, isDamage, isReadOnly, storeFailure } from './failures.ts';
import { checkCurrent, checkReadable, migrate } from './migrate.ts';
import { type Migration, MIGRATIONS } from './schema.ts';

export interface StoreOptions {
  /** The database file; `:memory:` in tests. Made with its parent folders when it is missing. */
  path: string;
  /** Default: a new one. Each handle needs its own. */
  host_id?: string | undefined;
  /** Where the Hosts' lock files are; default `<path>.hosts`. */
  lock_dir?: string | undefined;
  now?: (() => Date) | undefined;
  /** Only looks: needs no write permission, takes no lock, makes nothing. A write is refused with `store_failed`. */
  readOnly?: boolean | undefined;
  /** How long a call tries while another process has the store locked. Milliseconds, default 10,000. */
  patience_ms?: number | undefined;
  /** Says which network file system a path is on, null for none; the operating system's answer by default. */
  networkFilesystem?: ((path: string) => Promise<string | null>) | undefined;
  /** The schema's steps, for tests of an upgrade. */
  migrations?: readonly Migration[] | undefined;
}

export type OpenOptions = Omit<StoreOptions, 'host_id' | 'lock_dir'> & { lockFolder: string };

/** SQLite takes a file shorter than its smallest page for an empty one, and would write over it. Bytes. */
const SMALLEST_PAGE = 512;

/**
 * Opens the file, makes it when it is missing, and brings its schema up to date. Nothing here opens the file but SQLite itself: POSIX
 * frees all locks of a process on a file with the first descriptor that it closes, and another handle of ours may hold some.
 */
export async function openDatabase(options: OpenOptions): Promise<Database> {
  if (options.path === ':memory:') return migrated(connect(options, ':memory:'), options);
  await refuseNetwork(options);
  const existing = statSync(options.path, { throwIfNoEntry: false });
  if (existing?.isDirectory() === true) {
    throw new YonderError(
      'store_failed',
      `the session store ${options.path} is a folder; name a file with --session-db`,
    );
  }
  if (existing !== undefined && existing.size > 0 && existing.size < SMALLEST_PAGE) {
    throw copyAside(options.path, new Error(`it has only ${existing.size} bytes`));
  }
  if (options.readOnly === true) return existing === undefined ? emptyStore(options) : openToRead(options);
  if (existing === undefined) createPrivately(options.path);
  return migrated(connect(options, options.path), options);
}

async function refuseNetwork({
  path,
  networkFilesystem: kindOf = networkFilesystem,
}: OpenOptions): Promise<void> {
  const kind = await kindOf(path);
  if (kind === null) return;
  throw new UnsupportedError(
    `a session store on a network file system (${kind})`,
    `at ${path}; name a file on a local disk with --session-db`,
    { details: { path, filesystem: kind } },
  );
}

/** File 0600, new folders 0700, both in the folder's listing on disk before anything is acknowledged. */
function createPrivately(path: string): void {
  try {
    makeFolders(dirname(path));
    closeSync(openSync(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600));
    chmodSync(path, 0o600);
    if (process.platform !== 'win32') flushFolder(dirname(path));
  } catch (thrown) {
    // Another process made it in the same moment.
    if (statSync(path, { throwIfNoEntry: false })?.isFile() === true) return;
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    throw new YonderError(
      'store_failed',
      `the session store ${path} could not be made (${message}); name another place with --session-db or --data-dir`,
      {
        cause: thrown,
      },
    );
  }
}

function flushFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function connect(options: OpenOptions, location: string | URL): Database {
  const readOnly = options.readOnly === true;
  try {
    const handle = new DatabaseSync(location, {
      readOnly: readOnly && location !== ':memory:',
      timeout: BUSY_TIMEOUT_MS,
    });
    return new Database(handle, {
      path: options.path,
      now: options.now ?? (() => new Date()),
      patience: options.patience_ms ?? PATIENCE_MS,
      schemaVersion: Math.max(...(options.migrations ?? MIGRATIONS).map(({ version }) => version)),
    });
  } catch (thrown) {
    throw storeFailure(thrown, options.path);
  }
}

async function migrated(database: Database, options: OpenOptions): Promise<Database> {
  try {
    await database.read(() => checkReadable(database));
    await database.read(() => configure(database));
    await migrate(database, options.migrations ?? MIGRATIONS, options.lockFolder);
    return database;
  } catch (thrown) {
    database.close();
    throw reportDamage(thrown, options.path);
  }
}

function configure(database: Database): void {
  const mode = database.get<{ journal_mode: string }>('PRAGMA journal_mode')?.journal_mode;
  if (mode !== 'wal') database.get('PRAGMA journal_mode = WAL');
  // The WAL is cut back to this size after one long transaction. Bytes.
  database.script(`PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = ${16 * 1024 * 1024}`);
  if (process.platform === 'darwin')
    database.script('PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON');
}

function reportDamage(thrown: unknown, path: string): unknown {
  const cause = thrown instanceof YonderError ? thrown.cause : thrown;
  return isDamage(cause) ? copyAside(path, cause) : thrown;
}

/** What a look at a store that does not exist yet finds: nothing. Makes no file. */
async function emptyStore(options: OpenOptions): Promise<Database> {
  const database = await migrated(connect({ ...options, readOnly: false }, ':memory:'), options);
  database.refuseWrites();
  return database;
}

async function openToRead(options: OpenOptions): Promise<Database> {
  try {
    return await openCurrent(options);
  } catch (thrown) {
    const cause = thrown instanceof YonderError ? thrown.cause : thrown;
    if (!isCannotOpen(cause) && !isReadOnly(cause)) throw thrown;
    // A folder that cannot be written has no room for the WAL's index. Without a WAL nobody is writing, and the file alone is the store.
    if ((statSync(`${options.path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) throw thrown;
    const location = pathToFileURL(options.path);
    location.searchParams.set('immutable', '1');
    return await openReadOnly(options, location);
  }
}

/** Who only looks at a store of an older schema brings it up to date first, where it can be written. */
async function openCurrent(options: OpenOptions): Promise<Database> {
  try {
    return await openReadOnly(options, options.path);
  } catch (thrown) {
    const details = thrown instanceof YonderError ? thrown.details : undefined;
    if (Number(details?.['schema_version'] ?? 0) >= Number(details?.['known'] ?? 0)) throw thrown;
    try {
      (await migrated(connect({ ...options, readOnly: false }, options.path), options)).close();
    } catch (cause) {
      // A living Host of the older schema is named; a place that cannot be written is what the first words are about.
      throw cause instanceof YonderError && cause.code === 'conflict' ? cause : thrown;
    }
    return openReadOnly(options, options.path);
  }
}

async function openReadOnly(options: OpenOptions, location: string | URL): Promise<Database> {
  const database = connect(options, location);
  try {
    database.refuseWrites();
    await database.read(() => checkCurrent(database));
    return database;
  } catch (thrown) {
    database.close();
    throw reportDamage(thrown, options.path);
  }
}
