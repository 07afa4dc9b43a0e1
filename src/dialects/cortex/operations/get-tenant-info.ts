import type { Licence } from '#core/access/licence.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { reply } from '../answer.ts';
import { noLicence } from '../licences.ts';
import { callPaths } from '../paths.ts';
import { readOptionalBody } from '../read-body.ts';

/** The vendor's names of the licences that an installation may have. */
const names: Readonly<Record<Exclude<Licence, 'investigation' | 'dfir'>, string>> = {
  prevent: 'prevent',
  pro_per_endpoint: 'pro_per_endpoint',
  pro_per_gb: 'pro_gb',
  host_insights: 'host_insights',
};

/** What the vendor sells besides. */
const others = [
  'advanced_analytics',
  'attack_surface_management',
  'compute_unit',
  'data_lake_gb',
  'identity_threat',
  'pro_cloud',
  'threat_intelligence_management',
  'xth',
] as const;

/**
 * Get Tenant Info. To clients 0 is a licence that the tenant lacks; one that `CUSTODY_LICENSE` grants neither ends nor is
 * counted, so its end and number are null.
 */
export const getTenantInfo: GuardedOperation = {
  method: 'POST',
  paths: callPaths('system/get_tenant_info'),
  access: { permission: 'actions.read', licence: noLicence, reach: 'fleet' },
  async run({ request, ports }) {
    await readOptionalBody(request);
    const { licences } = ports.policy;
    const granted = Object.entries(names).map(([licence, name]) => ({
      name,
      held: licences.some((each) => each === licence),
    }));
    const forensics = { name: 'forensics', held: licences.includes('dfir') };
    const all = [...granted, forensics, ...others.map((name) => ({ name, held: false }))];
    const { total } = await ports.store.read(
      ({ endpoints }) =>
        endpoints.list({ revoked: false }, { by: 'id', direction: 'ascending' }, { offset: 0, limit: 1 }),
      { search: true },
    );
    return reply({
      ...Object.fromEntries(all.map(({ name, held }) => [`${name}_expiration`, held ? null : 0])),
      ...Object.fromEntries(all.map(({ name, held }) => [`purchased_${name}`, held ? null : 0])),
      installed_prevent: total,
    });
  },
};
