import { z } from 'zod';
import { Fault } from '#core/fault.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { reply } from '../answer.ts';
import { anyLicence } from '../licences.ts';
import { callPaths } from '../paths.ts';
import { readBody } from '../read-body.ts';
import { readFields } from '../read-fields.ts';

const fields = z.object({
  group_names: z
    .array(z.string('must be a string'), 'must be a list of group names')
    .max(100, 'must name at most 100 groups'),
});

/** Get User Groups: there are none here, so nothing is all there is, and no name is one. */
export const getUserGroup: GuardedOperation = {
  method: 'POST',
  paths: callPaths('rbac/get_user_group'),
  access: { permission: 'access.manage', licence: anyLicence },
  async run({ request }) {
    const { group_names: names } = readFields(fields, (await readBody(request)).data);
    const [first] = names;
    if (first !== undefined) {
      throw new Fault('not_found', `There is no user group ${first}: this server has no user groups.`, {
        details: { what: 'group' },
      });
    }
    return reply([]);
  },
};
