import { constants, Database } from 'bun:sqlite';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { FileDigests } from '../../platform.ts';
import type { Asked } from './asked.ts';
import { readHeader, tags } from './rpm-header.ts';

/** rpm 4.16 and later on SQLite: Fedora and Red Hat, and distributions that moved it below /usr. */
const databases = ['var/lib/rpm/rpmdb.sqlite', 'usr/lib/sysimage/rpm/rpmdb.sqlite', 'usr/share/rpm/rpmdb.sqlite'];

/** The numbers of RFC 4880, section 9.4, as `FILEDIGESTALGO` has them; none is MD5. */
const algorithms: Readonly<Record<number, keyof FileDigests>> = { 1: 'md5', 2: 'sha1', 8: 'sha256' };
const md5 = 1;

export function hasRpmRecords(root: string): boolean {
  return databases.some((database) => existsSync(path.join(root, database)));
}

/** rpm keeps each package's header whole, and an index from the last component of every path to it. */
export function rpmPackageOf(asked: Asked): string | undefined {
  for (const database of databases.map((each) => path.join(asked.root, each)).filter((each) => existsSync(each))) {
    const found = packageIn(database, asked);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

/** `immutable` keeps SQLite from writing anything beside a database that is not ours. */
function packageIn(file: string, { names, digests }: Asked): string | undefined {
  const { SQLITE_OPEN_READONLY, SQLITE_OPEN_URI } = constants;
  const database = new Database(`file:${file}?immutable=1`, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
  try {
    const basename = Buffer.from(path.posix.basename(names[0] ?? ''), 'latin1').toString();
    const rows = database
      .query<{ blob: Uint8Array; idx: number }, [string]>(
        'SELECT blob, idx FROM Basenames JOIN Packages USING (hnum) WHERE key = ?',
      )
      .all(basename);
    return rows
      .map(({ blob, idx }) => ownerOf(readHeader(blob), idx))
      .find(
        (owner) =>
          names.includes(owner.path) && owner.algorithm !== undefined && digests[owner.algorithm] === owner.digest,
      )?.name;
  } finally {
    database.close();
  }
}

interface Owner {
  readonly name: string;
  readonly path: string;
  readonly algorithm: keyof FileDigests | undefined;
  readonly digest: string;
}

function ownerOf(header: ReturnType<typeof readHeader>, index: number): Owner {
  const directory = header.strings(tags.directoryNames)[header.numbers(tags.directoryIndexes)[index] ?? -1] ?? '';
  return {
    name: header.strings(tags.name)[0] ?? '',
    path: directory + (header.strings(tags.baseNames)[index] ?? ''),
    algorithm: algorithms[header.numbers(tags.fileDigestAlgorithm)[0] ?? md5],
    digest: header.strings(tags.fileDigests)[index] ?? '',
  };
}
