import type { FileDigests, PackageRecords } from '../platform.ts';
import { apkPackageOf, readApkRecords } from './packages/apk.ts';
import { dpkgPackageOf, readDiversions, readDpkgRecords } from './packages/dpkg.ts';
import { RecordBook } from './packages/record-book.ts';
import { hasRpmRecords, rpmPackageOf } from './packages/rpm.ts';

/** The directories that became links into /usr: records made before name their files without it, and some still do. */
const mergedDirectories = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32'];

/**
 * The package that put just these bytes at this path, asked of each package manager that keeps its records here
 * (promise P14). A digest is only read where a record names the path.
 * @param path where the file really is.
 */
export function packageOf(path: Uint8Array, digests: FileDigests): string | undefined {
  return packageUnder('/', path, digests);
}

/** The same for a system whose root is elsewhere. */
export function packageUnder(root: string, path: Uint8Array, digests: FileDigests): string | undefined {
  const names = namesOf(Buffer.from(path).toString('latin1'));
  const asked = { root, names, digests };
  return dpkgPackageOf(asked) ?? apkPackageOf(asked) ?? rpmPackageOf(asked);
}

/** Where packages put files; what is elsewhere is not looked up. */
const packagedPlaces = /^\/(?:usr\/(?!local\/)|etc\/|bin\/|sbin\/|lib(?:32|64|x32)?\/|boot\/|opt\/)/;
/** So many files are asked for one by one; for more, all the records are read once. */
const mostSingly = 4;

/** As `packageOf`, for many files one after the other; what it read is forgotten with it. */
export function packageRecords(root = '/'): PackageRecords {
  let asked = 0;
  let records: ReturnType<typeof readAll> | undefined;
  return {
    ownerOf(path, digests) {
      if (!packagedPlaces.test(Buffer.from(path).toString('latin1'))) {
        return undefined;
      }
      asked += 1;
      if (asked <= mostSingly) {
        return packageUnder(root, path, digests);
      }
      records ??= readAll(root);
      return records(namesOf(Buffer.from(path).toString('latin1')), digests);
    },
  };
}

function readAll(root: string): (names: readonly string[], digests: FileDigests) => string | undefined {
  const book = new RecordBook();
  readDpkgRecords(root, book);
  readApkRecords(root, book);
  const diversions = readDiversions(root);
  const hasRpm = hasRpmRecords(root);
  return (names, digests) => {
    const wanted = [...names, ...names.flatMap((name) => diversions.get(name) ?? [])];
    for (const name of wanted) {
      for (const digest of [digests.md5, digests.sha1, digests.sha256]) {
        const owner = book.ownerOf(name, digest);
        if (owner !== undefined) {
          return owner;
        }
      }
    }
    return hasRpm ? rpmPackageOf({ root, names, digests }) : undefined;
  };
}

/** As latin1, in which every byte is a character: package managers and file systems keep bytes. */
function namesOf(path: string): readonly string[] {
  if (path.includes('\n')) {
    return [];
  }
  const merged = mergedDirectories.find((directory) => path.startsWith(`/usr/${directory}/`));
  return merged === undefined ? [path] : [path, path.slice('/usr'.length)];
}
