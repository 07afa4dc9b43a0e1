import type { FileFacts } from '../file/file.ts';
import { md5Schema, sha1Schema, sha256Schema } from '../file/hash.ts';
import type { Milliseconds } from '../time.ts';
import type { HashAlgorithm, ListedHash } from './listed-hash.ts';

export type FileHashes = Pick<FileFacts, 'sha256' | 'sha1' | 'md5'>;

/** The hash in lower case with its algorithm; undefined for text that is no hash. */
export function readHash(text: string): { readonly hash: string; readonly algorithm: HashAlgorithm } | undefined {
  const hash = text.trim().toLowerCase();
  const schemas = { sha256: sha256Schema, sha1: sha1Schema, md5: md5Schema } as const;
  const algorithms = ['sha256', 'sha1', 'md5'] as const;
  const algorithm = algorithms.find((each) => schemas[each].safeParse(hash).success);
  return algorithm === undefined ? undefined : { hash, algorithm };
}

export function hashesOf({ sha256, sha1, md5 }: FileHashes): readonly string[] {
  return [sha256, sha1, md5];
}

export function isInForce({ expiresAt }: Pick<ListedHash, 'expiresAt'>, now: Milliseconds): boolean {
  return expiresAt === null || expiresAt > now;
}

/**
 * The entry for which a new file with these hashes is quarantined. Where one of its hashes is blocked and another allowed it is
 * left where it is: of two decisions that contradict each other, the one that takes nothing away counts.
 */
export function preventingEntry(
  hashes: readonly string[],
  listed: ReadonlyMap<string, ListedHash>,
  now: Milliseconds,
): ListedHash | undefined {
  const entries = hashes.flatMap((hash) => listed.get(hash) ?? []).filter((entry) => isInForce(entry, now));
  const isAllowed = entries.some(({ list }) => list === 'allow');
  return isAllowed ? undefined : entries.find(({ list, prevent }) => list === 'block' && prevent);
}
