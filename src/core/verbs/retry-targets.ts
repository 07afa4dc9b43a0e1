import type { Task } from '../action/action.ts';
import type { ActionId } from '../action/action-id.ts';
import { type Attempts, attemptsOf, lastAttempt, retryParameters } from '../action/attempts.ts';
import { endedStates } from '../action/task-state.ts';
import type { TaskParameters } from '../action/verb.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import { Fault } from '../fault.ts';
import type { Transaction } from '../ports/store/store.ts';
import { orderTargets } from './order-targets.ts';

/** Of which action, and on which of its endpoints. */
export interface ChosenEndpoints {
  readonly actionId: ActionId;
  /** Undefined: every endpoint of the action. */
  readonly endpointIds?: readonly EndpointId[] | undefined;
}

/** What is tried again on one endpoint. */
export interface Retry {
  readonly old: Task;
  readonly endpointId: EndpointId;
  readonly parameters: TaskParameters;
}

export interface LeftEndpoints {
  /** They have not ended yet. */
  readonly open: readonly EndpointId[];
  /** Nothing failed there. */
  readonly succeeded: readonly EndpointId[];
  /** They were removed. */
  readonly removed: readonly EndpointId[];
}

export interface RetryTargets {
  /** What the chosen endpoints were asked last. */
  readonly asked: readonly TaskParameters[];
  readonly retries: readonly Retry[];
  readonly left: LeftEndpoints;
}

/** What of an action can be tried again on the chosen endpoints. @throws Fault `no_target` for one that it was not ordered for */
export async function retryTargets(
  transaction: Pick<Transaction, 'tasks' | 'outcomes' | 'endpoints'>,
  request: ChosenEndpoints,
): Promise<RetryTargets> {
  const attempts = await chosenAttempts(transaction, request);
  const asked = attempts.map((each) => lastAttempt(each).task.parameters);
  return { asked, ...(await sortOut(transaction, attempts)) };
}

async function chosenAttempts(
  { tasks, outcomes }: Pick<Transaction, 'tasks' | 'outcomes'>,
  { actionId, endpointIds }: ChosenEndpoints,
): Promise<readonly Attempts[]> {
  const all = attemptsOf(await tasks.byAction(actionId), await outcomes.byActions([actionId]));
  if (endpointIds === undefined) {
    return all;
  }
  const asked = new Set(endpointIds);
  const chosen = all.filter(([{ task }]) => asked.has(task.endpointId));
  const known = new Set(chosen.map(([{ task }]) => task.endpointId));
  const stranger = endpointIds.find((id) => !known.has(id));
  if (stranger !== undefined) {
    throw new Fault(
      'no_target',
      `Action ${actionId} was not ordered for the endpoint ${stranger}. Nothing was retried.`,
    );
  }
  return chosen;
}

/** Overdue tasks end within seconds; until that is written they count as open. */
async function sortOut(
  transaction: Pick<Transaction, 'endpoints'>,
  attempts: readonly Attempts[],
): Promise<Omit<RetryTargets, 'asked'>> {
  const [ended, open] = [attempts.filter(isOver), attempts.filter((each) => !isOver(each))];
  const failed = ended.flatMap((each): Retry[] => {
    const { task } = lastAttempt(each);
    const parameters = retryParameters(each);
    return parameters === undefined ? [] : [{ old: task, endpointId: task.endpointId, parameters }];
  });
  const reachable = new Set(
    await orderTargets(
      transaction,
      failed.map(({ endpointId }) => endpointId),
    ),
  );
  const tried = new Set(failed.map(({ endpointId }) => endpointId));
  return {
    retries: failed.filter(({ endpointId }) => reachable.has(endpointId)),
    left: {
      open: open.map(placeOf),
      succeeded: ended.map(placeOf).filter((id) => !tried.has(id)),
      removed: [...tried].filter((id) => !reachable.has(id)),
    },
  };
}

function isOver(attempts: Attempts): boolean {
  return endedStates.includes(lastAttempt(attempts).task.state);
}

function placeOf([{ task }]: Attempts): EndpointId {
  return task.endpointId;
}
