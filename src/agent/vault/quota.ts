import fs from 'node:fs';
import { sealedStreamBytes } from '#age/stream.ts';
import { Ended } from '../operations/ending.ts';
import { systemErrorCode } from '../platform/system-error.ts';
import { allObjects, objectFile } from './record.ts';

/** Bytes of all objects that the vault holds, encryption included. */
export function vaultBytes(vault: string): number {
  return allObjects(vault).reduce((sum, id) => sum + sizeOf(objectFile(vault, id)), 0);
}

/**
 * Whether one more file fits into the vault's quota. Nothing is ever dropped to make room: the order fails, and says so
 * (promise P28).
 * @param wanted the file's size in bytes; its object is a little larger.
 * @param quotaBytes what the owner of the endpoint allows; null: as much as the disk holds.
 * @throws Ended `no_space`, `vault_full`.
 */
export function demandQuota(vault: string, wanted: number, quotaBytes: number | null): void {
  if (quotaBytes === null) {
    return;
  }
  const used = vaultBytes(vault);
  const needed = sealedStreamBytes(wanted);
  if (used + needed > quotaBytes) {
    throw new Ended({
      outcome: 'no_space',
      reason: 'vault_full',
      message: `The vault’s quota of ${quotaBytes} bytes does not hold ${needed} more beside its ${used}. The file is untouched, and the vault keeps all that it has; restore or purge something, or raise the quota in the endpoint’s policy.`,
      size: wanted,
    });
  }
}

/** An object may leave the vault while this is added up. */
function sizeOf(file: string): number {
  try {
    return fs.statSync(file).size;
  } catch (failure) {
    if (systemErrorCode(failure) === 'ENOENT') {
      return 0;
    }
    throw failure;
  }
}
