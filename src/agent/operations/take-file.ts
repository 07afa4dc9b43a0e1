import type { VaultObjectId } from '#core/file/vault-object-id.ts';
import { publishOwnFile, removeOwnFile } from '../platform/own-files.ts';
import type { Parent } from '../platform/platform.ts';
import { systemErrorCode } from '../platform/system-error.ts';
import { encodeMetadata, type Metadata } from '../vault/metadata.ts';
import { sealObject, verifyObject } from '../vault/object.ts';
import { demandQuota } from '../vault/quota.ts';
import { objectFile, partialFile, recordOf, writeRecord } from '../vault/record.ts';
import { demandAllowed, realPath } from './allowed.ts';
import { type Capture, commitQuarantine, dropObject, isCaptureRight, putBack } from './capture-commit.ts';
import { demandChangeable } from './changeable.ts';
import { hashOf } from './content.ts';
import { describe, type Found } from './describe.ts';
import { Ended, type Ending } from './ending.ts';
import type { HandleScope } from './handle-scope.ts';
import { demandRegularFile, isUnchanged, type Pinned, pinIfPresent } from './pinned.ts';
import { demandUnprotected } from './protected.ts';
import type { QuarantineJob } from './quarantine-job.ts';
import type { VaultRoom } from './room.ts';
import { makeStage } from './stage.ts';

export interface Taking {
  readonly room: VaultRoom;
  readonly scope: HandleScope;
  readonly job: QuarantineJob;
  readonly object: VaultObjectId;
}

/** How often a file that is being written to is read again before giving up. */
const attempts = 3;
/** What must stay free on the vault's file system beside the object itself (promise P20). */
const reservedBytes = 64 * 1024 * 1024;

/** @returns undefined when nothing has this path. */
export async function takeFile(taking: Taking): Promise<Ending | undefined> {
  const parent = openParentOf(taking);
  if (parent === undefined) {
    return undefined;
  }
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const result = await tryToTake(taking, parent);
    if (result !== 'changed') {
      return result;
    }
  }
  throw changedDuringCapture();
}

function openParentOf({ room, scope, job }: Taking): Parent | undefined {
  try {
    const parent = room.platform.openParent(job.path);
    scope.keep(parent.directory);
    return parent;
  } catch (failure) {
    if (systemErrorCode(failure) === 'ENOENT' || systemErrorCode(failure) === 'ENOTDIR') {
      return undefined;
    }
    throw failure;
  }
}

async function tryToTake(taking: Taking, parent: Parent): Promise<Ending | 'changed' | undefined> {
  const { room, scope } = taking;
  const pinned = pinIfPresent(room.platform, scope, parent);
  if (pinned === undefined) {
    return undefined;
  }
  const found = examine(taking, parent, pinned);
  const metadata = describe(room, found);
  const isWhole = await seal(taking, found, { pinned, metadata });
  return isWhole ? capture(taking, parent, metadata) : 'changed';
}

/** All that can be said before a byte is copied. @throws Ended for what is not to be taken. */
function examine(taking: Taking, parent: Parent, { pin, facts }: Pinned): Found {
  const { room, scope, job, object } = taking;
  demandRegularFile(room.platform, { pin, facts });
  const real = realPath(room.platform, parent);
  demandAllowed(room, { verb: 'quarantine', paths: [job.path, real], size: facts.size });
  const source = scope.keep(room.platform.openPinned(pin));
  demandUnprotected(room, { asked: job.path, real, facts, source }, job.overrideProtection);
  demandChangeable(room, parent, source);
  demandSpace(room, facts.size);
  const { taskId, path } = job;
  const sha256 = job.sha256 ?? hashOf(source, room.progress).sha256;
  return { vaultObject: object, taskId, path, sha256, parent, facts, source };
}

function demandSpace(room: VaultRoom, size: number): void {
  demandQuota(room.vault, size, room.policy.vaultQuotaBytes);
  if (room.platform.freeBytes(room.vault) < size + reservedBytes) {
    throw new Ended({ outcome: 'no_space', message: 'The vault has no space for the file.' });
  }
}

/**
 * A complete object under its partial name: hashed as it is sealed, then read back and found to be the file.
 * @returns false when the file was changed meanwhile.
 * @throws Ended `hash_mismatch`, with the file untouched (promise P2).
 */
async function seal(
  { room, object, job }: Taking,
  { source, sha256: expected }: Found,
  { pinned, metadata }: { readonly pinned: Pinned; readonly metadata: Metadata },
): Promise<boolean> {
  const file = partialFile(room.vault, object);
  removeOwnFile(file);
  const sha256 = await sealObject(file, { source, metadata, keys: room.keys, progress: room.progress });
  const isUntouched = isUnchanged(pinned.facts, room.platform.facts(pinned.pin));
  if (!isUntouched || sha256 !== expected) {
    removeOwnFile(file);
  }
  if (sha256 !== expected && job.sha256 === null) {
    return false;
  }
  if (isUntouched && sha256 !== expected) {
    throw new Ended({
      outcome: 'hash_mismatch',
      message: 'The file has another SHA-256 than the order names; it is untouched.',
      ...{ path: job.path, sha256, size: metadata.size },
    });
  }
  return isUntouched && (await isObjectRight(room, file, metadata));
}

async function isObjectRight(room: VaultRoom, file: string, metadata: Metadata): Promise<true> {
  const verified = await verifyObject(file, room.keys.identity, room.progress);
  if (Buffer.compare(encodeMetadata(verified), encodeMetadata(metadata)) !== 0) {
    throw new Error('The vault object reads back with other metadata than it was given.');
  }
  return true;
}

/**
 * From here on everything is synchronous. The note first, then the object, then the file leaves its place, durably; only
 * then may the record say that the vault holds it. Whatever fails on the way, the file goes back.
 */
function capture({ room, scope, object }: Taking, parent: Parent, metadata: Metadata): Ending {
  const stage = makeStage({ platform: room.platform, scope, parent, object, use: 'stage' });
  const record = recordOf(metadata, { state: 'taking', stage: stage.id, original: metadata.original });
  return orPutBack({ room, scope, place: parent, stage, record }, () => {
    writeRecord(room.vault, record);
    publishOwnFile(partialFile(room.vault, object), objectFile(room.vault, object));
    room.platform.move(parent, stage.entry);
    room.platform.syncDirectory(stage.entry.directory);
    room.platform.syncDirectory(parent.directory);
    return commitIfRight({ room, scope, place: parent, stage, record });
  });
}

function commitIfRight(capture: Capture): Ending {
  if (!isCaptureRight(capture)) {
    throw changedDuringCapture();
  }
  return commitQuarantine(capture);
}

/** The end of the work, or the file back in its place and the object forgotten. */
export function orPutBack<Result>(capture: Capture, work: () => Result): Result {
  try {
    return work();
  } catch (failure) {
    putBack(capture);
    dropObject(capture.room, capture.record.vaultObject);
    throw failure;
  }
}

export function changedDuringCapture(): Ended {
  return new Ended({
    outcome: 'interrupted',
    reason: 'changed_during_capture',
    message: 'The file was changed or replaced while it was being taken; what had its name is back in its place.',
  });
}
