import type { User } from '../access/credential.ts';
import type { Principal } from '../access/principal.ts';
import { allows } from '../access/role.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { Approval } from '../guard/approval.ts';
import type { Reader } from '../ports/store/store.ts';
import { roleOf } from './find-role.ts';

/**
 * The people who could approve an order for these endpoints: users who can log in, whose role lets them, and whose limit, where they have one, leaves them
 * every one of the endpoints. Keys are nobody more than the people behind them, and the operating system's administrator is nobody by name.
 */
export async function eligibleApprovers(
  { credentials, endpoints }: Pick<Reader, 'credentials' | 'endpoints'>,
  endpointIds: readonly EndpointId[],
): Promise<readonly User[]> {
  const allowed: User[] = [];
  for (const user of await credentials.users()) {
    if (user.disabledAt === null && allows(await roleOf(credentials, user), 'actions.approve')) {
      allowed.push(user);
    }
  }
  if (allowed.every(({ scope }) => scope.kind === 'all')) {
    return allowed;
  }
  const found = await endpoints.byIds([...new Set(endpointIds)]);
  return allowed.filter(
    ({ scope }) =>
      scope.kind === 'all' || found.every((endpoint) => endpoint.tags.some((tag) => scope.tags.includes(tag))),
  );
}

/** What lets an action out: another person, or the typed counts where nobody could be one. */
export type Needed = 'second_person' | 'confirmation';

/**
 * What an action needs, of those who could approve it and of who ordered it. The operating system's administrator, who is nobody by
 * name, may be the one person that there is.
 * @param kind of the principal who ordered it
 */
export function neededOf(
  eligible: readonly User[],
  { requester }: Pick<Approval, 'requester'>,
  { kind }: Pick<Principal, 'kind'>,
): Needed {
  const others = eligible.filter(({ id }) => id !== requester).length;
  return others >= (kind === 'local' ? 2 : 1) ? 'second_person' : 'confirmation';
}
