import type { ApiKey } from '../access/credential.ts';
import type { Principal } from '../access/principal.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import type { CredentialReader } from '../ports/store/credentials.ts';
import type { Milliseconds } from '../time.ts';
import { demandAccessManager, demandMayChange, hasAdministrator, mayEverything, powerOf } from './manage-access.ts';

/**
 * Deletes keys for good: from the next request on they let nobody in. Ids that no key has are passed over.
 * @returns what was deleted.
 * @throws Fault `conflict`, and nothing is deleted, when neither a person nor a key would be left that may do everything; `permission_denied`, and nothing
 * is deleted, for a key that may do more than whoever asks.
 */
export async function deleteKeys(
  ports: Pick<Ports, 'store' | 'clock' | 'identityProvider'>,
  by: Principal,
  ids: readonly number[],
): Promise<readonly ApiKey[]> {
  const at = ports.clock.now();
  const wanted = new Set(ids);
  return ports.store.transact(async ({ credentials, events }) => {
    const own = await demandAccessManager(credentials, by);
    const keys = await credentials.keys();
    const going = keys.filter(({ id }) => wanted.has(id));
    const staying = keys.filter(({ id }) => !wanted.has(id));
    for (const key of going) {
      demandMayChange(own, await powerOf(credentials, key), `key ${key.id}`);
    }
    const mayAdminister = await administering(credentials, at);
    const isLastKey = going.some(mayAdminister) && !staying.some(mayAdminister);
    if (isLastKey && !(await hasAdministrator(credentials, ports.identityProvider?.issuer))) {
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
        actor: { kind: by.kind, id: by.id, name: by.name },
        facts: { keyId: id, name, role, level },
      })),
    );
    return going;
  });
}

/** Which keys, of those there are now, may do everything: what people may who are administrators. */
async function administering(credentials: CredentialReader, now: Milliseconds): Promise<(key: ApiKey) => boolean> {
  const able = new Set<number>();
  for (const key of await credentials.keys()) {
    const isGood = key.expiresAt === null || key.expiresAt > now;
    if (isGood && mayEverything(await powerOf(credentials, key))) {
      able.add(key.id);
    }
  }
  return ({ id }) => able.has(id);
}
