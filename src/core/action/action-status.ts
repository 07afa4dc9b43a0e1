import { isSuccess, type Outcome } from '../outcome.ts';
import type { Milliseconds } from '../time.ts';
import type { Task } from './action.ts';
import { endedStates } from './task-state.ts';

export const actionStatuses = [
  /** It waits for a second person; no agent is told. */
  'held',
  'pending',
  'in_progress',
  'completed_successfully',
  'completed_partial',
  'failed',
  'cancelling',
  'cancelled',
  'aborted',
  'expired',
  'timeout',
] as const;

export type ActionStatus = (typeof actionStatuses)[number];

/** Whether whatever stands so has ended. Total, so that a new status does not compile until someone has said. */
export const isEndedStatus: Readonly<Record<ActionStatus, boolean>> = {
  held: false,
  pending: false,
  in_progress: false,
  cancelling: false,
  completed_successfully: true,
  completed_partial: true,
  failed: true,
  cancelled: true,
  aborted: true,
  expired: true,
  timeout: true,
};

type TaskFacts = Pick<Task, 'state' | 'ring' | 'acceptedAt' | 'deadline'>;

/** The status of one task, from its facts and the clock; overdue counts as ended even before it is written. */
export function taskStatus(task: TaskFacts, outcomes: readonly Outcome[], now: Milliseconds): ActionStatus {
  if (task.state === 'finished') {
    return statusByOutcomes(outcomes);
  }
  if (task.state === 'cancelled') {
    return 'cancelled';
  }
  if (task.state === 'expired' || now >= task.deadline) {
    return task.acceptedAt === null ? 'expired' : 'timeout';
  }
  if (task.state === 'cancelling') {
    return 'cancelling';
  }
  // What waits for its ring is approved: it waits as what waits for its endpoint does.
  if (task.state === 'held' && task.ring !== 'later') {
    return 'held';
  }
  return task.state === 'running' ? 'in_progress' : 'pending';
}

/** The status of a whole action, from those of its tasks. */
export function actionStatus(tasks: readonly ActionStatus[]): ActionStatus {
  const only = tasks[0];
  if (only !== undefined && tasks.every((status) => status === only)) {
    return only;
  }
  if (tasks.some((status) => status === 'pending' || status === 'in_progress' || status === 'cancelling')) {
    return 'in_progress';
  }
  if (tasks.includes('held')) {
    return 'held';
  }
  const reached = tasks.some((status) => status === 'completed_successfully' || status === 'completed_partial');
  return reached ? 'completed_partial' : 'failed';
}

export function hasEnded(task: Omit<TaskFacts, 'ring'>, now: Milliseconds): boolean {
  return endedStates.includes(task.state) || now >= task.deadline;
}

/** The status of what has ended, from how each of its files did. */
export function statusByOutcomes(outcomes: readonly Outcome[]): ActionStatus {
  if (outcomes.length > 0 && outcomes.every(isSuccess)) {
    return 'completed_successfully';
  }
  if (outcomes.some(isSuccess)) {
    return 'completed_partial';
  }
  if (outcomes.length > 0 && outcomes.every((outcome) => outcome === 'cancelled')) {
    return 'aborted';
  }
  const expired = outcomes.length > 0 && outcomes.every((outcome) => outcome === 'expired');
  return expired ? 'expired' : 'failed';
}
