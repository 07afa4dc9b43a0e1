import type { Principal } from '../access/principal.ts';
import type { DialectName } from '../action/action.ts';
import type { Milliseconds } from '../time.ts';

export const hashAlgorithms = ['sha256', 'sha1', 'md5'] as const;

export type HashAlgorithm = (typeof hashAlgorithms)[number];

/** A hash is on one list, or on none. */
export const listKinds = ['block', 'allow'] as const;

export type ListKind = (typeof listKinds)[number];

/** A hash that a team decided about, for every endpoint, now and later. */
export interface ListedHash {
  /** Lower-case hex, as it was given: an MD5 stays one, and concerns every file that has it. */
  readonly hash: string;
  readonly algorithm: HashAlgorithm;
  readonly list: ListKind;
  /** Of the block list: whether a new file with this hash is quarantined. Without it the hash is known to be bad, and nothing is touched. */
  readonly prevent: boolean;
  readonly comment: string;
  readonly incidentId: string | null;
  /** With the name that their role had then. */
  readonly listedBy: Pick<Principal, 'kind' | 'id' | 'name'> & { readonly role: string };
  readonly dialect: DialectName;
  readonly listedAt: Milliseconds;
  /** From then on it counts as not listed; null: never. */
  readonly expiresAt: Milliseconds | null;
}
