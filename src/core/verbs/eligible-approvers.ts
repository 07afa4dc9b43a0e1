import type { User } from '../access/credential.ts';
import { allows } from '../access/role.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
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

/** Fewer than this many, and nobody could ever agree with the other. */
export const enoughApprovers = 2;
