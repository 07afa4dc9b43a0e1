import type { Milliseconds } from '../time.ts';
import type { FileOutcome, Task } from './action.ts';
import { hasEnded } from './action-status.ts';

/**
 * What came of asking a task to stop, on its endpoint.
 *
 *   requested      it was asked, and no word has come of what was done there; that stays so where none ever comes
 *   before_effect  nothing was done there
 *   after_effect   it had its effect: every file that it met had come to its end by itself
 *   partly         some files were done, and others not begun any more
 *   too_late       it had ended before anybody asked
 */
export const stopStandings = ['requested', 'before_effect', 'after_effect', 'partly', 'too_late'] as const;

export type StopStanding = (typeof stopStandings)[number];

export interface StoppedTask {
  readonly standing: StopStanding;
  /** Files to which the order was done, by this order and not by an earlier one. */
  readonly filesDone: number;
  /** Files that were not begun any more. */
  readonly filesSpared: number;
}

type TaskFacts = Pick<Task, 'state' | 'acceptedAt' | 'deadline' | 'report' | 'stopRequestedAt' | 'lateStopAt'>;
type OutcomeFacts = Pick<FileOutcome, 'outcome'>;

/** Follows from the task, how its files ended and the clock; null where nobody asked. */
export function stoppedTask(task: TaskFacts, outcomes: readonly OutcomeFacts[], now: Milliseconds): StoppedTask | null {
  const filesDone = outcomes.filter(({ outcome }) => outcome === 'done').length;
  const filesSpared = outcomes.filter(({ outcome }) => outcome === 'cancelled').length;
  if (task.stopRequestedAt !== null) {
    const isSilent = !hasEnded(task, now) || isUnheard(task, outcomes);
    return { standing: isSilent ? 'requested' : standingOf(filesDone, filesSpared), filesDone, filesSpared };
  }
  return task.lateStopAt === null ? null : { standing: 'too_late', filesDone, filesSpared };
}

/** It ended without its agent's word, by its deadline or because the endpoint was removed: what was done there nobody knows. */
function isUnheard({ state, report }: TaskFacts, outcomes: readonly OutcomeFacts[]): boolean {
  const isInterrupted = outcomes.some(({ outcome }) => outcome === 'interrupted');
  return state !== 'cancelled' && (state !== 'finished' || (report === null && isInterrupted));
}

function standingOf(filesDone: number, filesSpared: number): StopStanding {
  if (filesDone === 0) {
    return 'before_effect';
  }
  return filesSpared === 0 ? 'after_effect' : 'partly';
}
