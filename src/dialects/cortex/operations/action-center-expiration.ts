import { hour } from '#core/time.ts';
import { readLifetimes } from '#core/verbs/read-lifetimes.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { reply } from '../answer.ts';
import { expiringKinds } from '../expiration-words.ts';
import { anyLicence } from '../licences.ts';
import { callPaths } from '../paths.ts';
import { readOptionalBody } from '../read-body.ts';

/**
 * Get Action Center Expiration: after how many hours each kind of action expires. The vendor's pages have GET, and its
 * clients POST without a body, which says nothing.
 */
export const actionCenterExpiration: readonly GuardedOperation[] = (['GET', 'POST'] as const).map((method) => ({
  method,
  paths: callPaths('configurations/agent/action_center_expiration'),
  access: { permission: 'actions.read', licence: anyLicence, reach: 'fleet' },
  async run({ request, ports }) {
    if (method === 'POST') {
      await readOptionalBody(request);
    }
    const lifetimes = await readLifetimes(ports);
    return reply(Object.fromEntries(expiringKinds.map(([verb, word]) => [word, lifetimes[verb] / hour])));
  },
}));
