import fs from 'node:fs';
import type { FilePath } from '#core/file/file-path.ts';
import { removeOwnFile } from '../platform/own-files.ts';
import type { Parent } from '../platform/platform.ts';
import { UnsafePath } from '../platform/platform.ts';
import { systemErrorCode } from '../platform/system-error.ts';
import { verifyObject } from '../vault/object.ts';
import { objectFile, partialFile, readRecord, recordOf, type VaultRecord, writeRecord } from '../vault/record.ts';
import {
  type Capture,
  commitQuarantine,
  discardStaged,
  dropObject,
  isCaptureRight,
  putBack,
} from './capture-commit.ts';
import { hashOf } from './content.ts';
import { type Ending, ending, factsOf, quarantined } from './ending.ts';
import { type Pinned, pinIfPresent } from './pinned.ts';
import { findStage, isRecordedNode, isSameNode, nodeId, removeStage, type Stage } from './stage.ts';
import { changedDuringCapture, orPutBack, type Taking } from './take-file.ts';

/** Where the file and its staging directory are now; undefined parts could not be found again. */
interface Scene {
  readonly parent: Parent | undefined;
  readonly stage: Stage | undefined;
}

/**
 * Looks at what an earlier run of this very task left, and brings it to a true end.
 * @returns how the file ended; undefined when nothing of the earlier run remains and the task may begin anew.
 */
export async function resumeQuarantine(taking: Taking): Promise<Ending | undefined> {
  const { room, object } = taking;
  const record = readRecord(room.vault, object) ?? (await recordFromObject(taking));
  if (record === undefined) {
    removeOwnFile(partialFile(room.vault, object));
    removeLeftoverStage(taking);
    return undefined;
  }
  if (record.progress.state === 'restored' || record.progress.state === 'purged') {
    return gone(record);
  }
  const found = look(taking, record.path);
  const scene = { ...found, stage: isRecorded(found.stage, record) ? found.stage : undefined };
  if (record.progress.state !== 'taking') {
    if (scene.stage !== undefined) {
      discardStaged(room, scene.stage);
    }
    return held(record, scene);
  }
  const isStaged =
    scene.stage !== undefined && pinIfPresent(room.platform, taking.scope, scene.stage.entry) !== undefined;
  return isStaged ? resumeStaged(taking, record, scene) : resumeUnstaged(taking, record, scene);
}

/** A complete object without its record: the record was lost, for an object is published after it. */
async function recordFromObject({ room, object }: Taking): Promise<VaultRecord | undefined> {
  const file = objectFile(room.vault, object);
  if (!fs.existsSync(file)) {
    return undefined;
  }
  const metadata = await verifyObject(file, room.keys.identity, room.progress);
  const none = { device: '0', inode: '0' };
  const record = recordOf(metadata, { state: 'taking', stage: none, original: metadata.original });
  writeRecord(room.vault, record);
  return record;
}

/** Made just before the record, so it is empty. */
function removeLeftoverStage(taking: Taking): void {
  const { stage } = look(taking, taking.job.path);
  if (stage !== undefined) {
    removeStage(taking.room.platform, stage);
  }
}

function look(taking: Taking, path: FilePath): Scene {
  const { room, scope, object } = taking;
  let parent: Parent;
  try {
    parent = room.platform.openParent(path);
  } catch (failure) {
    if (failure instanceof UnsafePath || ['ENOENT', 'ENOTDIR'].includes(systemErrorCode(failure) ?? '')) {
      return { parent: undefined, stage: undefined };
    }
    throw failure;
  }
  scope.keep(parent.directory);
  const stage = findStage({ platform: room.platform, scope, parent, object, use: 'stage' });
  return { parent, stage };
}

/** Once held, any staging directory of ours under the object's name is a leftover. */
function isRecorded(stage: Stage | undefined, { progress }: VaultRecord): boolean {
  return stage !== undefined && (progress.state !== 'taking' || isRecordedNode(progress.stage, stage.id));
}

/** The file has left its place. Forward when the vault surely has it, else back. */
async function resumeStaged(taking: Taking, record: VaultRecord, scene: Scene): Promise<Ending | undefined> {
  const { room, scope, job, object } = taking;
  const { parent: place, stage } = scene;
  if (place === undefined || stage === undefined) {
    throw new Error('A staged file without its directory cannot be.');
  }
  const capture: Capture = { room, scope, place, stage, record };
  if (!job.settle && (await isObjectGood(taking, record))) {
    return orPutBack(capture, () => goForward(capture));
  }
  putBack(capture);
  dropObject(room, object);
  return undefined;
}

function goForward(capture: Capture): Ending | undefined {
  const { room, place, stage, record } = capture;
  if (hasBothNames(capture)) {
    discardStaged(room, stage);
    dropObject(room, record.vaultObject);
    return undefined;
  }
  if (!isCaptureRight(capture)) {
    throw changedDuringCapture();
  }
  room.platform.syncDirectory(stage.entry.directory);
  room.platform.syncDirectory(place.directory);
  return commitQuarantine(capture);
}

/** A move by link and unlink that was cut in two. */
function hasBothNames({ room, scope, place, stage }: Capture): boolean {
  const [there, here] = [pinIfPresent(room.platform, scope, place), pinIfPresent(room.platform, scope, stage.entry)];
  return there !== undefined && here !== undefined && isSameNode(nodeId(there.facts), nodeId(here.facts));
}

/** The file is not in the staging directory: it never left, or it cannot be found again. */
async function resumeUnstaged(taking: Taking, record: VaultRecord, scene: Scene): Promise<Ending | undefined> {
  const { room, scope, object } = taking;
  const present = scene.parent && pinIfPresent(room.platform, scope, scene.parent);
  const neverLeft = present !== undefined && (scene.stage !== undefined || isOriginal(taking, record, present));
  if (neverLeft) {
    if (scene.stage !== undefined) {
      discardStaged(room, scene.stage);
    }
    dropObject(room, object);
    return undefined;
  }
  if (!(await isObjectGood(taking, record))) {
    return unstagedWithoutObject(taking, scene);
  }
  const loss = scene.stage === undefined ? ['the staging directory could not be found again; it may hold a copy'] : [];
  const { losses, ...facts } = commitQuarantine({ room, record });
  if (scene.stage !== undefined) {
    discardStaged(room, scene.stage);
  }
  return { ...facts, losses: [...losses, ...loss, ...lossesOf(scene)] };
}

/** Under another device number it may be another file, which by chance has the inode: then its bytes must be the same. */
function isOriginal({ room, scope }: Taking, { progress, sha256 }: VaultRecord, { pin, facts }: Pinned): boolean {
  if (progress.state !== 'taking' || facts.kind !== 'file' || !isRecordedNode(progress.original, nodeId(facts))) {
    return false;
  }
  return (
    isSameNode(progress.original, nodeId(facts)) ||
    hashOf(scope.keep(room.platform.openPinned(pin)), room.progress).sha256 === sha256
  );
}

/** Killed between the record and the object, and somebody else removed the file meanwhile: there is nothing to take. */
function unstagedWithoutObject({ room, object, job }: Taking, scene: Scene): Ending | undefined {
  if (fs.existsSync(objectFile(room.vault, object))) {
    return ending({
      outcome: 'agent_error',
      reason: 'vault_damaged',
      message: 'The file is gone from its place and its vault object is damaged; the object is kept.',
      path: job.path,
    });
  }
  if (scene.stage !== undefined) {
    discardStaged(room, scene.stage);
  }
  dropObject(room, object);
  return undefined;
}

async function isObjectGood({ room, object }: Taking, record: VaultRecord): Promise<boolean> {
  const file = objectFile(room.vault, object);
  if (!fs.existsSync(file)) {
    return false;
  }
  try {
    return (await verifyObject(file, room.keys.identity, room.progress)).sha256 === record.sha256;
  } catch (failure) {
    if (systemErrorCode(failure) !== undefined) {
      throw failure;
    }
    return false;
  }
}

function held(record: VaultRecord, scene: Scene): Ending {
  return quarantined(record, lossesOf(scene));
}

function lossesOf({ parent }: Scene): string[] {
  return parent === undefined ? ['the file’s directory is no longer there'] : [];
}

/** Taken by this very task, and ordered out of the vault before the task could say so. */
function gone(record: VaultRecord): Ending {
  return ending({ ...factsOf(record), outcome: 'done', message: 'The file was taken, and has left the vault since.' });
}
