import { Fault } from '#core/fault.ts';
import type { IncidentStatus } from '#core/incident/incident.ts';
import { changeIncident, changeIncidents } from '#core/verbs/change-incident.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { readJson } from '../json-body.ts';
import { readMalopStatus, settableStatuses } from '../malop-status.ts';
import { replyJson, replyWrapped } from '../reply.ts';

const access = { permission: 'incidents.manage', licence: [] } as const;
const mostChanged = 1_000;

/** `POST /rest/crimes/status`: MalOps by GUID, and how each stands from now on. All of them change, or none. */
export const changeMalopStatuses: GuardedOperation = {
  method: 'POST',
  paths: ['/rest/crimes/status'],
  access,
  async run({ request, ports, principal }) {
    const changes = readStatuses(await readJson(request));
    await changeIncidents(
      ports,
      principal,
      changes.map(([incident, status]) => ({ incident, changes: { status } })),
    );
    return replyWrapped({ data: null, status: 'SUCCESS', message: '' });
  },
};

/** `PUT /rest/mmng/v2/malops/{guid}`, body `investigationStatus`: the newer call for one of them. */
export const changeMalop: GuardedOperation = {
  method: 'PUT',
  paths: ['/rest/mmng/v2/malops/:guid'],
  access,
  async run({ request, ports, principal, parameters }) {
    const body = await readJson(request);
    const status = typeof body === 'object' && body !== null ? Reflect.get(body, 'investigationStatus') : undefined;
    const changes = { status: demandStatus('investigationStatus', status) };
    await changeIncident(ports, principal, { incident: parameters['guid'] ?? '', changes });
    return replyJson({ data: true, status: 'SUCCESS', message: '' });
  },
};

function readStatuses(body: unknown): readonly (readonly [string, IncidentStatus])[] {
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
  const entries = isObject ? Object.entries(body) : [];
  if (entries.length === 0 || entries.length > mostChanged) {
    throw new Fault('invalid_request', `The body must be an object with the GUIDs of 1 to ${mostChanged} MalOps.`, {
      details: { field: 'body' },
    });
  }
  return entries.map(([guid, status]) => [guid, demandStatus(guid.slice(0, 60), status)]);
}

function demandStatus(field: string, value: unknown): IncidentStatus {
  const status = typeof value === 'string' ? readMalopStatus(value) : undefined;
  if (status === undefined) {
    throw new Fault('invalid_request', `${field} must be one of ${settableStatuses.join(', ')}.`, {
      details: { field },
    });
  }
  return status;
}
