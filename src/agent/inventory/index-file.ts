import { z } from 'zod';
import { fileKinds } from '#core/file/file.ts';
import type { FilePath } from '#core/file/file-path.ts';
import { filePathSchema } from '#core/file/file-path.ts';
import { md5Schema, sha1Schema, sha256Schema } from '#core/file/hash.ts';
import type { InventoriedFile } from '#wire/messages.ts';
import { openDatabase, type Row, type SmallDatabase } from '../platform/sqlite.ts';

/** One row of the index as it is sent: what it says, and the version that a confirmation is for. */
export interface IndexedFile {
  readonly directory: Uint8Array;
  readonly name: Uint8Array;
  readonly version: number;
  /** Undefined when the file is gone. */
  readonly file: InventoriedFile | undefined;
  readonly path: FilePath;
}

/** What tells whether a file must be read again. */
export interface Known {
  readonly size: number;
  readonly modifiedNs: string;
  readonly changedNs: string;
  readonly inode: string;
}

export type Facts = Omit<InventoriedFile, 'path'> & { readonly inode: string };

const tables = [
  `CREATE TABLE IF NOT EXISTS file (
    directory BLOB NOT NULL, name BLOB NOT NULL, version INTEGER NOT NULL, dirty INTEGER NOT NULL, gone INTEGER NOT NULL,
    size INTEGER NOT NULL, modified TEXT NOT NULL, changed TEXT NOT NULL, created TEXT, inode TEXT NOT NULL,
    sha256 TEXT NOT NULL, sha1 TEXT NOT NULL, md5 TEXT NOT NULL,
    mode INTEGER NOT NULL, uid INTEGER NOT NULL, gid INTEGER NOT NULL, owner TEXT NOT NULL, kind TEXT NOT NULL,
    PRIMARY KEY (directory, name)) WITHOUT ROWID`,
  'CREATE INDEX IF NOT EXISTS file_dirty ON file (directory, name) WHERE dirty = 1',
  'CREATE TABLE IF NOT EXISTS directory (path BLOB PRIMARY KEY, parent BLOB) WITHOUT ROWID',
  'CREATE INDEX IF NOT EXISTS directory_parent ON directory (parent)',
  'CREATE TABLE IF NOT EXISTS mark (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID',
] as const;

const rowSchema = z
  .object({
    directory: z.instanceof(Uint8Array),
    name: z.instanceof(Uint8Array),
    version: z.number(),
    gone: z.number(),
    size: z.number(),
    modified: z.string(),
    changed: z.string(),
    created: z.string().nullable(),
    sha256: sha256Schema,
    sha1: sha1Schema,
    md5: md5Schema,
    mode: z.number(),
    uid: z.number(),
    gid: z.number(),
    owner: z.string(),
    kind: z.enum(fileKinds),
  })
  .transform(toIndexedFile);

const slash = 0x2f;

/**
 * What the agent knows of the files under its roots. The child that scans writes it, the agent reads it and marks what
 * the server has. A lost or broken index costs one full scan and nothing else.
 */
export class InventoryIndex {
  private readonly database: SmallDatabase;

  constructor(database: SmallDatabase) {
    this.database = database;
  }

  /** Whether a scan has ever gone through to its end. */
  get complete(): boolean {
    return this.database.all("SELECT value FROM mark WHERE name = 'complete'").length > 0;
  }

  markComplete(): void {
    this.database.run("INSERT OR REPLACE INTO mark (name, value) VALUES ('complete', 1)");
  }

  /** The present files of one directory, by name as latin1 text. */
  filesIn(directory: Uint8Array): Map<string, Known> {
    const rows = this.database.all(
      'SELECT name, size, modified, changed, inode FROM file WHERE directory = ? AND gone = 0',
      directory,
    );
    return new Map(rows.map((row) => [keyOf(blob(row, 'name')), knownOf(row)]));
  }

  directoriesIn(directory: Uint8Array): readonly Uint8Array[] {
    return this.database.all('SELECT path FROM directory WHERE parent = ?', directory).map((row) => blob(row, 'path'));
  }

  rootDirectories(): readonly Uint8Array[] {
    return this.database.all('SELECT path FROM directory WHERE parent IS NULL').map((row) => blob(row, 'path'));
  }

  hasDirectory(path: Uint8Array): boolean {
    return this.database.all('SELECT 1 AS found FROM directory WHERE path = ?', path).length > 0;
  }

  addDirectory(path: Uint8Array, parent: Uint8Array | null): void {
    this.database.run('INSERT OR REPLACE INTO directory (path, parent) VALUES (?, ?)', path, parent);
  }

  put(directory: Uint8Array, name: Uint8Array, facts: Facts): void {
    this.database.run(
      `INSERT INTO file (directory, name, version, dirty, gone, size, modified, changed, created, inode, sha256, sha1, md5,
        mode, uid, gid, owner, kind) VALUES (?, ?, 1, 1, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (directory, name) DO UPDATE SET version = version + 1, dirty = 1, gone = 0, size = excluded.size,
        modified = excluded.modified, changed = excluded.changed, created = excluded.created, inode = excluded.inode,
        sha256 = excluded.sha256, sha1 = excluded.sha1, md5 = excluded.md5, mode = excluded.mode, uid = excluded.uid,
        gid = excluded.gid, owner = excluded.owner, kind = excluded.kind`,
      directory,
      name,
      ...[facts.size, facts.modifiedNs, facts.changedNs, facts.createdNs, facts.inode],
      ...[facts.sha256, facts.sha1, facts.md5, facts.mode, facts.uid, facts.gid, facts.owner, facts.kind],
    );
  }

  markGone(directory: Uint8Array, name: Uint8Array): void {
    this.database.run(
      'UPDATE file SET gone = 1, dirty = 1, version = version + 1 WHERE directory = ? AND name = ? AND gone = 0',
      directory,
      name,
    );
  }

  /** A directory and all below it is no longer there. */
  removeTree(directory: Uint8Array): void {
    const [from, to] = rangeBelow(directory);
    this.database.transaction(() => {
      const gone = 'UPDATE file SET gone = 1, dirty = 1, version = version + 1 WHERE gone = 0 AND';
      this.database.run(`${gone} directory = ?`, directory);
      this.database.run(`${gone} directory > ? AND directory < ?`, from, to);
      this.database.run('DELETE FROM directory WHERE path = ?', directory);
      this.database.run('DELETE FROM directory WHERE path > ? AND path < ?', from, to);
    });
  }

  transaction(work: () => void): void {
    this.database.transaction(work);
  }

  /** What the server has not confirmed, the gone included. */
  dirty(limit: number): readonly IndexedFile[] {
    return this.read('WHERE dirty = 1 ORDER BY directory, name LIMIT ?', limit);
  }

  /** Present files behind a place in the index, in its order. */
  presentAfter(place: Pick<IndexedFile, 'directory' | 'name'> | undefined, limit: number): readonly IndexedFile[] {
    if (place === undefined) {
      return this.read('WHERE gone = 0 ORDER BY directory, name LIMIT ?', limit);
    }
    const condition = 'WHERE gone = 0 AND (directory, name) > (?, ?) ORDER BY directory, name LIMIT ?';
    return this.read(condition, place.directory, place.name, limit);
  }

  /** The server has these versions; a row that has changed since stays dirty. */
  confirm(files: readonly IndexedFile[]): void {
    this.database.transaction(() => {
      for (const { directory, name, version } of files) {
        const same = 'directory = ? AND name = ? AND version = ?';
        this.database.run(`DELETE FROM file WHERE gone = 1 AND ${same}`, directory, name, version);
        this.database.run(`UPDATE file SET dirty = 0 WHERE ${same}`, directory, name, version);
      }
    });
  }

  close(): void {
    this.database.close();
  }

  private read(condition: string, ...values: (string | number | Uint8Array)[]): readonly IndexedFile[] {
    return this.database.all(`SELECT * FROM file ${condition}`, ...values).map((row) => rowSchema.parse(row));
  }
}

export function openIndex(file: string): InventoryIndex {
  const database = openDatabase(file);
  for (const statement of tables) {
    database.run(statement);
  }
  return new InventoryIndex(database);
}

export function keyOf(name: Uint8Array): string {
  return Buffer.from(name).toString('latin1');
}

export function joinPath(directory: Uint8Array, name: Uint8Array): FilePath {
  const separator = directory.at(-1) === slash ? [] : [slash];
  return filePathSchema.parse(new Uint8Array([...directory, ...separator, ...name]));
}

interface ParsedRow extends Omit<Facts, 'inode' | 'modifiedNs' | 'changedNs' | 'createdNs'> {
  readonly directory: Uint8Array;
  readonly name: Uint8Array;
  readonly version: number;
  readonly gone: number;
  readonly modified: string;
  readonly changed: string;
  readonly created: string | null;
}

function toIndexedFile(row: ParsedRow): IndexedFile {
  const { directory, name, version, gone, modified, changed, created, ...facts } = row;
  const path = joinPath(directory, name);
  const file = { ...facts, path, modifiedNs: modified, changedNs: changed, createdNs: created };
  return { directory, name, version, path, file: gone === 1 ? undefined : file };
}

/** Every path below a directory sorts between these two: '/' is followed by '0'. */
function rangeBelow(directory: Uint8Array): readonly [Uint8Array, Uint8Array] {
  const base = directory.at(-1) === slash ? directory.subarray(0, -1) : directory;
  return [new Uint8Array([...base, slash]), new Uint8Array([...base, slash + 1])];
}

function blob(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (!(value instanceof Uint8Array)) {
    throw new Error(`The inventory's column ${column} holds no bytes.`);
  }
  return value;
}

function knownOf(row: Row): Known {
  return {
    size: Number(row['size']),
    modifiedNs: String(row['modified']),
    changedNs: String(row['changed']),
    inode: String(row['inode']),
  };
}
