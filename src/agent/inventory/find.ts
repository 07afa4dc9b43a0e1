import type { FilePath } from '#core/file/file-path.ts';
import type { Sha256 } from '#core/file/hash.ts';
import { openIndex } from './index-file.ts';

/** More copies of one file than this are not told. */
export const mostCopies = 10_000;

/**
 * The paths under the roots that had these bytes when they were last looked at: who acts on one hashes it again first.
 * @param database the file of the index.
 */
export function pathsWithHash(database: string, sha256: Sha256): readonly FilePath[] {
  const index = openIndex(database);
  try {
    return index.withHash('sha256', sha256, mostCopies).map(({ path }) => path);
  } finally {
    index.close();
  }
}
