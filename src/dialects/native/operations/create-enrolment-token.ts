import { second } from '#core/time.ts';
import { createEnrolmentToken } from '#core/verbs/create-enrolment-token.ts';
import { guarded } from '../operation.ts';
import { createEnrolmentToken as contract } from '../schemas/enrolment-token.ts';
import { showToken } from '../show-access.ts';

export const createEnrolmentTokenOperation = guarded(
  contract,
  { permission: 'endpoints.enrol', licence: [] },
  async ({ body: { uses, lifetimeSeconds, tags, addresses } }, { ports, principal }) => {
    const lifetime = lifetimeSeconds * second;
    const { token, secret } = await createEnrolmentToken(ports, principal, { uses, lifetime, tags, addresses });
    return { ...showToken(token), token: secret };
  },
);
