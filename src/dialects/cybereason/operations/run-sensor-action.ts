import type { FleetAction } from '#core/endpoint/fleet-action.ts';
import type { Ports } from '#core/ports/ports.ts';
import { archiveEndpoints } from '#core/verbs/archive-endpoints.ts';
import { fetchLogs } from '#core/verbs/fetch-logs.ts';
import type { FleetRequest } from '#core/verbs/record-fleet-action.ts';
import { refuseFleetAction } from '#core/verbs/refuse-fleet-action.ts';
import { revokeEndpoints } from '#core/verbs/revoke-endpoints.ts';
import { unarchiveEndpoints } from '#core/verbs/unarchive-endpoints.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { readJsonIfAny } from '../json-body.ts';
import { replyJson } from '../reply.ts';
import { demandObject } from '../sensors/list-request.ts';
import { type ActionFacts, showOne } from '../sensors/sensor-action.ts';
import { wrong } from '../sensors/sensor-filter.ts';
import { openView } from '../sensors/sensor-view.ts';
import { namesNobody, readNamedSensors, type Targets, targetsOf } from '../sensors/targets.ts';

/**
 * `POST /rest/sensors/action/{name}`: something for sensors that are named by id, by filters or by both. What no agent and no
 * server here can do has failed on each of them at once, and is on record as such. 204 when no sensor matches.
 */
export const runSensorAction: GuardedOperation = {
  method: 'POST',
  paths: ['/rest/sensors/action/:name'],
  access: { permission: 'endpoints.manage', licence: [] },
  async run({ request, ports, principal, parameters }) {
    const fields = demandObject(await readJsonIfAny(request));
    const name = demandName(parameters['name'] ?? '');
    const named = readNamedSensors(fields);
    if (namesNobody(named)) {
      throw wrong('sensorsIds', 'The request names no sensors: give sensorsIds, or filters.');
    }
    const targets = await ports.store.read(async (reader) => targetsOf(reader, await openView(ports, reader), named));
    if (targets.endpointIds.length === 0) {
      return new Response(null, { status: 204 });
    }
    const facts = { actionArguments: null, unknown: targets.unknown } satisfies ActionFacts;
    const action = await perform(ports, { request: { principal, name, facts }, targets, reason: reasonOf(fields) });
    return replyJson(await showOne(ports, action));
  },
};

interface Ordered {
  readonly request: FleetRequest;
  readonly targets: Targets;
  readonly reason: string;
}

function perform(ports: Ports, { request, targets: { endpointIds }, reason }: Ordered): Promise<FleetAction> {
  switch (request.name) {
    case 'archive':
      return archiveEndpoints(ports, { request, endpointIds, reason });
    case 'unarchive':
      return unarchiveEndpoints(ports, { request, endpointIds, reason });
    case 'delete':
      return revokeEndpoints(ports, { request, endpointIds, reason });
    case 'fetchLogs':
      return fetchLogs(ports, { request, dialect: 'cybereason', endpointIds });
    default:
      return refuseFleetAction(ports, request, endpointIds);
  }
}

function demandName(name: string): string {
  if (!/^[A-Za-z][A-Za-z0-9-]{0,63}$/.test(name)) {
    throw wrong('name', 'The name of a sensor action is letters, digits and hyphens.');
  }
  return name;
}

const longestReason = 1_000;

/** Shown to people, so that it is one line that does not lie. */
function reasonOf({ argument }: Readonly<Record<string, unknown>>): string {
  const text = typeof argument === 'string' ? argument : '';
  return text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu, ' ')
    .slice(0, longestReason);
}
