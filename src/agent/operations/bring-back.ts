import { createHash } from 'node:crypto';
import fs from 'node:fs';
import type { Handle, Parent } from '../platform/platform.ts';
import { systemErrorCode } from '../platform/system-error.ts';
import type { Metadata } from '../vault/metadata.ts';
import { openObject } from '../vault/object.ts';
import { objectFile, type VaultRecord, writeRecord } from '../vault/record.ts';
import { applyMetadata } from './apply-metadata.ts';
import { discardStaged } from './capture-commit.ts';
import { writeWhole } from './content.ts';
import { Ended, type Ending } from './ending.ts';
import { pinIfPresent } from './pinned.ts';
import { finishReturn } from './restore-recovery.ts';
import type { Returning } from './returning.ts';
import { findStage, makeStage, nodeId, type Stage } from './stage.ts';

/** Runs of zeros of this length become holes again in a file that had holes. */
const holeBytes = 64 * 1024;
const reservedBytes = 16 * 1024 * 1024;

/** Builds the file in a staging directory beside its place, then moves it there, over nothing. */
export async function bringBack(returning: Returning): Promise<Ending> {
  const { room, scope, record } = returning;
  const parent = openParentOf(returning);
  demandFree(returning, parent);
  clearLeftover(returning, parent);
  const stage = makeStage({ platform: room.platform, scope, parent, object: record.vaultObject, use: 'return' });
  let returned: VaultRecord;
  try {
    returned = await build(returning, parent, stage);
    writeRecord(room.vault, returned);
  } catch (failure) {
    discardStaged(room, stage);
    throw failure;
  }
  return publish(returning, parent, { stage, returned });
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

function openParentOf({ room, scope, record }: Returning): Parent {
  try {
    const parent = room.platform.openParent(record.path);
    scope.keep(parent.directory);
    return parent;
  } catch (failure) {
    if (systemErrorCode(failure) === 'ENOENT' || systemErrorCode(failure) === 'ENOTDIR') {
      throw new Ended({
        outcome: 'parent_missing',
        message: 'The directory that the file was in is no longer there. Make it again and restore once more.',
      });
    }
    throw failure;
  }
}

function demandFree({ room, scope, record }: Returning, parent: Parent): void {
  if (pinIfPresent(room.platform, scope, parent) !== undefined) {
    throw occupied();
  }
  if (room.platform.freeBytes(`/proc/self/fd/${parent.directory}`) < record.size + reservedBytes) {
    throw new Ended({ outcome: 'no_space', message: 'There is no space for the file where it was.' });
  }
}

/** A copy that was never finished: its record does not say `returning`. */
function clearLeftover({ room, scope, record }: Returning, parent: Parent): void {
  const leftover = findStage({ platform: room.platform, scope, parent, object: record.vaultObject, use: 'return' });
  if (leftover !== undefined) {
    discardStaged(room, leftover);
  }
}

async function build(returning: Returning, parent: Parent, stage: Stage): Promise<VaultRecord> {
  const { room, scope, job, record } = returning;
  const file = scope.keep(room.platform.createFile(stage.entry));
  const metadata = await writeContent(returning, file);
  const losses = applyMetadata(room.platform, file, { metadata, isParentSafe: parent.isSafeFor(metadata.uid) });
  fs.fsyncSync(file);
  room.platform.syncDirectory(stage.entry.directory);
  return {
    ...record,
    progress: {
      state: 'returning',
      taskId: job.taskId,
      stage: stage.id,
      copy: nodeId(room.platform.facts(file)),
      losses: [...losses],
    },
  };
}

/** @throws Ended `vault_damaged` unless every byte was authentic and the hash is the recorded one (promise P21). */
async function writeContent({ room, record }: Returning, file: Handle): Promise<Metadata> {
  const hash = createHash('sha256');
  let position = 0;
  let metadata: Metadata;
  try {
    const object = await openObject(objectFile(room.vault, record.vaultObject), room.keys.identity, room.progress);
    metadata = object.metadata;
    for await (const chunk of object.content) {
      hash.update(chunk);
      writeSparse(file, chunk, { position, sparse: metadata.sparse });
      position += chunk.length;
    }
  } catch (failure) {
    throw systemErrorCode(failure) === undefined ? damaged(failure) : failure;
  }
  if (hash.digest('hex') !== record.sha256) {
    throw damaged(undefined);
  }
  fs.ftruncateSync(file, position);
  return metadata;
}

function writeSparse(
  file: Handle,
  chunk: Uint8Array,
  { position, sparse }: { readonly position: number; readonly sparse: boolean },
): void {
  for (let start = 0; start < chunk.length; start += holeBytes) {
    const piece = chunk.subarray(start, start + holeBytes);
    if (!sparse || piece.some((byte) => byte !== 0)) {
      writeWhole(file, piece, position + start);
    }
  }
}

function publish(
  { room, record }: Returning,
  parent: Parent,
  { stage, returned }: { readonly stage: Stage; readonly returned: VaultRecord },
): Ending {
  try {
    room.platform.move(stage.entry, parent);
  } catch (failure) {
    writeRecord(room.vault, { ...record, progress: { state: 'held' } });
    discardStaged(room, stage);
    throw systemErrorCode(failure) === 'EEXIST' ? occupied() : failure;
  }
  room.platform.syncDirectory(parent.directory);
  return finishReturn(room, returned, stage);
}

function occupied(): Ended {
  return new Ended({
    outcome: 'conflict',
    reason: 'occupied',
    message: 'Something else has the file’s name; it was left alone, and the vault still holds the file.',
  });
}

function damaged(cause: unknown): Ended {
  const words = cause instanceof Error ? ` (${cause.message})` : '';
  return new Ended({
    outcome: 'agent_error',
    reason: 'vault_damaged',
    message: `The vault object is damaged and was not restored; the recovery key may still open parts of it${words}.`,
  });
}
