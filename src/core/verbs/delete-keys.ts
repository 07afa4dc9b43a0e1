import type { ApiKey } from '../access/credential.ts';
import { may, type Principal } from '../access/principal.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import type { CredentialReader } from '../ports/store/credentials.ts';

/**
 * Deletes keys for good: from the next request on they let nobody in. Ids that no key has are passed over.
 * @returns what was deleted.
 * @throws Fault `conflict`, and nothing is deleted, when nobody would be left who may manage access.
 */
export async function deleteKeys(
  ports: Pick<Ports, 'store' | 'clock'>,
  by: Pick<Principal, 'kind' | 'id' | 'name'>,
  ids: readonly number[],
): Promise<readonly ApiKey[]> {
  const at = ports.clock.now();
  const wanted = new Set(ids);
  return ports.store.transact(async ({ credentials, events }) => {
    const keys = await credentials.keys();
    const going = keys.filter(({ id }) => wanted.has(id));
    const staying = keys.filter(({ id }) => !wanted.has(id));
    if (going.some(mayAdminister(at)) && !(await anyoneElse(credentials, staying.some(mayAdminister(at))))) {
      throw new Fault(
        'conflict',
        'This is the last way in for an administrator. Make another key of an Instance Administrator, or such a user, first.',
      );
    }
    for (const { id } of going) {
      await credentials.deleteKey(id, at);
    }
    await events.append(
      going.map(({ id, name, role, level }) => ({
        type: 'key_deleted',
        at,
        actor: by,
        facts: { keyId: id, name, role, level },
      })),
    );
    return going;
  });
}

function mayAdminister(now: number): (key: ApiKey) => boolean {
  return (key) => may(key, 'access.manage') && (key.expiresAt === null || key.expiresAt > now);
}

async function anyoneElse(credentials: CredentialReader, keyStays: boolean): Promise<boolean> {
  return keyStays || (await credentials.users()).some((user) => may(user, 'access.manage'));
}
