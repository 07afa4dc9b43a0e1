import fs from 'node:fs';
import { DamagedObject } from '#age/damaged.ts';
import type { RestoreFinding } from '#core/action/restore-finding.ts';
import { displayPath, type FilePath } from '#core/file/file-path.ts';
import type { OutcomeDetails } from '#core/outcome-details.ts';
import { systemErrorCode } from '../platform/system-error.ts';
import { isHeld } from '../vault/held.ts';
import type { Metadata } from '../vault/metadata.ts';
import { verifyObject } from '../vault/object.ts';
import { allRecords, objectFile, type VaultRecord } from '../vault/record.ts';
import { demandFit, lookAtPlace, openParentOf } from './bring-back.ts';
import { type Ending, ending, endingOf, factsOf } from './ending.ts';
import { HandleScope } from './handle-scope.ts';
import { endUnlessMay } from './may-begin.ts';
import type { Pinned } from './pinned.ts';
import type { PlanJob } from './quarantine-job.ts';
import type { VaultRoom } from './room.ts';
import { looksTheSame } from './same-bytes.ts';
import { isVolumeGone } from './volume-gone.ts';

interface Looking {
  readonly room: VaultRoom;
  readonly scope: HandleScope;
  readonly job: PlanJob;
  readonly record: VaultRecord;
  readonly target: FilePath;
}

interface Found extends Partial<Pick<Ending, 'reason'>> {
  readonly finding: RestoreFinding;
  readonly message: string;
  readonly details?: OutcomeDetails;
}

/**
 * Finds out what a restore of these files would meet, by the restore's own rules and in their order, and changes nothing.
 * @returns an ending for each, `done` with the finding in its details.
 */
export async function planRestore(room: VaultRoom, job: PlanJob): Promise<readonly Ending[]> {
  const { sha256, vaultObject } = job;
  const held = allRecords(room.vault).filter(
    (record) =>
      record.sha256 === sha256 && isHeld(record) && (vaultObject === null || record.vaultObject === vaultObject),
  );
  if (held.length === 0) {
    const message = 'The vault holds no file with this hash.';
    return [ending({ outcome: 'done', message, sha256, vaultObject, details: { finding: 'not_held' } })];
  }
  if (job.settle) {
    return held.map(notLookedAt);
  }
  const endings: Ending[] = [];
  for (const record of held) {
    room.progress();
    endings.push((await endUnlessMay(room, factsOf(record))) ?? (await planOne(room, job, record)));
  }
  return endings;
}

async function planOne(room: VaultRoom, job: PlanJob, record: VaultRecord): Promise<Ending> {
  using scope = new HandleScope(room.platform);
  const target = job.to ?? record.path;
  const { finding, reason = null, message, details } = await lookAt({ room, scope, job, record, target });
  const origin = job.to === null ? {} : { originalPath: displayPath(record.path) };
  return ending({
    ...factsOf(record),
    ...{ path: target, outcome: 'done', reason, message },
    details: { ...origin, ...details, finding },
  });
}

async function lookAt(looking: Looking): Promise<Found> {
  const { room, record } = looking;
  let metadata: Metadata;
  try {
    metadata = await verifyObject(objectFile(room.vault, record.vaultObject), room.keys.identity, room.progress);
  } catch (failure) {
    return damageOf(failure);
  }
  try {
    return lookAtWay(looking, metadata);
  } catch (failure) {
    return obstacleOf(looking, metadata, failure);
  }
}

function lookAtWay(looking: Looking, metadata: Metadata): Found {
  const { room, scope, job, record } = looking;
  const parent = openParentOf(looking);
  const occupant = lookAtPlace(looking, parent);
  if (occupant !== undefined && looksTheSame(room, scope, { pinned: occupant, record })) {
    return { finding: 'occupied_same', message: 'The very bytes of the file are at its place already.' };
  }
  fs.accessSync(Buffer.from(room.platform.pathOf(parent.directory)), fs.constants.W_OK);
  demandFit({ room, job }, parent, metadata);
  return occupant === undefined ? { finding: 'free', message: 'The file would be back.' } : occupied(occupant);
}

function occupied({ facts }: Pinned): Found {
  const { kind, size, modifiedNs, uid } = facts;
  const details = { occupant: { kind, size, modifiedNs: String(modifiedNs), uid } };
  return { finding: 'occupied_other', reason: 'occupied', message: 'Something else has the file’s name.', details };
}

function damageOf(failure: unknown): Found {
  if (failure instanceof DamagedObject || systemErrorCode(failure) === 'ENOENT') {
    const message = 'The vault’s object no longer holds the file.';
    return { finding: 'damaged', reason: 'vault_damaged', message };
  }
  const { reason, message } = endingOf(failure, null);
  return { finding: 'not_possible', reason, message };
}

/** What a restore would end with, as a finding. */
function obstacleOf(looking: Looking, metadata: Metadata, failure: unknown): Found {
  const { outcome, reason, message, details } = endingOf(failure, looking.target);
  if (reason === 'mount_dead') {
    return { finding: 'volume_gone', reason, message };
  }
  if (reason === 'denied_by_policy') {
    return { finding: 'denied_by_policy', reason, message, details };
  }
  if (outcome !== 'parent_missing' && reason !== 'parent_changed') {
    return { finding: 'not_possible', reason, message, details };
  }
  if (looking.job.to === null && isVolumeGone(looking, metadata)) {
    return { finding: 'volume_gone', reason, message: 'The file system that the file was on is not mounted.' };
  }
  return { finding: outcome === 'parent_missing' ? 'parent_missing' : 'parent_changed', reason, message };
}

/** A child that looks at it does not come back, or breaks again and again. */
function notLookedAt(record: VaultRecord): Ending {
  return ending({
    ...factsOf(record),
    outcome: 'interrupted',
    reason: 'mount_dead',
    message: 'The agent could not look at the place: a file system on the way to one of these files does not answer.',
  });
}
