import { z } from 'zod';
import { archiveEndpoints } from '#core/verbs/archive-endpoints.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { reply } from '../answer.ts';
import { demandSome, filteredEndpoints } from '../filtered-endpoints.ts';
import { filtersSchema } from '../filters.ts';
import { anyLicence } from '../licences.ts';
import { callPaths } from '../paths.ts';
import { readBody } from '../read-body.ts';
import { readFields } from '../read-fields.ts';

const fields = z.object({ filters: filtersSchema });

/**
 * Delete Endpoints: as at the vendor they leave the lists of those that are there, what is known of them stays, and one whose agent
 * connects again comes back. So no quarantined file gets out of reach.
 */
export const deleteEndpoints: GuardedOperation = {
  method: 'POST',
  paths: callPaths('endpoints/delete', 'audits/endpoints/delete'),
  access: { permission: 'endpoints.manage', licence: anyLicence },
  async run({ request, ports, principal }) {
    const { filters } = readFields(fields, (await readBody(request)).data);
    const endpointIds = await filteredEndpoints(ports, filters);
    demandSome(endpointIds);
    const fleetRequest = { principal, name: 'archive', facts: { dialect: 'cortex' } };
    await archiveEndpoints(ports, { request: fleetRequest, endpointIds, reason: 'Deleted over the Cortex XDR API.' });
    return reply(true);
  },
};
