import type { FetchParameters, PurgeParameters, QuarantineParameters, RestoreParameters } from '#core/action/verb.ts';
import { type FilePath, parsePath } from '#core/file/file-path.ts';
import type { Sha256 } from '#core/file/hash.ts';

/** What orders ask for, with everything else as it is when nobody says so. Paths are in the form of `displayPath`. */
export function fetchOf(...paths: readonly (string | FilePath)[]): FetchParameters {
  return {
    verb: 'fetch',
    files: paths.map((path) => ({ path: asPath(path), vaultObject: null, indexedSha256: null })),
  };
}

export function quarantineOf(path: string | FilePath, sha256: Sha256): QuarantineParameters {
  return { verb: 'quarantine', path: asPath(path), sha256, overrideProtection: false };
}

export function restoreOf(sha256: Sha256, more: Partial<RestoreParameters> = {}): RestoreParameters {
  return { verb: 'restore', sha256, vaultObject: null, to: null, ifOccupied: 'fail', ...more };
}

export function purgeOf(sha256: Sha256): PurgeParameters {
  return { verb: 'purge', sha256, vaultObject: null };
}

function asPath(path: string | FilePath): FilePath {
  return typeof path === 'string' ? parsePath(path) : path;
}
