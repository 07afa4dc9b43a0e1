import { version } from '#core/version.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { reply } from '../answer.ts';
import { anyLicence } from '../licences.ts';
import { callPaths } from '../paths.ts';
import { readOptionalBody } from '../read-body.ts';

/** Get Distribution Versions: the agents that belong to this server. One connector asks for it to see that the API works. */
export const getDistributionVersions: GuardedOperation = {
  method: 'POST',
  paths: callPaths('distributions/get_versions'),
  access: { permission: 'endpoints.read', licence: anyLicence },
  async run({ request }) {
    await readOptionalBody(request);
    return reply({ windows: [version], linux: [version], macos: [version], container: [], serverless: [] });
  },
};
