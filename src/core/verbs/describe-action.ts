import type { Action, FileOutcome, Task } from '../action/action.ts';
import type { ActionId } from '../action/action-id.ts';
import { type ActionStatus, actionStatus, taskStatus } from '../action/action-status.ts';
import {
  type Attempt,
  type Attempts,
  attemptsOf,
  lastAttempt,
  standingOutcomes,
  standingStatus,
} from '../action/attempts.ts';
import { type StoppedTask, stoppedTask } from '../action/stop-standing.ts';
import { Fault } from '../fault.ts';
import type { KnownApproval } from '../guard/approval.ts';
import type { Ports } from '../ports/ports.ts';
import type { Milliseconds } from '../time.ts';

export interface DescribedTask {
  /** The last one, where it was tried more than once. */
  readonly task: Task;
  /** How the endpoint stands, all attempts together. */
  readonly status: ActionStatus;
  /** What came of asking its last attempt to stop; null: nobody did. */
  readonly stop: StoppedTask | null;
  /** How each file stands, once, whichever attempt settled it; empty while none has ended. */
  readonly outcomes: readonly FileOutcome[];
  /** Attempts that were tried again, the first one first, each as it was left. */
  readonly earlier: readonly DescribedAttempt[];
}

export interface DescribedAttempt extends Attempt {
  readonly status: ActionStatus;
}

export interface DescribedAction {
  readonly action: Action;
  readonly status: ActionStatus;
  /** What it waits, or waited, for; null: nothing. */
  readonly approval: KnownApproval | null;
  /** In the order in which the request named the endpoints. Never empty. */
  readonly tasks: readonly DescribedTask[];
}

/** An action with its tasks, outcomes and derived statuses. @throws Fault `not_found` */
export async function describeAction(ports: Pick<Ports, 'store' | 'clock'>, id: ActionId): Promise<DescribedAction> {
  const described = await ports.store.read(async (reader) => {
    const action = await reader.actions.byId(id);
    if (action === undefined) {
      return undefined;
    }
    const tasks = await reader.tasks.byAction(id);
    const outcomes = await reader.outcomes.byActions([id]);
    const approval = await reader.approvals.byAction(id);
    return describe({ action, tasks, outcomes, approval }, ports.clock.now());
  });
  if (described === undefined) {
    throw new Fault('not_found', `There is no action ${id}.`, { details: { what: 'action' } });
  }
  return described;
}

/** Derives the statuses; pure. */
export function describe(
  facts: {
    readonly action: Action;
    readonly tasks: readonly Task[];
    readonly outcomes: readonly FileOutcome[];
    readonly approval?: KnownApproval | undefined;
  },
  now: Milliseconds,
): DescribedAction {
  const tasks = attemptsOf(facts.tasks, facts.outcomes).map((attempts) => describePlace(attempts, now));
  const status = actionStatus(tasks.map((task) => task.status));
  return { action: facts.action, tasks, status, approval: facts.approval ?? null };
}

function describePlace(attempts: Attempts, now: Milliseconds): DescribedTask {
  const { task: last, outcomes: ended } = lastAttempt(attempts);
  return {
    task: last,
    stop: stoppedTask(last, ended, now),
    status: standingStatus(attempts, now),
    outcomes: standingOutcomes(attempts),
    earlier: attempts.slice(0, -1).map(({ task, outcomes }) => ({
      task,
      outcomes,
      status: taskStatus(
        task,
        outcomes.map(({ outcome }) => outcome),
        now,
      ),
    })),
  };
}
