import type { FleetActionFilter } from '#core/ports/store/fleet-actions.ts';
import type { GuardedCall, GuardedOperation } from '../../dialect.ts';
import { replyJson } from '../reply.ts';
import { showActions } from '../sensors/sensor-action.ts';

/** The newest; older ones are still reached by their number. */
const mostActions = 1_000;

/** `GET /rest/sensors/allActions`: every user's sensor actions, newest first. */
export const listSensorActions: GuardedOperation = {
  method: 'GET',
  paths: ['/rest/sensors/allActions'],
  access: { permission: 'actions.read', licence: [] },
  run: (call) => list(call, {}),
};

/** `GET /rest/sensors/actions/fileSearchRequestsAll`: every user's file searches, newest first. */
export const listFileSearches: GuardedOperation = {
  method: 'GET',
  paths: ['/rest/sensors/actions/fileSearchRequestsAll'],
  access: { permission: 'actions.read', licence: [] },
  run: (call) => list(call, { kinds: ['search'] }),
};

/** `GET /rest/sensors/actions/fileSearchRequests`: the caller's own; the vendor's page on it was not to be had. */
export const listOwnFileSearches: GuardedOperation = {
  method: 'GET',
  paths: ['/rest/sensors/actions/fileSearchRequests'],
  access: { permission: 'actions.read', licence: [] },
  run: (call) => list(call, { kinds: ['search'], principalId: call.principal.id }),
};

async function list({ ports }: GuardedCall, filter: FleetActionFilter): Promise<Response> {
  const { items } = await ports.store.read(
    ({ fleetActions }) => fleetActions.list(filter, { offset: 0, limit: mostActions }),
    { search: true },
  );
  return replyJson(await showActions(ports, items));
}
