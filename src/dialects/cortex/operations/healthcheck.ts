import type { OpenOperation } from '../../dialect.ts';
import { succeed } from '../answer.ts';
import { authenticate } from '../authenticate.ts';
import { bothEnds, callPaths } from '../paths.ts';

/** System Health Check: the vendor's one answer without `reply`. Reading the key proves that the store answers. */
export const healthcheck: OpenOperation = {
  method: 'GET',
  paths: [...callPaths('healthcheck'), ...bothEnds('/healthcheck')],
  access: { open: 'establishes the identity itself; any key of any role may learn that the server answers' },
  async run(call) {
    await authenticate(call);
    return succeed({ status: 'available' });
  },
};
