import type { VaultObjectId } from '#core/file/vault-object-id.ts';
import type { NodeFacts, Place, Platform } from '../platform/platform.ts';
import { systemErrorCode } from '../platform/system-error.ts';
import type { NodeId } from '../vault/metadata.ts';
import { Ended } from './ending.ts';
import type { HandleScope } from './handle-scope.ts';

/**
 * A directory of our own, 0700, beside the file and so on the same file system: what is in it has left its place and
 * cannot be reached, swapped or run by others. Its name follows from the vault object, so that recovery finds it; its
 * identity is in the record, so that recovery knows it from one that somebody else put there.
 */
export interface Stage {
  /** The staging directory's own name in the file's directory. */
  readonly at: Place;
  /** The file's place in it. */
  readonly entry: Place;
  readonly id: NodeId;
}

export type StageUse = 'stage' | 'return';

interface StageRequest {
  readonly platform: Platform;
  readonly scope: HandleScope;
  readonly parent: Place;
  readonly object: VaultObjectId;
  readonly use: StageUse;
}

const entryName = Buffer.from('file');

export function nodeId(facts: Pick<NodeFacts, 'device' | 'inode'>): NodeId {
  return { device: String(facts.device), inode: String(facts.inode) };
}

export function isSameNode(one: NodeId, other: NodeId): boolean {
  return one.device === other.device && one.inode === other.inode;
}

/**
 * What a record names, perhaps before a reboot: the same disk may have another device number since then. Who asks looks at
 * the bytes, or at the owner, too.
 */
export function isRecordedNode(recorded: NodeId, found: NodeId): boolean {
  return recorded.inode === found.inode;
}

/** @throws Ended when something that is not an empty staging directory of ours has the name. */
export function makeStage(request: StageRequest): Stage {
  const { platform, parent } = request;
  const at = stagePlace(request);
  const leftover = findStage(request);
  if (leftover !== undefined) {
    platform.removeDirectory(at);
  }
  platform.createDirectory(at);
  const stage = foundOrRemoved(request, at);
  if (stage === undefined) {
    removeIfOurs(platform, at);
    throw new Ended({
      outcome: 'access_denied',
      reason: 'unsafe_path',
      message: 'The staging directory was replaced while it was being made, or cannot be closed to others there.',
    });
  }
  try {
    platform.syncDirectory(parent.directory);
  } catch (failure) {
    removeIfOurs(platform, at);
    throw failure;
  }
  return stage;
}

/** A directory that was made and cannot be used must not stay (promise P20). */
function foundOrRemoved(request: StageRequest, at: Place): Stage | undefined {
  try {
    return findStage(request);
  } catch (failure) {
    removeIfOurs(request.platform, at);
    throw failure;
  }
}

/** On the way out with another failure, which is the one that counts. */
function removeIfOurs(platform: Platform, at: Place): void {
  try {
    platform.removeDirectory(at);
  } catch (failure) {
    if (systemErrorCode(failure) === undefined) {
      throw failure;
    }
  }
}

/** The staging directory of this object, if it is there and nobody's but ours. */
export function findStage(request: StageRequest): Stage | undefined {
  const { platform, scope } = request;
  const at = stagePlace(request);
  try {
    const directory = scope.keep(platform.openDirectory(at));
    const facts = platform.facts(directory);
    const isOurs = facts.uid === process.geteuid?.() && (facts.mode & 0o777) === 0o700;
    return isOurs ? { at, entry: { directory, name: entryName }, id: nodeId(facts) } : undefined;
  } catch (failure) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(systemErrorCode(failure) ?? '')) {
      return undefined;
    }
    throw failure;
  }
}

/** Removes the empty staging directory. What somebody else put in its place stays. */
export function removeStage(platform: Platform, stage: Stage): void {
  platform.syncDirectory(stage.entry.directory);
  try {
    platform.removeDirectory(stage.at);
  } catch (failure) {
    if (!['ENOENT', 'ENOTDIR', 'ENOTEMPTY', 'EEXIST'].includes(systemErrorCode(failure) ?? '')) {
      throw failure;
    }
  }
  platform.syncDirectory(stage.at.directory);
}

function stagePlace({ parent, object, use }: StageRequest): Place {
  return { directory: parent.directory, name: Buffer.from(`.custody-${use}-${object}`) };
}
