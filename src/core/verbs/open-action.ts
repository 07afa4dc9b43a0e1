import type { Principal } from '../access/principal.ts';
import type { Action, DialectName, Task } from '../action/action.ts';
import { type ActionId, newActionId, newTaskId } from '../action/action-id.ts';
import type { TaskParameters } from '../action/verb.ts';
import type { NewEvent } from '../custody/event.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import type { ActionReader } from '../ports/store/actions.ts';
import type { Transaction } from '../ports/store/store.ts';
import type { Milliseconds } from '../time.ts';
import { freeBatchNumber } from './free-batch-number.ts';
import { findIncident } from './resolve-incident.ts';

/** Who asked for an action, through what, and for which incident. */
export interface Origin {
  readonly principal: Principal;
  readonly dialect: DialectName;
  /** Who the request said had asked: kept beside the principal, authorises nothing. */
  readonly claimedInitiator?: string | undefined;
  /** An incident's id or GUID; kept as given where there is no such incident, which is never a reason to refuse. */
  readonly incidentId?: string | undefined;
}

export interface Target {
  readonly endpointId: EndpointId;
  readonly parameters: TaskParameters;
}

export interface NewOrder {
  readonly origin: Origin;
  readonly targets: readonly Target[];
  /** How long it waits for its endpoints; default: what the policy says of the verb. */
  readonly lifetime?: Milliseconds | undefined;
  /** What the event says beside who ordered which verb, when it matters. */
  readonly facts?: NewEvent['facts'];
}

type ActionPorts = Pick<Ports, 'clock' | 'random' | 'policy'>;

/**
 * Writes an action with its tasks and its event, inside the caller's transaction: all or nothing. The caller rings
 * the doorbell after the commit.
 * @throws Fault `no_target` when there is no endpoint: an action without one would never end.
 */
export async function openAction(ports: ActionPorts, transaction: Transaction, request: NewOrder): Promise<Action> {
  const first = request.targets[0];
  if (first === undefined) {
    throw new Fault('no_target', 'No endpoint was found for creating the requested action');
  }
  const incident = await namedIncident(transaction, request.origin.incidentId);
  const named = { incidentId: incident?.id ?? request.origin.incidentId ?? null };
  const action = {
    ...(await newAction(ports, transaction, { ...request, verb: first.parameters.verb })),
    ...named,
  };
  await transaction.actions.insert(action);
  await transaction.tasks.insert(request.targets.map((target, ordinal) => newTask(ports, action, { target, ordinal })));
  const { id, verb, endpointsCount, dialect, claimedInitiator, incidentId, batchNumber } = action;
  await transaction.events.append([
    {
      type: 'action_started',
      at: action.createdAt,
      actor: action.principal,
      actionId: id,
      facts: { verb, endpointsCount, dialect, claimedInitiator, incidentId, batchNumber, ...request.facts },
    },
  ]);
  return action;
}

async function newAction(
  ports: ActionPorts,
  transaction: Transaction,
  request: NewOrder & { readonly verb: Action['verb'] },
): Promise<Omit<Action, 'incidentId'>> {
  const { principal, dialect, claimedInitiator } = request.origin;
  const now = ports.clock.now();
  return {
    id: await freeActionId(ports, transaction.actions),
    verb: request.verb,
    principal: { kind: principal.kind, id: principal.id, name: principal.name },
    claimedInitiator: claimedInitiator ?? null,
    dialect,
    batchNumber: request.verb === 'fetch' ? await freeBatchNumber(transaction, ports.random) : null,
    createdAt: now,
    deadline: now + (request.lifetime ?? ports.policy.lifetime[request.verb]),
    closedAt: null,
    endpointsCount: request.targets.length,
  };
}

/** So that all that is done under an incident is found, whichever of its names was given. */
function namedIncident(reader: Pick<Transaction, 'incidents'>, text: string | undefined) {
  return text === undefined ? undefined : findIncident(reader, text);
}

function newTask(
  ports: Pick<Ports, 'random'>,
  action: Action,
  place: { readonly target: Target; readonly ordinal: number },
): Task {
  return {
    id: newTaskId(ports.random),
    actionId: action.id,
    endpointId: place.target.endpointId,
    ordinal: place.ordinal,
    parameters: place.target.parameters,
    state: 'pending',
    createdAt: action.createdAt,
    deadline: action.deadline,
    acceptedAt: null,
    endedAt: null,
    report: null,
  };
}

async function freeActionId(ports: Pick<Ports, 'clock' | 'random'>, actions: ActionReader): Promise<ActionId> {
  for (;;) {
    const id = newActionId(ports.clock.now(), ports.random);
    if ((await actions.byId(id)) === undefined) {
      return id;
    }
  }
}
