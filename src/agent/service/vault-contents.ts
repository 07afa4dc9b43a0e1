import { statSync } from 'node:fs';
import { displayPath } from '#core/file/file-path.ts';
import { allObjects, allRecords, objectFile, type VaultRecord } from '../vault/record.ts';

/** One quarantined file, as its record and the disk have it. */
export interface HeldObject {
  readonly vaultObject: string;
  readonly state: VaultRecord['progress']['state'] | 'unrecorded';
  /** Display form; null where only the object itself knows. */
  readonly path: string | null;
  readonly sha256: string | null;
  /** Bytes of the file. */
  readonly size: number | null;
  /** Bytes that its object takes on the disk. */
  readonly stored: number;
  /** Milliseconds since 1970. */
  readonly takenAt: number | null;
}

/** Everything in the vault that is a file of somebody, oldest first; an object without a record counts too. */
export function vaultContents(vault: string): readonly HeldObject[] {
  const records = allRecords(vault).filter(({ progress }) => holdsFile(progress.state));
  const recorded = new Set<string>(allRecords(vault).map(({ vaultObject }) => vaultObject));
  const orphans = allObjects(vault).filter((id) => !recorded.has(id));
  return [
    ...records.map(({ vaultObject, progress, path, sha256, size, takenAt }) => ({
      ...{ vaultObject, state: progress.state, sha256, size, takenAt },
      path: displayPath(path),
      stored: storedBytes(objectFile(vault, vaultObject)),
    })),
    ...orphans.map((vaultObject) => ({
      vaultObject,
      state: 'unrecorded' as const,
      ...{ path: null, sha256: null, size: null, takenAt: null },
      stored: storedBytes(objectFile(vault, vaultObject)),
    })),
  ];
}

/** Total: a state that is added must decide. */
const holding: Readonly<Record<VaultRecord['progress']['state'], boolean>> = {
  taking: true,
  held: true,
  returning: true,
  restored: false,
  purged: false,
};

function holdsFile(state: VaultRecord['progress']['state']): boolean {
  return holding[state];
}

function storedBytes(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
