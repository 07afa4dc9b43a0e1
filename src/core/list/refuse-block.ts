import type { FileCopies } from '../ports/store/files.ts';
import { hashesOf } from './judge.ts';
import type { HashAlgorithm } from './listed-hash.ts';

export const listRefusals = ['empty_file', 'packaged'] as const;

export interface RefusedHash {
  readonly hash: string;
  readonly reason: (typeof listRefusals)[number];
  /** One sentence. */
  readonly message: string;
}

/** What hashing nothing gives: half the files of a machine have it. */
const emptyFile: Record<HashAlgorithm, string> = {
  sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  sha1: 'da39a3ee5e6b4b0d3255bfef95601890afd80709',
  md5: 'd41d8cd98f00b204e9800998ecf8427e',
};

/** Which of the hashes are never blocked, and why. @param contents what present files have of them. */
export function refusals(
  asked: ReadonlyMap<string, HashAlgorithm>,
  contents: readonly FileCopies[],
): readonly RefusedHash[] {
  const vouched = new Map(
    contents.flatMap((each) => (each.package === null ? [] : hashesOf(each).map((hash) => [hash, each.package]))),
  );
  return [...asked].flatMap(([hash, algorithm]): RefusedHash[] => {
    if (hash === emptyFile[algorithm]) {
      return [{ hash, reason: 'empty_file', message: `${hash} is the hash of the empty file.` }];
    }
    const owner = vouched.get(hash);
    if (owner === undefined) {
      return [];
    }
    return [{ hash, reason: 'packaged', message: `${hash} is a file of the package ${owner}, just as installed.` }];
  });
}
