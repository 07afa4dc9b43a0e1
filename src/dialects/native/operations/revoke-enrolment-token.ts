import { Fault } from '#core/fault.ts';
import { revokeEnrolmentToken } from '#core/verbs/revoke-enrolment-token.ts';
import { guarded } from '../operation.ts';
import { revokeEnrolmentToken as contract } from '../schemas/enrolment-token.ts';
import { showToken } from '../show-access.ts';

export const revokeEnrolmentTokenOperation = guarded(
  contract,
  { permission: 'endpoints.enrol', licence: [] },
  async ({ parameters: { id } }, { ports, principal }) => {
    const revoked = await revokeEnrolmentToken(ports, principal, id);
    if (revoked === undefined) {
      throw new Fault(
        'not_found',
        `There is no token ${id} that still works. "custody token list" shows those there are.`,
        {
          details: { what: 'enrolment token' },
        },
      );
    }
    return showToken(revoked);
  },
);
