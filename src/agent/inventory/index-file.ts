import { z } from 'zod';
import { fileKinds } from '#core/file/file.ts';
import type { FilePath } from '#core/file/file-path.ts';
import { filePathSchema } from '#core/file/file-path.ts';
import { md5Schema, sha1Schema, sha256Schema } from '#core/file/hash.ts';
import type { InventoriedFile } from '#wire/messages.ts';
import { separatorByte } from '../platform/separator.ts';
import { openDatabase, type Row, type SmallDatabase } from '../platform/sqlite.ts';
import { hashIndexes, prepareTables } from './index-tables.ts';

/** One row of the index as it is sent: what it says, and the version that a confirmation is for. */
export interface IndexedFile {
  readonly directory: Uint8Array;
  readonly name: Uint8Array;
  readonly version: number;
  /** Undefined when the file is gone. */
  readonly file: InventoriedFile | undefined;
  readonly path: FilePath;
  /** Its number on its file system. */
  readonly inode: string;
}

/** Where a file stands in the index's order. */
export type IndexPlace = Pick<IndexedFile, 'directory' | 'name'>;

/** What tells whether a file must be read again. */
export interface Known {
  readonly size: number;
  readonly modifiedNs: string;
  readonly changedNs: string;
  readonly inode: string;
  readonly settled: boolean;
}

export interface Facts extends Omit<InventoriedFile, 'path'> {
  readonly inode: string;
  /** False when the file had changed so shortly before it was read that another change could bear the same time. */
  readonly settled: boolean;
}

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
    inode: z.string(),
    sha256: sha256Schema,
    sha1: sha1Schema,
    md5: md5Schema,
    mode: z.number(),
    uid: z.number(),
    gid: z.number(),
    owner: z.string(),
    kind: z.enum(fileKinds),
    package: z.string().nullable(),
  })
  .transform(toIndexedFile);

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

  /** Hashes are sorted only now: sorting them once costs a fraction of keeping them sorted through a first scan. */
  markComplete(): void {
    for (const statement of hashIndexes) {
      this.database.run(statement);
    }
    this.database.run("INSERT OR REPLACE INTO mark (name, value) VALUES ('complete', 1)");
  }

  /** The present files of one directory, by name as latin1 text. */
  filesIn(directory: Uint8Array): Map<string, Known> {
    const rows = this.database.all(
      'SELECT name, size, modified, changed, inode, settled FROM file WHERE directory = ? AND gone = 0',
      directory,
    );
    return new Map(rows.map((row) => [keyOf(blob(row, 'name')), knownOf(row)]));
  }

  known({ directory, name }: IndexPlace): Known | undefined {
    const [row] = this.database.all(
      'SELECT size, modified, changed, inode, settled FROM file WHERE directory = ? AND name = ? AND gone = 0',
      directory,
      name,
    );
    return row === undefined ? undefined : knownOf(row);
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

  /** `watch`: the number under which its changes are told. It belongs to one path at a time, the last that it was given. */
  addDirectory(path: Uint8Array, parent: Uint8Array | null, watch: number | null): void {
    const same = 'path = ? AND parent IS ? AND watch IS ?';
    if (this.database.all(`SELECT 1 FROM directory WHERE ${same}`, path, parent, watch).length > 0) {
      return;
    }
    this.database.transaction(() => {
      this.database.run('UPDATE directory SET watch = NULL WHERE watch = ?', watch);
      this.database.run('INSERT OR REPLACE INTO directory (path, parent, watch) VALUES (?, ?, ?)', path, parent, watch);
    });
  }

  /** The directory whose changes are told under this number; undefined: none any more. */
  watchedDirectory(watch: number): Uint8Array | undefined {
    const [row] = this.database.all('SELECT path FROM directory WHERE watch = ?', watch);
    return row === undefined ? undefined : blob(row, 'path');
  }

  /** The number under which the changes of a directory are told, null while it is not watched. */
  watchOf(path: Uint8Array): number | null {
    const watch = this.database.all('SELECT watch FROM directory WHERE path = ?', path)[0]?.['watch'];
    return typeof watch === 'number' ? watch : null;
  }

  watchCount(): number {
    const [row] = this.database.all('SELECT count(*) AS watches FROM directory WHERE watch IS NOT NULL');
    return Number(row?.['watches'] ?? 0);
  }

  /** Watches end with the process that held them. */
  forgetWatches(): void {
    this.database.run('UPDATE directory SET watch = NULL WHERE watch IS NOT NULL');
  }

  /** What is as it was is not told again. @returns whether there is something to tell. */
  put(directory: Uint8Array, name: Uint8Array, facts: Facts): boolean {
    const told = this.database.all(
      `INSERT INTO file (directory, name, version, dirty, gone, size, modified, changed, created, inode, settled, sha256, sha1,
        md5, mode, uid, gid, owner, kind, package) VALUES (?, ?, 1, 1, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (directory, name) DO UPDATE SET version = version + 1, dirty = 1, gone = 0, size = excluded.size,
        modified = excluded.modified, changed = excluded.changed, created = excluded.created, inode = excluded.inode,
        settled = excluded.settled, sha256 = excluded.sha256, sha1 = excluded.sha1, md5 = excluded.md5,
        mode = excluded.mode, uid = excluded.uid, gid = excluded.gid, owner = excluded.owner, kind = excluded.kind,
        package = excluded.package
      WHERE gone = 1 OR sha256 <> excluded.sha256 OR changed <> excluded.changed OR modified <> excluded.modified
        OR inode <> excluded.inode OR owner <> excluded.owner OR package IS NOT excluded.package
      RETURNING 1`,
      directory,
      name,
      ...[facts.size, facts.modifiedNs, facts.changedNs, facts.createdNs, facts.inode, facts.settled ? 1 : 0],
      ...[facts.sha256, facts.sha1, facts.md5, facts.mode, facts.uid, facts.gid, facts.owner, facts.kind],
      facts.package,
    );
    if (told.length === 0 && facts.settled) {
      this.database.run('UPDATE file SET settled = 1 WHERE directory = ? AND name = ?', directory, name);
    }
    return told.length > 0;
  }

  markGone(directory: Uint8Array, name: Uint8Array): void {
    this.database.run(
      'UPDATE file SET gone = 1, dirty = 1, version = version + 1 WHERE directory = ? AND name = ? AND gone = 0',
      directory,
      name,
    );
  }

  /** A directory and all below it is no longer there. @returns the watches that its directories had. */
  removeTree(directory: Uint8Array): readonly number[] {
    const [from, to] = rangeBelow(directory);
    const within = 'watch IS NOT NULL AND (path = ? OR (path > ? AND path < ?))';
    const watches = this.database.all(`SELECT watch FROM directory WHERE ${within}`, directory, from, to);
    this.database.transaction(() => {
      const gone = 'UPDATE file SET gone = 1, dirty = 1, version = version + 1 WHERE gone = 0 AND';
      this.database.run(`${gone} directory = ?`, directory);
      this.database.run(`${gone} directory > ? AND directory < ?`, from, to);
      this.database.run('DELETE FROM directory WHERE path = ?', directory);
      this.database.run('DELETE FROM directory WHERE path > ? AND path < ?', from, to);
    });
    return watches.map((row) => Number(row['watch']));
  }

  transaction(work: () => void): void {
    this.database.transaction(work);
  }

  /** What the server has not confirmed, the gone included. */
  dirty(limit: number): readonly IndexedFile[] {
    return this.read('WHERE dirty = 1 ORDER BY directory, name LIMIT ?', limit);
  }

  /** Present files behind a place in the index, in its order. */
  presentAfter(place: IndexPlace | undefined, limit: number): readonly IndexedFile[] {
    if (place === undefined) {
      return this.read('WHERE gone = 0 ORDER BY directory, name LIMIT ?', limit);
    }
    const condition = 'WHERE gone = 0 AND (directory, name) > (?, ?) ORDER BY directory, name LIMIT ?';
    return this.read(condition, place.directory, place.name, limit);
  }

  /** The present files with this hash; sorted once a scan has gone through to its end. */
  withHash(by: 'sha256' | 'sha1' | 'md5', hash: string, limit: number): readonly IndexedFile[] {
    return this.read(`WHERE ${by} = ? AND gone = 0 ORDER BY directory, name LIMIT ?`, hash, limit);
  }

  present({ directory, name }: IndexPlace): IndexedFile | undefined {
    return this.read('WHERE directory = ? AND name = ? AND gone = 0', directory, name)[0];
  }

  /** As `presentAfter`, without what is known of the files: for looking through all of them. */
  placesAfter(place: IndexPlace | undefined, limit: number): readonly IndexPlace[] {
    const after = place === undefined ? '' : 'AND (directory, name) > (?, ?)';
    const values = place === undefined ? [] : [place.directory, place.name];
    const sql = `SELECT directory, name FROM file WHERE gone = 0 ${after} ORDER BY directory, name LIMIT ?`;
    return this.database
      .all(sql, ...values, limit)
      .map((row) => ({ directory: blob(row, 'directory'), name: blob(row, 'name') }));
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
  prepareTables(database);
  return new InventoryIndex(database);
}

export function keyOf(name: Uint8Array): string {
  return Buffer.from(name).toString('latin1');
}

export function joinPath(directory: Uint8Array, name: Uint8Array): FilePath {
  const separator = directory.at(-1) === separatorByte ? [] : [separatorByte];
  return filePathSchema.parse(new Uint8Array([...directory, ...separator, ...name]));
}

interface ParsedRow extends Omit<Facts, 'settled' | 'modifiedNs' | 'changedNs' | 'createdNs'> {
  readonly directory: Uint8Array;
  readonly name: Uint8Array;
  readonly version: number;
  readonly gone: number;
  readonly modified: string;
  readonly changed: string;
  readonly created: string | null;
}

function toIndexedFile(row: ParsedRow): IndexedFile {
  const { directory, name, version, gone, modified, changed, created, inode, ...facts } = row;
  const path = joinPath(directory, name);
  const file = { ...facts, path, modifiedNs: modified, changedNs: changed, createdNs: created };
  return { directory, name, version, path, inode, file: gone === 1 ? undefined : file };
}

/** Every path below a directory sorts between these two: the separator, and the byte after it. */
function rangeBelow(directory: Uint8Array): readonly [Uint8Array, Uint8Array] {
  const base = directory.at(-1) === separatorByte ? directory.subarray(0, -1) : directory;
  return [new Uint8Array([...base, separatorByte]), new Uint8Array([...base, separatorByte + 1])];
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
    settled: row['settled'] === 1,
  };
}
