import type { EnrolmentToken } from '../access/credential.ts';
import type { Principal } from '../access/principal.ts';
import type { Ports } from '../ports/ports.ts';

/**
 * Withdraws a token for good: from now on no machine enrols with it. Those that did stay.
 * @returns the token as it is now; undefined when there is none with this id, or it was withdrawn before.
 */
export async function revokeEnrolmentToken(
  ports: Pick<Ports, 'store' | 'clock'>,
  by: Pick<Principal, 'kind' | 'id' | 'name'>,
  id: string,
): Promise<EnrolmentToken | undefined> {
  const at = ports.clock.now();
  return ports.store.transact(async ({ credentials, events }) => {
    const token = await credentials.revokeToken(id, at);
    if (token !== undefined) {
      const facts = { tokenId: id, usesLeft: token.usesLeft };
      await events.append([{ type: 'enrolment_token_revoked', at, actor: by, facts }]);
    }
    return token;
  });
}
