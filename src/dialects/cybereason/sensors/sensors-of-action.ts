import type { FileOutcome, Task } from '#core/action/action.ts';
import type { TaskId } from '#core/action/action-id.ts';
import { standingOf } from '#core/action/task-standing.ts';
import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import type { FleetAction, FleetActionRow } from '#core/endpoint/fleet-action.ts';
import type { Reader } from '#core/ports/store/store.ts';
import type { Milliseconds } from '#core/time.ts';
import { type ActionState, stateOf } from './action-state.ts';

/** How one sensor fares with an action. */
export interface SensorOfAction {
  readonly endpointId: EndpointId;
  readonly state: ActionState;
  readonly message: string;
  readonly task: Task | undefined;
}

const mostRows = 10_000;

/** In the order in which they were asked for. */
export async function sensorsOfAction(
  reader: Reader,
  action: FleetAction,
  now: Milliseconds,
): Promise<readonly SensorOfAction[]> {
  if (action.actionId === null) {
    return (await allRows(reader, action)).map(({ endpointId, done, message }) => ({
      endpointId,
      state: done ? 'Succeeded' : 'Failed',
      message,
      task: undefined,
    }));
  }
  const tasks = await reader.tasks.standingOf(action.actionId);
  const ended = tasks.flatMap(({ id, state }) => (state === 'pending' || state === 'running' ? [] : [id]));
  const firsts = new Map<TaskId, FileOutcome>(
    (await reader.outcomes.firstOf(ended)).map((first) => [first.taskId, first]),
  );
  return tasks.map((task) => {
    const first = firsts.get(task.id);
    const state = stateOf(action.kind, standingOf(task, first, now));
    return { endpointId: task.endpointId, state, message: messageOf(first), task };
  });
}

async function allRows({ fleetActions }: Reader, { batchNumber }: FleetAction): Promise<readonly FleetActionRow[]> {
  const rows: FleetActionRow[] = [];
  for (;;) {
    const { items, total } = await fleetActions.rows(batchNumber, { offset: rows.length, limit: mostRows });
    rows.push(...items);
    if (items.length === 0 || rows.length >= total) {
      return rows;
    }
  }
}

/** The agent's words, and what it says it did not look at. */
function messageOf(first: FileOutcome | undefined): string {
  return first === undefined ? '' : [first.message, ...first.losses].filter((words) => words !== '').join('; ');
}
