import { z } from 'zod';
import { deleteKeys } from '#core/verbs/delete-keys.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { reply } from '../answer.ts';
import { type Condition, filtersSchema } from '../filters.ts';
import { keyIds } from '../key-filter.ts';
import { noLicence } from '../licences.ts';
import { callPaths } from '../paths.ts';
import { readBody } from '../read-body.ts';
import { readFields, wrongField } from '../read-fields.ts';

/** More than anyone types, and few enough for one transaction. */
const mostKeys = 1_000;

const fields = z.object({ filters: filtersSchema });

/** Delete API Keys, by their ids alone: nothing else may decide what goes. */
export const deleteApiKeys: GuardedOperation = {
  method: 'POST',
  paths: callPaths('api_keys/delete'),
  access: { permission: 'access.manage', licence: noLicence },
  async run({ request, ports, principal }) {
    const { filters } = readFields(fields, (await readBody(request)).data);
    const deleted = await deleteKeys(ports, principal, namedKeys(filters));
    return reply({ update_count: deleted.length });
  },
};

function namedKeys(conditions: readonly Condition[]): readonly number[] {
  const [condition, ...more] = conditions;
  if (condition?.field !== 'id' || more.length > 0) {
    throw wrongField('filters', 'must be one condition on the field id, which names the keys');
  }
  const ids = keyIds(condition);
  if (ids.length === 0 || ids.length > mostKeys) {
    throw wrongField('filters', `must name 1 to ${mostKeys} keys`);
  }
  return ids;
}
