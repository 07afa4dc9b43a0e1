import type { OccupiedPolicy } from '#core/action/verb.ts';
import type { Sha256 } from '#core/file/hash.ts';

/** What a piece of work must have to itself: all that has one hash, or the whole vault. */
export type VaultShare = Sha256 | 'whole';

/** A change of the vault, as far as it matters for what else may be changed beside it. */
export interface VaultDeed {
  readonly kind: 'quarantine' | 'copies' | 'restore' | 'restore_objects' | 'undo' | 'plan' | 'purge';
  /** Null: not known before the file is read, or not one alone. */
  readonly sha256: Sha256 | null;
  readonly ifOccupied?: OccupiedPolicy;
  /** Each with a decision of its own. */
  readonly objects?: readonly { readonly ifOccupied: OccupiedPolicy }[];
  /** Two files that are taken side by side could each fit into a quota that holds one of them. */
  readonly quotaBytes: number | null;
}

/** A swap takes a file of another hash, and the list of copies is one for the vault. */
export function vaultShareOf({ kind, sha256, ifOccupied, objects = [], quotaBytes }: VaultDeed): VaultShare {
  if (sha256 === null) {
    return 'whole';
  }
  switch (kind) {
    case 'copies':
    case 'undo':
      return 'whole';
    case 'quarantine':
      return quotaBytes === null ? sha256 : 'whole';
    case 'restore':
      return ifOccupied === 'swap' ? 'whole' : sha256;
    case 'restore_objects':
      return objects.some((object) => object.ifOccupied === 'swap') ? 'whole' : sha256;
    case 'plan':
    case 'purge':
      return sha256;
  }
}

/** The byte of the vault's lock that stands for a hash; which two hashes share by chance is of no matter. */
export function lockShareOf(share: VaultShare): bigint | 'whole' {
  return share === 'whole' ? 'whole' : BigInt(`0x${share.slice(0, 15)}`);
}
