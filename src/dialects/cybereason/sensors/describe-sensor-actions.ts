import type { FileOutcome, Task } from '#core/action/action.ts';
import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import type { SensorAction, SensorActionTarget } from '#core/endpoint/sensor-action.ts';
import type { Reader } from '#core/ports/store/store.ts';
import type { Milliseconds } from '#core/time.ts';
import { isOpen, type SensorState, sensorStates, stateOfTask, statesOfEnd } from './sensor-stats.ts';

/** An action with where each of its sensors stands. */
export interface DescribedSensorAction {
  readonly action: SensorAction;
  readonly sensors: readonly DescribedTarget[];
}

export interface DescribedTarget {
  readonly endpointId: EndpointId;
  readonly state: SensorState;
  readonly message: string;
  readonly task: Task | undefined;
  readonly outcomes: readonly FileOutcome[];
}

/** Read for all of them together. */
export async function describeSensorActions(
  reader: Reader,
  actions: readonly SensorAction[],
  now: Milliseconds,
): Promise<readonly DescribedSensorAction[]> {
  const targets = await reader.sensorActions.targetsOf(actions.map(({ batchNumber }) => batchNumber));
  const ids = actions.flatMap(({ actionId }) => actionId ?? []);
  const tasks = await reader.tasks.byActions(ids);
  const outcomes = Map.groupBy(await reader.outcomes.byActions(ids), ({ taskId }) => taskId);
  const byBatch = Map.groupBy(targets, ({ batchNumber }) => batchNumber);
  const byPlace = new Map(tasks.map((task) => [`${task.actionId} ${task.endpointId}`, task]));
  return actions.map((action) => ({
    action,
    sensors: (byBatch.get(action.batchNumber) ?? []).map((target) => {
      const task = byPlace.get(`${action.actionId} ${target.endpointId}`);
      return describeTarget({ target, task, outcomes: task === undefined ? [] : (outcomes.get(task.id) ?? []), now });
    }),
  }));
}

interface TargetFacts {
  readonly target: SensorActionTarget;
  readonly task: Task | undefined;
  readonly outcomes: readonly FileOutcome[];
  readonly now: Milliseconds;
}

function describeTarget({ target, task, outcomes, now }: TargetFacts): DescribedTarget {
  const { endpointId, end, message } = target;
  if (end !== null || task === undefined) {
    return { endpointId, state: end === null ? 'None' : statesOfEnd[end], message, task, outcomes };
  }
  const limit = task.parameters.verb === 'search' ? task.parameters.limit : undefined;
  const words = outcomes.find((outcome) => outcome.path === null)?.message ?? '';
  return { endpointId, state: stateOfTask({ task, outcomes, now, limit }), message: words, task, outcomes };
}

/** As the vendor answers it. */
export function showSensorAction({ action, sensors }: DescribedSensorAction): object {
  const { batchNumber, kind, principal, createdAt, abortedAt, abortedBy, argumentsJson } = action;
  const count = (state: SensorState) => sensors.filter((sensor) => sensor.state === state).length;
  return {
    batchId: batchNumber,
    actionType: kind,
    actionArguments: JSON.parse(argumentsJson),
    globalStats: { stats: Object.fromEntries(sensorStates.map((state) => [state, count(state)])) },
    finalState: sensors.every(({ state }) => !isOpen(state)),
    totalNumberOfProbes: sensors.length,
    initiatorUser: principal.name,
    creatorUser: principal.name,
    startTime: createdAt,
    aborterUser: abortedBy,
    abortTime: abortedAt ?? 0,
    abortTimeout: false,
    abortHttpStatusCode: null,
  };
}
