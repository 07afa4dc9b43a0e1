import { settleCopies } from '#core/verbs/settle-copies.ts';
import { guarded } from '../operation.ts';
import { settleCopies as contract } from '../schemas/endpoint.ts';

export const settleCopiesOperation = guarded(
  contract,
  { permission: 'endpoints.enrol', licence: [] },
  async ({ parameters: { endpointId }, body: { accept } }, { ports, principal }) => {
    await settleCopies(ports, principal, { endpointId, accept });
    return { accepted: accept };
  },
);
