import { abortScans } from '#core/verbs/abort-scans.ts';
import { guarded } from '../operation.ts';
import { abortScans as contract } from '../schemas/order.ts';

export const abortScansOperation = guarded(
  contract,
  { permission: 'endpoints.manage', licence: [] },
  async ({ body }, { ports, principal }) => abortScans(ports, principal, body.endpointIds),
);
