import type { FileOutcome, Task } from '#core/action/action.ts';
import { type ActionStatus, taskStatus } from '#core/action/action-status.ts';
import type { SensorActionTarget } from '#core/endpoint/sensor-action.ts';
import type { Outcome } from '#core/outcome.ts';
import type { SearchCut } from '#core/outcome-details.ts';
import type { Milliseconds } from '#core/time.ts';

/** The counters of the vendor's `globalStats.stats`, all of which every answer has. */
export const sensorStates = [
  'AbortTimeout',
  'Aborted',
  'Aborting',
  'AlreadyUpdated',
  'BadArgument',
  'ChunksRequired',
  'Disconnected',
  'EndedWithInvalidParam',
  'EndedWithNoValidFolder',
  'EndedWithSensorTimeout',
  'EndedWithTooManyResults',
  'EndedWithTooManySearches',
  'EndedWithUnknownError',
  'EndedWithUnsupportedFilter',
  'EndedWithYaraCompileError',
  'Failed',
  'FailedSending',
  'FailedSendingToServer',
  'GettingChunks',
  'InProgress',
  'InvalidState',
  'MsiFileCorrupted',
  'MsiSendFail',
  'NewerInstalled',
  'None',
  'NotSupported',
  'Pending',
  'Primed',
  'ProbeRemoved',
  'SendingMsi',
  'SendingPlatform',
  'Started',
  'Succeeded',
  'Timeout',
  'TimeoutSending',
  'UnauthorizedUser',
  'UnknownProbe',
  'partialResponse',
] as const;

export type SensorState = (typeof sensorStates)[number];

/** States after which nothing more comes. */
const openStates: readonly SensorState[] = ['None', 'Pending', 'Primed', 'Started', 'InProgress', 'Aborting'];

export function isOpen(state: SensorState): boolean {
  return openStates.includes(state);
}

export interface TaskFacts {
  readonly task: Task;
  readonly outcomes: readonly FileOutcome[];
  readonly now: Milliseconds;
  /** Most hits that the search may tell of; undefined for what is no search. */
  readonly limit: number | undefined;
}

/** Where a sensor stands that was given an order. */
export function stateOfTask({ task, outcomes, now, limit }: TaskFacts): SensorState {
  const status = taskStatus(
    task,
    outcomes.map(({ outcome }) => outcome),
    now,
  );
  const open = statesWithoutEnd[status];
  if (open !== undefined) {
    return open;
  }
  const worst = outcomes.find(({ outcome }) => statesOfOutcome[outcome] !== 'Succeeded');
  const cut = outcomes.find(({ details }) => details.cut !== undefined)?.details.cut;
  if (cut !== undefined) {
    return statesOfCut[cut];
  }
  // Agents of before did not say why they stopped.
  const hits = outcomes.filter(({ path }) => path !== null).length;
  if (limit !== undefined && hits >= limit) {
    return 'EndedWithTooManyResults';
  }
  return worst === undefined ? 'Succeeded' : statesOfOutcome[worst.outcome];
}

const statesOfCut: Record<SearchCut, SensorState> = {
  limit: 'EndedWithTooManyResults',
  report: 'EndedWithTooManyResults',
  time: 'EndedWithSensorTimeout',
  no_folder: 'EndedWithNoValidFolder',
};

export const statesOfEnd: Record<NonNullable<SensorActionTarget['end']>, SensorState> = {
  succeeded: 'Succeeded',
  failed: 'Failed',
  not_supported: 'NotSupported',
};

/** Undefined where the outcomes tell more. */
const statesWithoutEnd: Record<ActionStatus, SensorState | undefined> = {
  pending: 'Pending',
  in_progress: 'InProgress',
  cancelling: 'Aborting',
  completed_successfully: undefined,
  completed_partial: undefined,
  failed: undefined,
  cancelled: 'Aborted',
  aborted: 'Aborted',
  expired: 'Timeout',
  timeout: 'EndedWithSensorTimeout',
};

const statesOfOutcome: Record<Outcome, SensorState> = {
  done: 'Succeeded',
  already_done: 'Succeeded',
  not_found: 'EndedWithNoValidFolder',
  parent_missing: 'EndedWithNoValidFolder',
  hash_mismatch: 'EndedWithUnknownError',
  in_use: 'EndedWithUnknownError',
  conflict: 'EndedWithUnknownError',
  no_space: 'EndedWithUnknownError',
  access_denied: 'EndedWithNoValidFolder',
  unsupported: 'NotSupported',
  too_large: 'EndedWithUnknownError',
  refused: 'Failed',
  expired: 'Timeout',
  cancelled: 'Aborted',
  interrupted: 'EndedWithUnknownError',
  agent_error: 'EndedWithUnknownError',
};
