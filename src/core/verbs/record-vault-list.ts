import type { TaskId } from '../action/action-id.ts';
import { openStates } from '../action/task-state.ts';
import type { TaskParameters } from '../action/verb.ts';
import type { EventType, NewEvent } from '../custody/event.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import { type FileRecord, isFileTaken } from '../file/file.ts';
import { displayPath, type FilePath } from '../file/file-path.ts';
import type { Guid } from '../file/guid.ts';
import type { Sha256 } from '../file/hash.ts';
import type { QuarantineRecord } from '../file/quarantine-record.ts';
import type { VaultObjectId } from '../file/vault-object-id.ts';
import type { Ports } from '../ports/ports.ts';
import type { Reader, Transaction } from '../ports/store/store.ts';
import type { Milliseconds } from '../time.ts';
import { heldRecord } from './vault-effects.ts';

/** One file in an endpoint's vault, as the endpoint lists it. */
export interface ListedFile {
  readonly vaultObject: VaultObjectId;
  readonly taskId: TaskId;
  readonly path: FilePath;
  readonly sha256: Sha256;
  readonly size: number;
  /** By the endpoint's clock. */
  readonly takenAt: Milliseconds;
}

export interface VaultPart {
  readonly endpoint: Pick<Endpoint, 'id' | 'number'>;
  readonly held: readonly ListedFile[];
  /** Objects that no longer decrypt to the file that they were made of (promise P21). */
  readonly damaged: readonly VaultObjectId[];
}

/**
 * Takes in a part of what an endpoint's vault holds. What the server does not know, or thought lost, is held: it may have
 * been restored from an older backup. An object whose task has not been reported yet is left to its report.
 */
export async function recordVaultPart(ports: Pick<Ports, 'store' | 'clock'>, part: VaultPart): Promise<void> {
  const { endpoint, held, damaged } = part;
  const now = ports.clock.now();
  await ports.store.transact(async (transaction) => {
    const { quarantine, files, events } = transaction;
    const known = new Map((await quarantine.byObjects(held.map((file) => file.vaultObject))).map(byObject));
    const news = await newRecords(
      transaction,
      held.filter((file) => !known.has(file.vaultObject)),
      { endpoint, now },
    );
    await quarantine.insert(news);
    const found = [...known.values()].filter(({ state, endpointId }) => state === 'lost' && endpointId === endpoint.id);
    await quarantine.markFound({ endpointId: endpoint.id, vaultObjects: found.map(objectOf) });
    await files.markGone(await takenFiles(transaction, [...news, ...found]));
    const broken = await quarantine.markDamaged({ endpointId: endpoint.id, vaultObjects: damaged }, now);
    const brokenRecords = await quarantine.byObjects(broken);
    await events.append([
      ...[...news, ...found].map((record) => vaultEvent('vault_object_found', record, now)),
      ...brokenRecords.map((record) => vaultEvent('vault_object_damaged', record, now)),
    ]);
  });
}

export interface VaultEnd {
  readonly endpoint: Pick<Endpoint, 'id'>;
  /** Every object that the list named. */
  readonly listed: ReadonlySet<VaultObjectId>;
  /** When the list began: the endpoint read its vault after that, so it may lack what the server learnt of later. */
  readonly begunAt: Milliseconds;
}

/**
 * After a whole list: what it did not name, though the server has it as held, is lost. An object that an open order is to
 * take away is left to that order's report, which may be on its way.
 */
export async function recordVaultEnd(ports: Pick<Ports, 'store' | 'clock'>, end: VaultEnd): Promise<void> {
  const { endpoint, listed, begunAt } = end;
  const now = ports.clock.now();
  await ports.store.transact(async (transaction) => {
    const { quarantine, files, events } = transaction;
    const missing = (await quarantine.heldBefore(endpoint.id, begunAt)).filter(
      (record) => !listed.has(objectOf(record)),
    );
    const isLeaving = missing.length === 0 ? () => false : await leavingByOrder(transaction, endpoint, now);
    const lost = missing.filter((record) => !isLeaving(record));
    await quarantine.markLost({ endpointId: endpoint.id, vaultObjects: lost.map(objectOf) });
    await files.releaseQuarantined(lost.map((record) => record.fileGuid));
    await events.append(lost.map((record) => vaultEvent('vault_object_lost', record, now)));
  });
}

async function newRecords(
  { tasks }: Pick<Reader, 'tasks'>,
  unknown: readonly ListedFile[],
  { endpoint, now }: { readonly endpoint: VaultPart['endpoint']; readonly now: Milliseconds },
): Promise<readonly QuarantineRecord[]> {
  const known = await tasks.byIds([...new Set(unknown.map((file) => file.taskId))]);
  const own = new Map(known.filter((task) => task.endpointId === endpoint.id).map((task) => [task.id, task]));
  return unknown.flatMap(({ vaultObject, taskId, path, ...facts }) => {
    const task = own.get(taskId);
    if (task !== undefined && openStates.includes(task.state)) {
      return [];
    }
    const actionId = task?.actionId ?? null;
    return [heldRecord({ endpoint, path, vaultObject }, { ...facts, actionId, quarantinedAt: now })];
  });
}

/** Files that the server thinks are where they were taken from, or nowhere. */
async function takenFiles(
  { files }: Pick<Transaction, 'files'>,
  records: readonly QuarantineRecord[],
): Promise<readonly Guid[]> {
  const taken = new Map(records.map((record) => [record.fileGuid, record]));
  const seen = await files.byGuids([...taken.keys()]);
  const isInVault = (file: FileRecord) => {
    const record = taken.get(file.guid);
    return record !== undefined && (file.state === 'gone' || isFileTaken(file, record));
  };
  return seen.filter(isInVault).map((file) => file.guid);
}

async function leavingByOrder(
  { tasks }: Pick<Reader, 'tasks'>,
  endpoint: Pick<Endpoint, 'id'>,
  now: Milliseconds,
): Promise<(record: QuarantineRecord) => boolean> {
  const orders = (await tasks.deliverable([endpoint.id], now)).map((task) => task.parameters);
  return (record) => orders.some((order) => isTakenAway(order, record));
}

function isTakenAway(order: TaskParameters, { sha256, vaultObject, actionId }: QuarantineRecord): boolean {
  if (order.verb === 'undo') {
    return order.actionId === actionId;
  }
  if (order.verb === 'restore_objects') {
    return order.objects.some((object) => object.vaultObject === vaultObject);
  }
  if (order.verb !== 'restore' && order.verb !== 'purge') {
    return false;
  }
  const named = order.vaultObject;
  return order.sha256 === sha256 && (named === null || [named].flat().includes(vaultObject));
}

function vaultEvent(type: EventType, record: QuarantineRecord, at: Milliseconds): NewEvent {
  const { endpointId, actionId, vaultObject, sha256, path } = record;
  return {
    type,
    at,
    actor: { kind: 'agent', id: endpointId, name: endpointId },
    endpointId,
    ...(actionId !== null && { actionId }),
    facts: { vaultObject, sha256, path: displayPath(path) },
  };
}

function byObject(record: QuarantineRecord): readonly [VaultObjectId, QuarantineRecord] {
  return [record.vaultObject, record];
}

function objectOf(record: QuarantineRecord): VaultObjectId {
  return record.vaultObject;
}
