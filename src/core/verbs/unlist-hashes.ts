import type { Principal } from '../access/principal.ts';
import type { Ports } from '../ports/ports.ts';
import { readHashes } from './list-hashes.ts';

/**
 * Takes hashes off whichever list they are on; what is in vaults stays there.
 * @returns those that were on one.
 * @throws Fault `invalid_request` for what is no hash, `limit_exceeded`
 */
export async function unlistHashes(
  ports: Pick<Ports, 'store' | 'clock'>,
  by: Pick<Principal, 'kind' | 'id' | 'name'>,
  texts: readonly string[],
): Promise<readonly string[]> {
  const asked = [...readHashes(texts).keys()];
  return ports.store.transact(async ({ hashLists, events }) => {
    const removed = await hashLists.remove(asked);
    if (removed.length > 0) {
      const facts = { list: null, hashes: removed };
      await events.append([{ type: 'list_changed', at: ports.clock.now(), actor: by, facts }]);
    }
    return removed;
  });
}
