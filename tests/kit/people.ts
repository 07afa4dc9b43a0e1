import type { Principal } from '#core/access/principal.ts';
import type { Ports } from '#core/ports/ports.ts';
import { createUser } from '#core/verbs/create-user.ts';
import { powerOf } from '#core/verbs/manage-access.ts';
import { administrator } from './fleet.ts';

export const somePassword = 'correct horse battery';

/** Somebody who can log in. */
export async function newPerson(
  ports: Pick<Ports, 'store' | 'clock' | 'random' | 'passwords'>,
  name: string,
  role: string,
): Promise<Principal> {
  const user = await createUser(ports, administrator, {
    ...{ email: `${name}@example.org`, password: somePassword, role },
  });
  return principalOf(ports, user.id);
}

/** Who they are as a session of theirs says now. */
export function principalOf({ store }: Pick<Ports, 'store'>, id: string): Promise<Principal> {
  return store.read(async ({ credentials }) => {
    const user = await credentials.userById(id);
    if (user === undefined) {
      throw new Error(`There is no user ${id}.`);
    }
    return { kind: 'user', id, name: user.email, ...(await powerOf(credentials, user)) };
  });
}
