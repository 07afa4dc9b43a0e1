import fs from 'node:fs';
import path from 'node:path';
import { DamagedObject } from '#age/damaged.ts';
import type { VaultObjectId } from '#core/file/vault-object-id.ts';
import { day, type Milliseconds } from '#core/time.ts';
import type { VaultRoom } from '../operations/room.ts';
import { systemErrorCode } from '../platform/system-error.ts';
import { isHeld } from './held.ts';
import { verifyObject } from './object.ts';
import { allObjects, objectFile, readRecord, type VaultRecord } from './record.ts';
import { addToScrubLog, type Checked, readScrubLog, replaceScrubLog } from './scrub-log.ts';

export interface Scrubbed {
  /** Objects that were read in this run. */
  readonly checked: number;
  /** Every object that the vault holds and that was damaged when it was last read, in this run or before. */
  readonly damaged: readonly VaultObjectId[];
}

/** An object that was found good is left alone this long: a day less than a week, for runs that come a little early. */
const goodFor: Milliseconds = 6 * day;
/** After each stretch of this length the disk is left to others for a moment: 50 MiB/s at the very most. */
const stretchBytes = 1024 * 1024;
const chunkBytes = 64 * 1024;
const rest: Milliseconds = 20;

/**
 * Reads every held object that was not read for a week, those first that waited longest, and says which no longer decrypt
 * to the file that they were made of (promise P21). What was done is remembered after each object: a run that was killed
 * is gone on with, and one with nothing to do costs nothing. No object is ever changed.
 *
 * It takes long, and must not run under the vault's lock: an object that leaves the vault meanwhile is passed over.
 */
export async function scrubVault(room: VaultRoom): Promise<Scrubbed> {
  const release = room.platform.lock(path.join(room.vault, 'scrub.lock'), { wait: true });
  try {
    const checks = knownChecks(room.vault);
    replaceScrubLog(room.vault, checks);
    const slowly = { ...room, progress: throttled(room.progress) };
    let checked = 0;
    for (const id of due(room, checks)) {
      const found = await check(slowly, id);
      if (found !== undefined) {
        checked += 1;
        checks.set(id, found);
        addToScrubLog(room.vault, id, found);
      }
    }
    const damaged = [...checks].filter(([id, found]) => found.damaged && heldRecord(room.vault, id) !== undefined);
    return { checked, damaged: damaged.map(([id]) => id) };
  } finally {
    release?.();
  }
}

/** Of the objects that are there; what is said of others is forgotten. */
function knownChecks(vault: string): Map<VaultObjectId, Checked> {
  const known = readScrubLog(vault);
  return new Map(
    allObjects(vault).flatMap((id): [VaultObjectId, Checked][] => {
      const found = known.get(id);
      return found === undefined ? [] : [[id, found]];
    }),
  );
}

/** A clock that was set back makes checks of the future: they do not count. */
function due({ vault, clock }: VaultRoom, checks: ReadonlyMap<VaultObjectId, Checked>): readonly VaultObjectId[] {
  const now = clock.now();
  const lastRead = (id: VaultObjectId) => checks.get(id)?.at ?? 0;
  return allObjects(vault)
    .filter((id) => {
      const found = checks.get(id);
      return found === undefined || found.damaged || found.at > now || now - found.at >= goodFor;
    })
    .toSorted((one, other) => lastRead(one) - lastRead(other));
}

/** Undefined when the vault does not hold the object, or not any more. */
async function check(room: VaultRoom, id: VaultObjectId): Promise<Checked | undefined> {
  const record = heldRecord(room.vault, id);
  if (record === undefined) {
    return undefined;
  }
  const damaged = !(await isGood(room, record));
  const isStillHeld = heldRecord(room.vault, id) !== undefined && fs.existsSync(objectFile(room.vault, id));
  return isStillHeld ? { at: room.clock.now(), damaged } : undefined;
}

async function isGood(room: VaultRoom, { vaultObject, sha256 }: VaultRecord): Promise<boolean> {
  try {
    const file = objectFile(room.vault, vaultObject);
    const metadata = await verifyObject(file, room.keys.identity, room.progress);
    return metadata.vaultObject === vaultObject && metadata.sha256 === sha256;
  } catch (failure) {
    // A disk that cannot give the bytes back any more is damage too; any other failure says nothing of the object.
    if (failure instanceof DamagedObject || ['EIO', 'ENOENT'].includes(systemErrorCode(failure) ?? '')) {
      return false;
    }
    throw failure;
  }
}

function heldRecord(vault: string, id: VaultObjectId): VaultRecord | undefined {
  const record = readRecord(vault, id);
  return record !== undefined && isHeld(record) ? record : undefined;
}

/** Called for every chunk that is read. A child has nothing else to do while it rests. */
function throttled(progress: () => void): () => void {
  let chunks = 0;
  return () => {
    progress();
    chunks += 1;
    if (chunks % (stretchBytes / chunkBytes) === 0) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, rest);
    }
  };
}
