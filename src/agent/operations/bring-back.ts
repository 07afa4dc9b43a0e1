import fs from 'node:fs';
import type { VaultObjectId } from '#core/file/vault-object-id.ts';
import type { Parent } from '../platform/platform.ts';
import { systemErrorCode } from '../platform/system-error.ts';
import type { Metadata } from '../vault/metadata.ts';
import type { OpenObject } from '../vault/object.ts';
import { readRecord, type VaultRecord, vaultObjectOf, writeRecord } from '../vault/record.ts';
import { demandAllowed, realPath } from './allowed.ts';
import { applyEarlyFlags, applyMetadata } from './apply-metadata.ts';
import { discardStaged } from './capture-commit.ts';
import { demandChangeable } from './changeable.ts';
import { Ended } from './ending.ts';
import { demandParent, mayBePrivileged } from './parent-rule.ts';
import { type Pinned, pinIfPresent } from './pinned.ts';
import { demandNotOwn } from './protected.ts';
import type { RestoreJob } from './quarantine-job.ts';
import { giveUpCopy } from './restore-recovery.ts';
import type { Returning } from './returning.ts';
import type { VaultRoom } from './room.ts';
import { hasSameBytes } from './same-bytes.ts';
import { findStage, makeStage, nodeId, type Stage } from './stage.ts';
import { bytesToWrite, closeUnread, openHeld, writeContent } from './write-content.ts';

const reservedBytes = 16 * 1024 * 1024;

/** The very bytes stand at the place: there is nothing to bring back. */
export class AlreadyThere extends Error {
  override readonly name = 'AlreadyThere';
}

/** A complete copy of a held file, in a staging directory beside the place that it is to go to. */
export interface BuiltCopy {
  readonly parent: Parent;
  readonly stage: Stage;
  /** As it is on disk: `returning`. */
  readonly record: VaultRecord;
}

/** @throws Ended, with nothing left over, for what cannot go back there, and `AlreadyThere`. */
export async function buildCopy(returning: Returning): Promise<BuiltCopy> {
  const parent = openParentOf(returning);
  const displaced = examine(returning, parent);
  clearLeftover(returning, parent);
  const object = await openFor(returning, parent);
  try {
    return await buildFrom(returning, parent, { object, displaced });
  } finally {
    await closeUnread(object);
  }
}

async function buildFrom(
  returning: Returning,
  parent: Parent,
  from: Pick<Building, 'object' | 'displaced'>,
): Promise<BuiltCopy> {
  const { room, scope, record } = returning;
  const stage = makeStage({ platform: room.platform, scope, parent, object: record.vaultObject, use: 'return' });
  try {
    const built = await build(returning, parent, { stage, ...from });
    writeRecord(room.vault, built);
    return { parent, stage, record: built };
  } catch (failure) {
    giveUpCopy(room, readRecord(room.vault, record.vaultObject) ?? record, stage);
    throw failure;
  }
}

/** @throws Ended where what the object says of its file forbids the place, or does not fit there. */
async function openFor({ room, record, job }: Returning, parent: Parent): Promise<OpenObject> {
  const object = await openHeld(room, record);
  try {
    demandFit({ room, job }, parent, object.metadata);
    return object;
  } catch (failure) {
    await closeUnread(object);
    throw failure;
  }
}

/** @throws Ended where the directory is not the file's, or has no space for it. */
export function demandFit(
  { room, job }: { readonly room: VaultRoom; readonly job: Pick<RestoreJob, 'to'> },
  parent: Parent,
  metadata: Metadata,
): void {
  if (job.to === null) {
    demandParent(parent, metadata);
  }
  if (room.platform.freeBytes(parent.directory) < bytesToWrite(metadata) + reservedBytes) {
    throw new Ended({ outcome: 'no_space', message: 'There is no space for the file where it is to go.' });
  }
}

/** Begins nothing: removes what an earlier run had built and not yet noted as complete. */
export function discardUnfinishedCopy(returning: Returning): void {
  try {
    clearLeftover(returning, openParentOf(returning));
  } catch (failure) {
    if (!(failure instanceof Ended)) {
      throw failure;
    }
  }
}

/** @throws Ended `parent_missing` */
export function openParentOf({ room, scope, target }: Pick<Returning, 'room' | 'scope' | 'target'>): Parent {
  try {
    const parent = room.platform.openParent(target);
    scope.keep(parent.directory);
    return parent;
  } catch (failure) {
    if (systemErrorCode(failure) === 'ENOENT' || systemErrorCode(failure) === 'ENOTDIR') {
      throw new Ended({
        outcome: 'parent_missing',
        message: 'The directory for the file is not there. Make it, or name another path, and restore once more.',
      });
    }
    throw failure;
  }
}

/**
 * All that can be said before a byte is copied.
 * @returns the object that the occupant of the place goes into, where there is one and it is to be swapped.
 * @throws Ended for a place that the file must not go to, or cannot; `AlreadyThere`
 */
function examine(returning: Returning, parent: Parent): VaultObjectId | null {
  const { room, scope, record, job, target } = returning;
  const occupant = lookAtPlace(returning, parent);
  if (occupant !== undefined && job.ifOccupied === 'fail') {
    if (hasSameBytes(room, scope, { pinned: occupant, record })) {
      room.platform.syncDirectory(parent.directory);
      throw new AlreadyThere();
    }
    throw occupied();
  }
  return occupant !== undefined && job.ifOccupied === 'swap' ? vaultObjectOf(job.taskId, target) : null;
}

/**
 * What stands where a file may go.
 * @throws Ended for a place that no file may go to.
 */
export function lookAtPlace(
  { room, scope, record, target }: Pick<Returning, 'room' | 'scope' | 'record' | 'target'>,
  parent: Parent,
): Pinned | undefined {
  const real = realPath(room.platform, parent);
  demandAllowed(room, { verb: 'restore', paths: [target, real], size: record.size });
  const occupant = pinIfPresent(room.platform, scope, parent);
  demandNotOwn(room, [target, real], occupant?.facts);
  demandChangeable(room, parent);
  return occupant;
}

/** A copy that was never finished: its record does not say `returning`. */
function clearLeftover({ room, scope, record }: Returning, parent: Parent): void {
  const leftover = findStage({ platform: room.platform, scope, parent, object: record.vaultObject, use: 'return' });
  if (leftover !== undefined) {
    discardStaged(room, leftover);
  }
}

interface Building {
  readonly stage: Stage;
  readonly object: OpenObject;
  readonly displaced: VaultObjectId | null;
}

async function build(
  { room, scope, job, record, target }: Returning,
  parent: Parent,
  { stage, object, displaced }: Building,
): Promise<VaultRecord> {
  const { platform } = room;
  const { metadata } = object;
  const file = scope.keep(platform.createFile(stage.entry));
  applyEarlyFlags(platform, file, metadata);
  await writeContent(object, file);
  const isPrivileged = job.to === null && mayBePrivileged(parent, metadata);
  const losses = applyMetadata(platform, file, { metadata, mayBePrivileged: isPrivileged });
  fs.fsyncSync(file);
  platform.syncDirectory(stage.entry.directory);
  const copy = nodeId(platform.facts(file));
  const { taskId } = job;
  return {
    ...record,
    progress: { state: 'returning', taskId, target, displaced, stage: stage.id, copy, losses: [...losses] },
  };
}

export function occupied(why = ''): Ended {
  return new Ended({
    outcome: 'conflict',
    reason: 'occupied',
    message: `Something else has the file’s name; it was left alone, and the vault still holds the file.${why}`,
  });
}
