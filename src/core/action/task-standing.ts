import type { Outcome, OutcomeReason } from '../outcome.ts';
import type { SearchCut } from '../outcome-details.ts';
import type { Milliseconds } from '../time.ts';
import type { FileOutcome, Task } from './action.ts';
import type { TaskState } from './task-state.ts';

/** How a task stands, by the first thing that was reported of it: of searches and logs that says how the whole ended. */
export interface TaskStanding {
  readonly state: TaskState;
  /** Whether an agent has said that it has the order. */
  readonly isAccepted: boolean;
  /** Its deadline has passed; it counts as over even before that is written. */
  readonly isOverdue: boolean;
  /** Null while nothing was reported. */
  readonly outcome: Outcome | null;
  readonly reason: OutcomeReason | null;
  readonly cut: SearchCut | null;
}

export function standingOf(task: Task, first: FileOutcome | undefined, now: Milliseconds): TaskStanding {
  return {
    state: task.state,
    isAccepted: task.acceptedAt !== null,
    isOverdue: now >= task.deadline,
    outcome: first?.outcome ?? null,
    reason: first?.reason ?? null,
    cut: first?.details.cut ?? null,
  };
}
