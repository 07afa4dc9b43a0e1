import type { SmallDatabase } from '../platform/sqlite.ts';

/** Counts up when a table changes; an index of another version is made anew, at the cost of one full scan. */
const tablesVersion = 3;

const tables = [
  `CREATE TABLE IF NOT EXISTS file (
    directory BLOB NOT NULL, name BLOB NOT NULL, version INTEGER NOT NULL, dirty INTEGER NOT NULL, gone INTEGER NOT NULL,
    size INTEGER NOT NULL, modified TEXT NOT NULL, changed TEXT NOT NULL, created TEXT, inode TEXT NOT NULL,
    settled INTEGER NOT NULL,
    sha256 TEXT NOT NULL, sha1 TEXT NOT NULL, md5 TEXT NOT NULL,
    mode INTEGER NOT NULL, uid INTEGER NOT NULL, gid INTEGER NOT NULL, owner TEXT NOT NULL, kind TEXT NOT NULL,
    package TEXT,
    PRIMARY KEY (directory, name)) WITHOUT ROWID`,
  'CREATE INDEX IF NOT EXISTS file_dirty ON file (directory, name) WHERE dirty = 1',
  'CREATE TABLE IF NOT EXISTS directory (path BLOB PRIMARY KEY, parent BLOB, watch INTEGER) WITHOUT ROWID',
  'CREATE INDEX IF NOT EXISTS directory_parent ON directory (parent)',
  'CREATE INDEX IF NOT EXISTS directory_watch ON directory (watch) WHERE watch IS NOT NULL',
  'CREATE TABLE IF NOT EXISTS mark (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID',
] as const;

/** What finds files by their hash. */
export const hashIndexes: readonly string[] = ['sha256', 'sha1', 'md5'].map(
  (hash) => `CREATE INDEX IF NOT EXISTS file_${hash} ON file (${hash})`,
);

export function prepareTables(database: SmallDatabase): void {
  if (versionOf(database) === tablesVersion) {
    return;
  }
  database.transaction(() => {
    if (versionOf(database) !== tablesVersion) {
      for (const table of ['file', 'directory', 'mark']) {
        database.run(`DROP TABLE IF EXISTS ${table}`);
      }
      for (const statement of tables) {
        database.run(statement);
      }
      database.run(`PRAGMA user_version = ${tablesVersion}`);
    }
  });
}

function versionOf(database: SmallDatabase): number {
  return Number(database.all('PRAGMA user_version')[0]?.['user_version'] ?? 0);
}
