import type { FilePath } from '#core/file/file-path.ts';
import type { VaultObjectId } from '#core/file/vault-object-id.ts';
import { verifyObject } from '../vault/object.ts';
import { objectFile, partialFile, type VaultRecord } from '../vault/record.ts';
import { discardStaged } from './capture-commit.ts';
import { endingOf } from './ending.ts';
import { HandleScope } from './handle-scope.ts';
import type { VaultRoom } from './room.ts';
import { findStage } from './stage.ts';

/**
 * What a record that is at rest has left of staging directories, where the run that made them was cut off and its task given
 * up: the vault, or the file's place, has the file (promise P16).
 * @returns in words, what could not be removed.
 */
export function removeLeftoverStages(room: VaultRoom, record: VaultRecord): readonly string[] {
  const { vaultObject, path, progress } = record;
  switch (progress.state) {
    case 'held':
    case 'purged':
      return removeBeside(room, vaultObject, path);
    case 'restored':
      return [...removeBeside(room, vaultObject, path), ...removeBeside(room, vaultObject, progress.target)];
    case 'taking':
    case 'returning':
      return [];
  }
}

/** Made after the object was complete under its partial name, and before its record. */
export async function removeStageOfPartial(room: VaultRoom, object: VaultObjectId): Promise<readonly string[]> {
  try {
    const { path } = await verifyObject(partialFile(room.vault, object), room.keys.identity, room.progress);
    return removeBeside(room, object, path);
  } catch {
    // An object that was still being written has no staging directory yet.
    return [];
  }
}

function removeBeside(room: VaultRoom, object: VaultObjectId, path: FilePath): readonly string[] {
  using scope = new HandleScope(room.platform);
  try {
    const parent = room.platform.openParent(path);
    scope.keep(parent.directory);
    for (const use of ['stage', 'return'] as const) {
      const stage = findStage({ platform: room.platform, scope, parent, object, use });
      if (stage !== undefined) {
        discardStaged(room, stage);
      }
    }
    return [];
  } catch (failure) {
    const { outcome, message } = endingOf(failure, path);
    return outcome === 'not_found'
      ? []
      : [`a staging directory of ${objectFile(room.vault, object)} may be left: ${message}`];
  }
}
