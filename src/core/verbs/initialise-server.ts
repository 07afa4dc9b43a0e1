import { builtInRole } from '../access/role.ts';
import { wholeFleet } from '../access/scope.ts';
import { serverActor } from '../custody/event.ts';
import type { Ports } from '../ports/ports.ts';
import { createUser } from './create-user.ts';

/** Makes the first administrator of an empty store. @returns false when there are users already. */
export async function initialiseServer(
  ports: Pick<Ports, 'store' | 'clock' | 'random' | 'passwords'>,
  administrator: { readonly email: string; readonly password: string },
): Promise<boolean> {
  const users = await ports.store.read(({ credentials }) => credentials.users());
  if (users.length > 0) {
    return false;
  }
  const by = {
    kind: 'local',
    id: 'first-start',
    name: 'first start',
    role: builtInRole('Instance Administrator'),
    scope: wholeFleet,
  } as const;
  await createUser(ports, by, { ...administrator, role: 'Instance Administrator' });
  const at = ports.clock.now();
  await ports.store.transact(({ events }) =>
    events.append([{ type: 'server_initialised', at, actor: serverActor, facts: {} }]),
  );
  return true;
}
