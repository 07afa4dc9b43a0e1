import fs from 'node:fs';
import type { VaultObjectId } from '#core/file/vault-object-id.ts';
import { publishOwnFile, removeOwnFile } from '../platform/own-files.ts';
import type { Handle } from '../platform/platform.ts';
import { allRecords, readRecord, type VaultRecord } from '../vault/record.ts';
import { demandAllowed } from './allowed.ts';
import { type Captured, type CaptureTarget, demandSpoolSpace, type Wanted } from './captured.ts';
import { Ended } from './ending.ts';
import type { VaultRoom } from './room.ts';
import { bytesToWrite, closeUnread, openHeld, writeContent } from './write-content.ts';

/** The object of the file that was taken from a path: the one with the hash that the server knows of, else the latest. */
export function heldFromPath({ vault }: VaultRoom, { path, indexedSha256 }: Wanted): VaultObjectId | undefined {
  const held = allRecords(vault).filter((record) => isHeld(record) && Buffer.compare(record.path, path) === 0);
  const known = held.findLast(({ sha256 }) => sha256 === indexedSha256);
  return (known ?? held.at(-1))?.vaultObject;
}

/** The object stays where it is, and its file in the vault. @throws Ended. */
export async function capturedFromVault(
  room: VaultRoom,
  vaultObject: VaultObjectId,
  target: CaptureTarget,
): Promise<Captured> {
  const record = heldRecord(room, vaultObject);
  if (record === undefined) {
    throw notHeld(vaultObject);
  }
  const { path, size, sha256 } = record;
  demandAllowed(room, { verb: 'fetch', paths: [path], size });
  const partial = partialOf(target);
  try {
    await decryptInto(room, record, target);
    publishOwnFile(partial, target.file);
  } catch (failure) {
    removeOwnFile(partial);
    // A restore runs beside a fetch, and says that a file is back before it takes its object away: nothing was lost then.
    if (isLoss(failure) && heldRecord(room, vaultObject) === undefined) {
      throw notHeld(vaultObject);
    }
    throw failure instanceof Ended ? withObject(failure, vaultObject) : failure;
  }
  return { sha256, size, changed: false, details: { fromVault: vaultObject } };
}

function notHeld(vaultObject: VaultObjectId): Ended {
  return new Ended({ outcome: 'not_found', message: 'The vault does not hold this file.', vaultObject });
}

function isLoss(failure: unknown): boolean {
  return failure instanceof Ended && failure.ending.reason === 'vault_damaged';
}

function heldRecord({ vault }: VaultRoom, vaultObject: VaultObjectId): VaultRecord | undefined {
  const record = readRecord(vault, vaultObject);
  return record !== undefined && isHeld(record) ? record : undefined;
}

/** On its way back it is still the only sure copy. */
function isHeld({ progress }: VaultRecord): boolean {
  return progress.state === 'held' || progress.state === 'returning';
}

async function decryptInto(room: VaultRoom, record: VaultRecord, target: CaptureTarget): Promise<void> {
  const object = await openHeld(room, record);
  try {
    demandSpoolSpace(room, target, bytesToWrite(object.metadata));
  } catch (failure) {
    await closeUnread(object);
    throw failure;
  }
  const handle = fs.openSync(partialOf(target), 'w', 0o600) as Handle;
  try {
    await writeContent(object, handle);
    fs.fsyncSync(handle);
  } finally {
    fs.closeSync(handle);
  }
}

function partialOf({ file }: CaptureTarget): string {
  return `${file}.part`;
}

function withObject(ended: Ended, vaultObject: VaultObjectId): Ended {
  return new Ended({ ...ended.ending, vaultObject });
}
