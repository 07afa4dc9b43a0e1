import { z } from 'zod';
import { isEndpointId } from '#core/endpoint/endpoint-id.ts';
import { Fault } from '#core/fault.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { reply } from '../answer.ts';
import { anyLicence } from '../licences.ts';
import { callPaths } from '../paths.ts';
import { readBody } from '../read-body.ts';
import { readFields } from '../read-fields.ts';

const fields = z.object({ endpoint_id: z.string('must be a string').toLowerCase() });

/** Get Policy: endpoints here have none, and none is made up; an endpoint that nobody knows is an error. */
export const getPolicy: GuardedOperation = {
  method: 'POST',
  paths: callPaths('endpoints/get_policy'),
  access: { permission: 'endpoints.read', licence: anyLicence },
  async run({ request, ports }) {
    const { endpoint_id: id } = readFields(fields, (await readBody(request)).data);
    const found = isEndpointId(id) ? await ports.store.read(({ endpoints }) => endpoints.byId(id)) : undefined;
    if (found === undefined) {
      throw new Fault('no_target', 'No endpoint has this id.');
    }
    return reply({ policy_name: '' });
  },
};
