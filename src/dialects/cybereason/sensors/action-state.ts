import type { TaskStanding } from '#core/action/task-standing.ts';
import type { FleetActionKind } from '#core/endpoint/fleet-action.ts';
import type { Outcome } from '#core/outcome.ts';
import type { SearchCut } from '#core/outcome-details.ts';

/** The vendor's counters of how sensors fare with an action, all of which every answer has. */
export const actionStates = [
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

export type ActionState = (typeof actionStates)[number];

/** Something may still come of these. */
const unfinished: readonly ActionState[] = ['None', 'Pending', 'InProgress', 'Aborting'];

export function isFinal(state: ActionState): boolean {
  return !unfinished.includes(state);
}

/** How one sensor fares with an action that its agent has to carry out. */
export function stateOf(kind: FleetActionKind, standing: TaskStanding): ActionState {
  const { state, isOverdue, isAccepted } = standing;
  switch (state) {
    case 'finished':
      return endOf(kind, standing);
    case 'cancelled':
      return 'Aborted';
    case 'expired':
      return overdue(kind, isAccepted);
    default:
      return isOverdue ? overdue(kind, isAccepted) : openStates[state];
  }
}

const openStates = {
  held: 'None',
  pending: 'None',
  sent: 'Pending',
  running: 'InProgress',
  cancelling: 'Aborting',
} as const satisfies Partial<Record<TaskStanding['state'], ActionState>>;

function overdue(kind: FleetActionKind, isAccepted: boolean): ActionState {
  if (!isAccepted) {
    return 'TimeoutSending';
  }
  return kind === 'search' ? 'EndedWithSensorTimeout' : 'Timeout';
}

/** A sensor that says nothing of how it ended is at fault itself. */
function endOf(kind: FleetActionKind, { outcome, reason, cut }: TaskStanding): ActionState {
  if (outcome === null) {
    return kind === 'search' ? 'EndedWithUnknownError' : 'Failed';
  }
  if (kind !== 'search') {
    return ends[outcome];
  }
  if (cut !== null) {
    return searchCutEnds[cut];
  }
  // An agent that is older than what was asked says that it does not understand the order.
  return reason === 'order_rejected' ? 'EndedWithUnsupportedFilter' : searchEnds[outcome];
}

const searchCutEnds: Record<SearchCut, ActionState> = {
  limit: 'EndedWithTooManyResults',
  report: 'EndedWithTooManyResults',
  time: 'EndedWithSensorTimeout',
  no_folder: 'EndedWithNoValidFolder',
};

const ends: Record<Outcome, ActionState> = {
  done: 'Succeeded',
  already_done: 'Succeeded',
  not_found: 'Failed',
  hash_mismatch: 'Failed',
  in_use: 'Failed',
  conflict: 'Failed',
  parent_missing: 'Failed',
  no_space: 'Failed',
  access_denied: 'Failed',
  unsupported: 'NotSupported',
  too_large: 'Failed',
  refused: 'Failed',
  expired: 'TimeoutSending',
  cancelled: 'Aborted',
  interrupted: 'Failed',
  agent_error: 'Failed',
};

const searchEnds: Record<Outcome, ActionState> = {
  ...ends,
  not_found: 'EndedWithNoValidFolder',
  parent_missing: 'EndedWithNoValidFolder',
  unsupported: 'EndedWithUnsupportedFilter',
  interrupted: 'EndedWithSensorTimeout',
  agent_error: 'EndedWithUnknownError',
};
