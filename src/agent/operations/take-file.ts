import type { VaultObjectId } from '#core/file/quarantine-record.ts';
import { publishOwnFile, removeOwnFile } from '../platform/own-files.ts';
import type { Handle, NodeFacts, Parent } from '../platform/platform.ts';
import { systemErrorCode } from '../platform/system-error.ts';
import { encodeMetadata, type Metadata } from '../vault/metadata.ts';
import { sealObject, verifyObject } from '../vault/object.ts';
import { objectFile, partialFile, recordOf, type VaultRecord, writeRecord } from '../vault/record.ts';
import { commitQuarantine, dropObject, isCaptureRight, putBack } from './capture-commit.ts';
import { hashOf } from './content.ts';
import { Ended } from './ending.ts';
import type { HandleScope } from './handle-scope.ts';
import { demandRegularFile, isUnchanged, pinIfPresent } from './pinned.ts';
import { demandUnprotected } from './protected.ts';
import type { QuarantineJob } from './quarantine-job.ts';
import type { VaultRoom } from './room.ts';
import { isSameNode, makeStage, nodeId } from './stage.ts';

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

/** @returns the record of the held file; undefined when nothing has this path. */
export async function takeFile(taking: Taking): Promise<VaultRecord | undefined> {
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

async function tryToTake(taking: Taking, parent: Parent): Promise<VaultRecord | 'changed' | undefined> {
  const { room, scope, job } = taking;
  const found = pinIfPresent(room.platform, scope, parent);
  if (found === undefined) {
    return undefined;
  }
  demandRegularFile(room.platform, found);
  demandUnprotected(room, job.path, { directory: parent.directory, name: parent.name, facts: found.facts });
  const source = scope.keep(room.platform.openPinned(found.pin));
  demandChangeable(taking, source);
  const { sha256, size } = hashOf(source, room.progress);
  if (sha256 !== job.sha256) {
    throw new Ended({
      outcome: 'hash_mismatch',
      message: 'The file has another SHA-256 than the order names; it is untouched.',
      path: job.path,
      sha256,
      size,
    });
  }
  demandSpace(room, size);
  const metadata = describe(taking, parent, { facts: found.facts, source, size });
  await copy(taking, source, metadata);
  if (!isUnchanged(found.facts, room.platform.facts(found.pin))) {
    dropObject(room, taking.object);
    return 'changed';
  }
  return capture(taking, parent, metadata);
}

/** The kernel would refuse the rename anyway; this names the reason before anything was copied. */
function demandChangeable({ room }: Taking, source: Handle): void {
  if (room.platform.isImmutable(source)) {
    throw new Ended({
      outcome: 'access_denied',
      reason: 'immutable',
      message: 'The file is immutable or append-only.',
    });
  }
}

function demandSpace(room: VaultRoom, size: number): void {
  if (room.platform.freeBytes(room.vault) < size + reservedBytes) {
    throw new Ended({ outcome: 'no_space', message: 'The vault has no space for the file.' });
  }
}

function describe(
  { room, job, object }: Taking,
  parent: Parent,
  found: { readonly facts: NodeFacts; readonly source: Handle; readonly size: number },
): Metadata {
  const { facts, source, size } = found;
  return {
    v: 1,
    vaultObject: object,
    taskId: job.taskId,
    takenAt: room.clock.now(),
    path: job.path,
    sha256: job.sha256,
    size,
    mode: facts.mode,
    uid: facts.uid,
    gid: facts.gid,
    accessedNs: String(facts.accessedNs),
    modifiedNs: String(facts.modifiedNs),
    sparse: facts.sparse,
    links: facts.links,
    original: nodeId(facts),
    parent: nodeId(room.platform.facts(parent.directory)),
    attributes: room.platform.attributes(source).map(({ name, value }) => ({ name, value })),
  };
}

/** A complete object under its partial name, read back and found to be the file. */
async function copy({ room, object }: Taking, source: Handle, metadata: Metadata): Promise<void> {
  const file = partialFile(room.vault, object);
  removeOwnFile(file);
  const sealed = await sealObject(file, { source, metadata, keys: room.keys, progress: room.progress });
  if (sealed !== metadata.sha256) {
    removeOwnFile(file);
    throw changedDuringCapture();
  }
  const verified = await verifyObject(file, room.keys.identity, room.progress);
  if (Buffer.compare(encodeMetadata(verified), encodeMetadata(metadata)) !== 0) {
    throw new Error('The vault object reads back with other metadata than it was given.');
  }
}

/** From here on everything is synchronous. The note first, then the object, then the file leaves its place. */
function capture({ room, scope, object }: Taking, parent: Parent, metadata: Metadata): VaultRecord {
  const stage = makeStage({ platform: room.platform, scope, parent, object, use: 'stage' });
  const record = recordOf(metadata, { state: 'taking', stage: stage.id, original: metadata.original });
  writeRecord(room.vault, record);
  publishOwnFile(partialFile(room.vault, object), objectFile(room.vault, object));
  try {
    room.platform.move(parent, stage.entry);
  } catch (failure) {
    dropObject(room, object);
    room.platform.removeDirectory(stage.at);
    throw failure;
  }
  const captured = pinIfPresent(room.platform, scope, stage.entry);
  const isOriginal = captured !== undefined && isSameNode(nodeId(captured.facts), metadata.original);
  if (!isOriginal || !isCaptureRight(room, scope, { stage, record })) {
    putBack(room, parent, stage);
    dropObject(room, object);
    throw changedDuringCapture();
  }
  return commitQuarantine(room, stage, record);
}

function changedDuringCapture(): Ended {
  return new Ended({
    outcome: 'interrupted',
    reason: 'changed_during_capture',
    message: 'The file was changed or replaced while it was being taken; what had its name is back in its place.',
  });
}
