import type { BatchNumber } from '../../action/action-id.ts';
import type { SensorAction, SensorActionTarget } from '../../endpoint/sensor-action.ts';
import type { Milliseconds } from '../../time.ts';
import type { Listing, Page } from './page.ts';

export interface SensorActionFilter {
  readonly kinds?: readonly string[];
  readonly principalId?: string;
}

export interface SensorActionReader {
  byNumber(number: BatchNumber): Promise<SensorAction | undefined>;
  /** Newest first. */
  list(filter: SensorActionFilter, page: Page): Promise<Listing<SensorAction>>;
  /** By number, then in the order of the request. */
  targetsOf(numbers: readonly BatchNumber[]): Promise<readonly SensorActionTarget[]>;
}

export interface SensorActionWriter extends SensorActionReader {
  /** @throws Fault `conflict` when the number is taken. */
  insert(action: SensorAction, targets: readonly SensorActionTarget[]): Promise<void>;
  /** @returns false when it was aborted before. */
  abort(number: BatchNumber, at: Milliseconds, by: string): Promise<boolean>;
}
