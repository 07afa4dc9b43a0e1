import fs from 'node:fs';
import type { NodeFacts } from '../platform.ts';
import { systemErrorCode } from '../system-error.ts';

/** Where the kernel, its first ramdisk and its modules are. */
const kernelPlaces = /^(\/boot\/|(\/usr)?\/lib\/modules\/)/;
const libraryPlaces = /^(\/usr)?\/lib(32|64|x32)?\//;
const libcNames = /\/(ld-[^/]*\.so[^/]*|ld-musl-[^/]*|ld\.so[^/]*|libc\.so[^/]*|libc-[\d.]+\.so|libc\.musl-[^/]*)$/;
/** Without them nobody can log in, and few programs start a session: not even an agent could. */
const accountFiles: ReadonlySet<string> = new Set(['/etc/passwd', '/etc/group', '/etc/shadow', '/etc/gshadow']);
/** The first process under its usual names, for an agent that may not read `/proc/1/exe`. */
const initNames = ['/sbin/init', '/usr/sbin/init', '/lib/systemd/systemd', '/usr/lib/systemd/systemd', '/proc/1/exe'];

/**
 * init, kernel, libc, the loader and the lists of accounts: without them the machine cannot be repaired from the console
 * (promise P14).
 */
export function isSystemCritical(path: Uint8Array, facts: NodeFacts): boolean {
  const text = Buffer.from(path).toString('latin1');
  if (accountFiles.has(text) || kernelPlaces.test(text) || (libraryPlaces.test(text) && libcNames.test(text))) {
    return true;
  }
  return [...initNames, ...loadedLibraries()].some((name) => isSameFile(name, facts));
}

/** The loader and the C library that this very process runs on, wherever they are. */
function loadedLibraries(): readonly string[] {
  const maps = fs.readFileSync('/proc/self/maps', 'latin1');
  const paths = maps.split('\n').flatMap((line) => {
    const start = line.indexOf('/');
    return start === -1 ? [] : [line.slice(start)];
  });
  return [...new Set(paths)].filter((path) => libcNames.test(path));
}

/** A name that may not be looked at can be nobody's reason to refuse. */
function isSameFile(name: string, facts: NodeFacts): boolean {
  try {
    const stats = fs.statSync(name, { bigint: true, throwIfNoEntry: false });
    return stats !== undefined && stats.dev === facts.device && stats.ino === facts.inode;
  } catch (failure) {
    if (systemErrorCode(failure) === undefined) {
      throw failure;
    }
    return false;
  }
}
