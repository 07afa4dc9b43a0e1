import type { Json } from '#core/custody/event.ts';
import type { FleetAction } from '#core/endpoint/fleet-action.ts';
import type { Ports } from '#core/ports/ports.ts';
import { type ActionState, actionStates, isFinal, stateOf } from './action-state.ts';

/** What an action's record keeps for those who list it. */
export interface ActionFacts {
  readonly actionArguments: Json;
  /** Sensors that were named and are not known here. */
  readonly unknown: number;
  /** Of a file search: its conditions, as they were asked for. */
  readonly fileFilters?: Json;
}

const actionTypes: Readonly<Record<string, string>> = { fetchLogs: 'FetchLog', fileSearch: 'FileSearchStart' };

type Counts = Partial<Record<ActionState, number>>;

/** These actions as the vendor's sensor-action objects; what agents do is counted by the store, whatever the fleet's size. */
export async function showActions(
  ports: Pick<Ports, 'store' | 'clock'>,
  actions: readonly FleetAction[],
): Promise<readonly object[]> {
  const ids = actions.flatMap(({ actionId }) => actionId ?? []);
  const numbers = actions.flatMap(({ actionId, batchNumber }) => (actionId === null ? [batchNumber] : []));
  const { tallies, rows } = await ports.store.read(async ({ tasks, fleetActions }) => ({
    tallies: Map.groupBy(await tasks.tally(ids, ports.clock.now()), ({ actionId }) => actionId),
    rows: await fleetActions.counts(numbers),
  }));
  return actions.map((action) => {
    const counts: Counts = {};
    for (const { standing, count } of (action.actionId && tallies.get(action.actionId)) ?? []) {
      const state = stateOf(action.kind, standing);
      counts[state] = (counts[state] ?? 0) + count;
    }
    const { done = 0, failed = 0 } = rows.get(action.batchNumber) ?? {};
    const own = action.actionId === null ? { Succeeded: done, Failed: failed } : {};
    return showAction(action, { ...counts, ...own });
  });
}

export async function showOne(ports: Pick<Ports, 'store' | 'clock'>, action: FleetAction): Promise<object> {
  const [shown = {}] = await showActions(ports, [action]);
  return shown;
}

export function factsOf({ facts }: FleetAction): ActionFacts {
  const known = (typeof facts === 'object' && facts !== null ? facts : {}) as Partial<ActionFacts>;
  return { actionArguments: null, unknown: 0, ...known };
}

function showAction(action: FleetAction, counts: Counts): object {
  const { actionArguments, unknown } = factsOf(action);
  const stats = Object.fromEntries(actionStates.map((state) => [state, counts[state] ?? 0]));
  const isOver = actionStates.every((state) => isFinal(state) || (counts[state] ?? 0) === 0);
  return {
    batchId: action.batchNumber,
    actionType: actionTypes[action.name] ?? capitalised(action.name),
    actionArguments,
    globalStats: { stats: { ...stats, UnknownProbe: unknown } },
    finalState: isOver,
    totalNumberOfProbes: action.endpointsCount + unknown,
    initiatorUser: action.principal.name,
    creatorUser: action.principal.name,
    startTime: action.createdAt,
    aborterUser: action.cancelledBy,
    abortTime: action.cancelledAt ?? 0,
    abortTimeout: false,
    abortHttpStatusCode: null,
  };
}

function capitalised(name: string): string {
  return name.slice(0, 1).toUpperCase() + name.slice(1);
}
