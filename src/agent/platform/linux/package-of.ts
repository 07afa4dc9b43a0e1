import type { FileDigests } from '../platform.ts';
import { apkPackageOf } from './packages/apk.ts';
import { dpkgPackageOf } from './packages/dpkg.ts';
import { rpmPackageOf } from './packages/rpm.ts';

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

/** As latin1, in which every byte is a character: package managers and file systems keep bytes. */
function namesOf(path: string): readonly string[] {
  if (path.includes('\n')) {
    return [];
  }
  const merged = mergedDirectories.find((directory) => path.startsWith(`/usr/${directory}/`));
  return merged === undefined ? [path] : [path, path.slice('/usr'.length)];
}
