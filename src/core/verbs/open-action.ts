import type { Principal } from '../access/principal.ts';
import type { Action, DialectName, Task } from '../action/action.ts';
import { type ActionId, newActionId, newTaskId } from '../action/action-id.ts';
import type { SetLifetimes } from '../action/lifetimes.ts';
import type { TaskParameters, Verb } from '../action/verb.ts';
import type { NewEvent } from '../custody/event.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import type { ActionReader } from '../ports/store/actions.ts';
import type { Reader, Transaction } from '../ports/store/store.ts';
import type { Milliseconds } from '../time.ts';
import { unreachable } from '../unreachable.ts';
import { freeBatchNumber } from './free-batch-number.ts';
import { judgeOrders } from './judge-orders.ts';
import { planRings } from './plan-rings.ts';
import { storedLifetimes } from './read-lifetimes.ts';
import { type HeldAction, requestApprovals } from './request-approvals.ts';
import { findIncident } from './resolve-incident.ts';
import { toldTargets } from './told-targets.ts';

const notOpened = 'An action was ordered and not opened.';

/** Who asked for an action, through what, and for which incident. */
export interface Origin {
  readonly principal: Principal;
  readonly dialect: DialectName;
  /** Who the request said had asked: kept beside the principal, authorises nothing. */
  readonly claimedInitiator?: string | undefined;
  /** Why, in the words of whoever asked. */
  readonly reason?: string | undefined;
  /** An incident's id or GUID; kept as given where there is no such incident, which is never a reason to refuse. */
  readonly incidentId?: string | undefined;
}

/** As it is written down. */
type RecordedOrigin = Omit<Origin, 'principal'> & { readonly principal: Pick<Principal, 'kind' | 'id' | 'name'> };

export interface Target {
  readonly endpointId: EndpointId;
  readonly parameters: TaskParameters;
}

export interface NewOrder {
  readonly origin: RecordedOrigin;
  readonly targets: readonly Target[];
  /** How long it waits for its endpoints where no administrator set that; default: what the policy says of the verb. */
  readonly lifetime?: Milliseconds | undefined;
  /** What the event says beside who ordered which verb, when it matters. */
  readonly facts?: NewEvent['facts'];
}

type ActionPorts = Pick<Ports, 'clock' | 'random' | 'policy'>;

/**
 * Writes an action with its tasks and its event, inside the caller's transaction: all or nothing. The caller rings
 * the doorbell after the commit. One that is wider than the guard lets out is written as held, with what has to be approved:
 * no agent is told of it, whoever rings.
 * @throws Fault `no_target` when there is no endpoint: an action without one would never end.
 */
export async function openAction(ports: ActionPorts, transaction: Transaction, request: NewOrder): Promise<Action> {
  const [action] = await openActions(ports, transaction, [request]);
  return action ?? unreachable(notOpened);
}

/** As `openAction`, many at once, in few statements. @returns one action for each order, in their order. */
export async function openActions(
  ports: ActionPorts,
  transaction: Transaction,
  orders: readonly NewOrder[],
): Promise<readonly Action[]> {
  const requests = orders.map(wellFormed);
  const incidents = await namedIncidents(transaction, requests);
  const stored = await storedLifetimes(transaction);
  const broken = await judgeOrders(ports, transaction, requests);
  const ids = await freeActionIds(ports, transaction.actions, requests.length);
  const opened: Opened[] = [];
  for (const [index, request] of requests.entries()) {
    const id = ids[index] ?? unreachable(notOpened);
    const incidentId = incidents.get(request.origin.incidentId) ?? null;
    const lifetime = lifetimeOf(ports, stored, request);
    const rules = broken.get(request) ?? [];
    const patience = rules.length > 0 ? ports.policy.guard.patience : lifetime;
    const action = { ...(await newAction(ports, transaction, { ...request, id, patience })), incidentId };
    const state = rules.length > 0 ? 'held' : 'pending';
    const tasks = request.targets.map((target, ordinal) => newTask(ports, action, { target, ordinal, state }));
    const event = startedEvent(action, { ...request, facts: { ...request.facts, ...(state === 'held' && { state }) } });
    opened.push({ action, tasks, event, rules, lifetime });
  }
  const actions = opened.map(({ action }) => action);
  await transaction.actions.insertAll(actions);
  await transaction.tasks.insert(opened.flatMap(({ tasks }) => tasks));
  await transaction.events.append(opened.map(({ event }) => event));
  const held = opened.filter(({ rules }) => rules.length > 0);
  await requestApprovals(transaction, held);
  await planRings(ports.policy.rings, transaction, held);
  return actions;
}

/** The store makes half a surrogate pair U+FFFD, and the event has to say the same. */
function wellFormed(order: NewOrder): NewOrder {
  const { claimedInitiator, reason, incidentId, ...origin } = order.origin;
  return {
    ...order,
    origin: {
      ...origin,
      ...{ claimedInitiator: claimedInitiator?.toWellFormed(), reason: reason?.toWellFormed() },
      incidentId: incidentId?.toWellFormed(),
    },
  };
}

interface Opened extends HeldAction {
  readonly event: NewEvent;
}

function startedEvent(action: Action, { targets, facts = {} }: Pick<NewOrder, 'targets' | 'facts'>): NewEvent {
  const { id, verb, endpointsCount, dialect, claimedInitiator, reason, incidentId, batchNumber } = action;
  return {
    type: 'action_started',
    at: action.createdAt,
    actor: action.principal,
    actionId: id,
    facts: {
      ...toldTargets(targets),
      ...{ verb, endpointsCount, dialect, claimedInitiator, reason, incidentId, batchNumber },
      ...facts,
    },
  };
}

async function newAction(
  ports: ActionPorts,
  readers: Pick<Reader, 'actions' | 'fleetActions'>,
  request: NewOrder & { readonly id: ActionId; readonly patience: Milliseconds },
): Promise<Omit<Action, 'incidentId'>> {
  const verb = verbOf(request);
  const { principal, dialect, claimedInitiator, reason } = request.origin;
  const now = ports.clock.now();
  return {
    id: request.id,
    verb,
    principal: { kind: principal.kind, id: principal.id, name: principal.name },
    claimedInitiator: claimedInitiator ?? null,
    reason: reason ?? null,
    dialect,
    batchNumber: verb === 'fetch' ? await freeBatchNumber(readers, ports.random) : null,
    createdAt: now,
    deadline: now + request.patience,
    closedAt: null,
    endpointsCount: request.targets.length,
  };
}

function verbOf({ targets }: NewOrder): Verb {
  const verb = targets[0]?.parameters.verb;
  if (verb === undefined) {
    throw new Fault('no_target', 'No endpoint was found for creating the requested action');
  }
  return verb;
}

function lifetimeOf({ policy }: Pick<Ports, 'policy'>, stored: SetLifetimes, order: NewOrder): Milliseconds {
  const verb = verbOf(order);
  return stored[verb] ?? order.lifetime ?? policy.lifetime[verb];
}

/** The id of each incident as it was named, so that all that is done under it is found, whichever of its names was given. */
async function namedIncidents(
  reader: Pick<Transaction, 'incidents'>,
  requests: readonly NewOrder[],
): Promise<ReadonlyMap<string | undefined, string>> {
  const ids = new Map<string | undefined, string>();
  for (const named of new Set(requests.map(({ origin }) => origin.incidentId))) {
    if (named !== undefined) {
      ids.set(named, (await findIncident(reader, named))?.id ?? named);
    }
  }
  return ids;
}

/** As its first attempt is written. */
export function newTask(
  ports: Pick<Ports, 'random'>,
  action: Action,
  place: { readonly target: Target; readonly ordinal: number; readonly state: 'held' | 'pending' },
): Task {
  return {
    id: newTaskId(ports.random),
    actionId: action.id,
    endpointId: place.target.endpointId,
    ordinal: place.ordinal,
    parameters: place.target.parameters,
    state: place.state,
    ring: null,
    createdAt: action.createdAt,
    deadline: action.deadline,
    acceptedAt: null,
    endedAt: null,
    stopRequestedAt: null,
    lateStopAt: null,
    report: null,
    round: 1,
    retriedBy: null,
    confirmedAt: null,
    confirmationAwaitedAt: null,
  };
}

/** In ascending order, so that actions of one call are listed in the order of the call. */
async function freeActionIds(
  ports: Pick<Ports, 'clock' | 'random'>,
  actions: ActionReader,
  count: number,
): Promise<readonly ActionId[]> {
  const free = new Set<ActionId>();
  while (free.size < count) {
    const drawn = new Set<ActionId>();
    while (free.size + drawn.size < count) {
      const id = newActionId(ports.clock.now(), ports.random);
      if (!free.has(id)) {
        drawn.add(id);
      }
    }
    const taken = new Set((await actions.byIds([...drawn])).map(({ id }) => id));
    for (const id of drawn) {
      if (!taken.has(id)) {
        free.add(id);
      }
    }
  }
  return [...free].sort((one, other) => Number(one) - Number(other));
}
