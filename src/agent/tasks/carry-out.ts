import type { Order } from '#wire/order.ts';
import type { ReportedFile } from '#wire/report.ts';
import { deniedAtTheDoor } from '../policy/guard.ts';
import { type FetchTools, performFetch } from './fetch.ts';
import { type LogRoom, performLogs } from './logs.ts';
import { performVaultOrder, type Workshop } from './perform.ts';
import { performScan, type ScanRoom } from './scan.ts';
import { performSearch, type SearchRoom } from './search.ts';
import { makeSpool, readSpooled, spoolOf, writeSpooled } from './spool.ts';
import type { Heed } from './task-gate.ts';

/** What each verb is done with. */
export interface Means {
  readonly workshop: Workshop;
  readonly fetching: FetchTools;
  readonly searching: SearchRoom;
  readonly logs: LogRoom;
  readonly scanning: ScanRoom;
}

export interface Work {
  readonly order: Order;
  /** It was begun before, and cut off or halted: what it has done must be brought to a true end, whatever is allowed now. */
  readonly isResumed: boolean;
}

/**
 * Does what an order asks, or refuses it by the endpoint's own policy.
 * @throws Abandoned when the signal is given, Paused when the gate is halted before a file that is not begun.
 */
export async function carryOut(
  { workshop, fetching, searching, logs, scanning }: Means,
  { order, isResumed }: Work,
  heed: Heed,
): Promise<ReportedFile[]> {
  const { parameters } = order;
  const { policy } = workshop;
  const denied = isResumed ? [] : deniedAtTheDoor(policy, order);
  switch (parameters.verb) {
    case 'fetch':
      noteDenied(spoolOf(fetching.spool, order.taskId), denied);
      return performFetch(fetching, { ...order, parameters }, heed);
    case 'logs':
      return denied.length > 0 ? [...denied] : performLogs(logs, order, heed);
    case 'scan':
      return denied.length > 0 ? [...denied] : performScan(scanning, heed.signal);
    case 'search':
      return denied.length > 0
        ? [...denied]
        : performSearch(searching, { order: { ...order, parameters }, policy }, heed);
    default:
      return await carryOutVaultOrder(workshop, { order, isResumed }, heed);
  }
}

/** As `carryOut`, of the verbs that are about the vault. */
export async function carryOutVaultOrder(
  workshop: Workshop,
  { order, isResumed }: Work,
  heed: Heed,
): Promise<ReportedFile[]> {
  const { parameters } = order;
  switch (parameters.verb) {
    case 'quarantine':
    case 'restore':
    case 'restore_objects':
    case 'undo':
    case 'plan':
    case 'purge': {
      const denied = isResumed ? [] : deniedAtTheDoor(workshop.policy, order);
      return denied.length > 0 ? [...denied] : performVaultOrder(workshop, { ...order, parameters }, heed);
    }
    case 'fetch':
    case 'logs':
    case 'scan':
    case 'search':
      throw new Error(`A ${parameters.verb} is not about the vault.`);
  }
}

/** A fetch finds these at their end already, and goes on with the other files. */
function noteDenied(directory: string, denied: readonly ReportedFile[]): void {
  makeSpool(directory);
  for (const file of denied) {
    if (readSpooled(directory, [file.ordinal]).length === 0) {
      writeSpooled(directory, { state: 'ended', file });
    }
  }
}
