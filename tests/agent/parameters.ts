import type { ActionId, TaskId } from '#core/action/action-id.ts';
import type {
  FetchParameters,
  PurgeParameters,
  QuarantineParameters,
  RestoreParameters,
  UndoParameters,
} from '#core/action/verb.ts';
import type { FilePath } from '#core/file/file-path.ts';
import type { Sha256 } from '#core/file/hash.ts';

/** What an order asks, with everything that it need not say left plain. */
export function toFetch(...paths: readonly FilePath[]): FetchParameters {
  return { verb: 'fetch', files: paths.map((path) => ({ path, vaultObject: null, indexedSha256: null })) };
}

export function toQuarantine(path: FilePath | null, sha256: Sha256): QuarantineParameters {
  return { verb: 'quarantine', path, sha256, overrideProtection: false };
}

export function toRestore(sha256: Sha256, overrides: Partial<RestoreParameters> = {}): RestoreParameters {
  return { verb: 'restore', sha256, vaultObject: null, to: null, ifOccupied: 'fail', ...overrides };
}

export function toUndo({ actionId, taskId }: { actionId: ActionId; taskId: TaskId }): UndoParameters {
  return { verb: 'undo', actionId, taskId, ifOccupied: 'fail' };
}

export function toPurge(sha256: Sha256): PurgeParameters {
  return { verb: 'purge', sha256, vaultObject: null };
}
