import type { BatchNumber } from '../../action/action-id.ts';
import type { FleetAction, FleetActionKind, FleetActionRow } from '../../endpoint/fleet-action.ts';
import type { Milliseconds } from '../../time.ts';
import type { Listing, Page } from './page.ts';

export interface FleetActionFilter {
  readonly kinds?: readonly FleetActionKind[];
  readonly principalId?: string;
}

export interface FleetActionCounts {
  readonly done: number;
  readonly failed: number;
}

export interface FleetActionReader {
  byBatchNumber(number: BatchNumber): Promise<FleetAction | undefined>;
  /** Newest first. */
  list(filter: FleetActionFilter, page: Page): Promise<Listing<FleetAction>>;
  /** In the order in which they were asked for; of actions that have any. */
  rows(number: BatchNumber, page: Page): Promise<Listing<FleetActionRow>>;
  /** Of many at once; those without rows are left out. */
  counts(numbers: readonly BatchNumber[]): Promise<ReadonlyMap<BatchNumber, FleetActionCounts>>;
}

export interface FleetActionWriter extends FleetActionReader {
  /** @throws Fault `conflict` when the number is taken. */
  insert(action: FleetAction, rows: readonly FleetActionRow[]): Promise<void>;
  /** Notes the first time that it was cancelled. */
  cancel(number: BatchNumber, at: Milliseconds, by: string): Promise<void>;
}
