import type { Endpoint } from '../endpoint/endpoint.ts';
import { displayPath, type FilePath, readPath } from '../file/file-path.ts';
import { fileGuid, type Guid, quarantineFileGuid } from '../file/guid.ts';
import type { QuarantineRecord } from '../file/quarantine-record.ts';
import type { VaultObjectId } from '../file/vault-object-id.ts';
import type { VaultEffect } from '../outcome-details.ts';
import type { Departed } from '../ports/store/quarantine.ts';
import type { Transaction } from '../ports/store/store.ts';
import type { TaskPlace } from '../ports/store/tasks.ts';
import type { Milliseconds } from '../time.ts';
import type { FileReport, ReceivedReport } from './received-report.ts';

/** A report with the task that it ended. */
export interface EndedTask {
  readonly report: ReceivedReport;
  readonly task: TaskPlace;
}

/** What one line of a report says of one vault object. */
interface VaultChange {
  readonly report: ReceivedReport;
  readonly file: FileReport;
  readonly vaultObject: VaultObjectId;
  readonly effect: VaultEffect;
}

/**
 * Lets the records of vaults and files follow what reports say became of vault objects. An object that left before the
 * server knew of it is recorded first: its quarantine may be reported later, and must not bring it back.
 */
export async function recordVaultEffects(
  { quarantine, files }: Transaction,
  ended: readonly EndedTask[],
  now: Milliseconds,
): Promise<void> {
  const changes = ended.flatMap(changesOf);
  if (changes.length === 0) {
    return;
  }
  await quarantine.insert(changes.flatMap((change) => recordOf(change, now)));
  const left = await quarantine.markDeparted(changes.flatMap((change) => departureOf(change, now)));
  await files.releaseQuarantined(left);
  const departed = new Set(left);
  const last = lastEffects(changes.filter((change) => isNews(change, departed)));
  await files.setState(placesWith(last, 'taken'), 'quarantined');
  await files.setState(placesWith(last, 'returned'), 'present');
}

/** What went back long ago and is told again says nothing of its place: the file may have been taken or deleted since. */
function isNews({ report, file, effect }: VaultChange, left: ReadonlySet<Guid>): boolean {
  const path = originalPathOf(file);
  return effect !== 'returned' || (path !== null && left.has(fileGuid(report.endpoint.number, path)));
}

function changesOf({ report, task }: EndedTask): readonly VaultChange[] {
  return report.files.flatMap((file) => {
    const { vaultObject } = file;
    const effect = effectOf(file, task);
    return vaultObject === null || effect === undefined ? [] : [{ report, file, vaultObject, effect }];
  });
}

/**
 * `already_done` with an object tells what an order did that the server does not remember: one that was restored from an
 * old backup learns so of what is in the vaults.
 */
function effectOf({ effect, outcome }: FileReport, { verb }: TaskPlace): VaultEffect | undefined {
  return effect ?? (outcome === 'already_done' ? effectOfVerb[verb] : undefined);
}

const effectOfVerb: Readonly<Record<TaskPlace['verb'], VaultEffect | undefined>> = {
  fetch: undefined,
  quarantine: 'taken',
  restore: 'returned',
  restore_objects: 'returned',
  undo: 'returned',
  plan: undefined,
  purge: 'purged',
  search: undefined,
  logs: undefined,
  scan: undefined,
};

/** Who took what was returned or purged is known only if its record is there already. */
function recordOf({ report, file, vaultObject, effect }: VaultChange, now: Milliseconds): readonly QuarantineRecord[] {
  const path = effect === 'taken' ? file.path : originalPathOf(file);
  if (path === null || file.sha256 === null) {
    return [];
  }
  const facts = {
    sha256: file.sha256,
    size: file.size ?? 0,
    actionId: effect === 'taken' ? report.actionId : null,
    quarantinedAt: now,
    takenAt: report.finishedAt,
  };
  return [heldRecord({ endpoint: report.endpoint, path, vaultObject }, facts)];
}

/** The record of an object in an endpoint's vault. */
export function heldRecord(
  place: {
    readonly endpoint: Pick<Endpoint, 'id' | 'number'>;
    readonly path: FilePath;
    readonly vaultObject: VaultObjectId;
  },
  facts: Pick<QuarantineRecord, 'sha256' | 'size' | 'actionId' | 'quarantinedAt' | 'takenAt'>,
): QuarantineRecord {
  const { endpoint, path, vaultObject } = place;
  return {
    ...facts,
    vaultObject,
    guid: quarantineFileGuid(endpoint.number, vaultObject),
    fileGuid: fileGuid(endpoint.number, path),
    endpointId: endpoint.id,
    path,
    displayPath: displayPath(path),
    state: 'held',
    restoredAt: null,
    restoredBy: null,
    damagedAt: null,
  };
}

function originalPathOf({ path, details }: FileReport): FilePath | null {
  return (details.originalPath === undefined ? undefined : readPath(details.originalPath)) ?? path;
}

function departureOf({ report, vaultObject, effect }: VaultChange, at: Milliseconds): readonly Departed[] {
  if (effect === 'taken') {
    return [];
  }
  const state = effect === 'returned' ? 'restored' : 'purged';
  return [{ vaultObject, endpointId: report.endpoint.id, state, at, by: report.actionId }];
}

/**
 * What became of each place last: one commit may bring that a file went back, and that it was taken again. Within one report whatever
 * was in the way was taken first.
 */
function lastEffects(changes: readonly VaultChange[]): ReadonlyMap<Guid, VaultEffect> {
  const inOrder = [...Map.groupBy(changes, ({ report }) => report).values()].flatMap((ofOne) => [
    ...ofOne.filter(({ effect }) => effect === 'taken'),
    ...ofOne.filter(({ effect }) => effect !== 'taken'),
  ]);
  return new Map(
    inOrder.flatMap(({ report, file, effect }) =>
      file.path === null ? [] : [[fileGuid(report.endpoint.number, file.path), effect] as const],
    ),
  );
}

/** The files that are in the vault now, or back on the disk. */
function placesWith(last: ReadonlyMap<Guid, VaultEffect>, effect: VaultEffect): readonly Guid[] {
  return [...last].flatMap(([place, each]) => (each === effect ? [place] : []));
}
