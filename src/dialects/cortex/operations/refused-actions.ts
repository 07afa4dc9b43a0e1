import { z } from 'zod';
import { isEndpointId } from '#core/endpoint/endpoint-id.ts';
import { Fault } from '#core/fault.ts';
import type { Reader } from '#core/ports/store/store.ts';
import { orderTargets } from '#core/verbs/order-targets.ts';
import { refuseFleetAction } from '#core/verbs/refuse-fleet-action.ts';
import type { GuardedCall, GuardedOperation } from '../../dialect.ts';
import { filtersSchema } from '../filters.ts';
import { anyLicence } from '../licences.ts';
import { namedEndpoints } from '../named-endpoints.ts';
import { originOf } from '../origin.ts';
import { callPaths } from '../paths.ts';
import { readBody } from '../read-body.ts';
import { readFields, wrongField } from '../read-fields.ts';

const fields = z.object({
  endpoint_id: z.string('must be a string').toLowerCase().nullish(),
  agent_id: z.string('must be a string').toLowerCase().nullish(),
  filters: filtersSchema.nullish(),
});

/** What no agent of Custody can do, each with the words that say so. */
const unsupported: Readonly<Record<string, string>> = {
  isolate: 'no agent of this server can isolate its endpoint',
  unisolate: 'no agent of this server can isolate its endpoint',
  terminate_process: 'no agent of this server can end a process',
  terminate_causality: 'no agent of this server can end a process',
};

/**
 * Isolate and Unisolate Endpoints, Terminate Process and Causality: no agent can cut a machine off its network or end what runs
 * there, and a responder must not believe that one did. The latter name the endpoint as `agent_id`. The refusal has the phrase by which connectors know that nothing was started, and says why. It is kept on record.
 */
export const refusedActions: readonly GuardedOperation[] = Object.entries(unsupported).map(([name, why]) => ({
  method: 'POST',
  paths: callPaths(`endpoints/${name}`, `audits/endpoints/${name}`),
  access: { permission: 'files.quarantine', licence: anyLicence },
  run: (call) => refuse(call, name, why),
}));

async function refuse(call: GuardedCall, name: string, why: string): Promise<never> {
  const { request, ports } = call;
  const body = await readBody(request);
  const asked = endpointsNamed(readFields(fields, body.data));
  const { principal, incidentId } = originOf(call, body);
  const known = await ports.store.read((reader: Reader) => orderTargets(reader, asked));
  if (known.length === 0) {
    throw new Fault('no_target', 'No endpoint has this id.');
  }
  await refuseFleetAction(ports, { principal, name, facts: { dialect: 'cortex' }, incidentId }, known);
  throw new Fault('no_target', `${why.replace(/^n/, 'N')}.`, { details: { why } });
}

function endpointsNamed({ agent_id: agent, endpoint_id: endpoint, filters }: z.output<typeof fields>) {
  const id = (endpoint ?? '') === '' ? agent : endpoint;
  if ((id ?? '') !== '' && filters !== null && filters !== undefined) {
    throw wrongField('filters', 'must not stand beside endpoint_id: name endpoints in one way');
  }
  if (typeof id === 'string' && id !== '') {
    return isEndpointId(id) ? [id] : [];
  }
  return namedEndpoints(filters ?? []);
}
