import type { Principal } from '../access/principal.ts';
import type { Ports } from '../ports/ports.ts';
import type { Transaction } from '../ports/store/store.ts';
import { readHashes } from './list-hashes.ts';
import { recordListChange } from './record-list-change.ts';

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
  return ports.store.transact((transaction) => unlistIn(ports, transaction, { by, asked }));
}

/** As `unlistHashes`, within the caller's transaction. */
export async function unlistIn(
  { clock }: Pick<Ports, 'clock'>,
  { hashLists, events }: Transaction,
  { by, asked }: { readonly by: Pick<Principal, 'kind' | 'id' | 'name'>; readonly asked: readonly string[] },
): Promise<readonly string[]> {
  const removed = await hashLists.remove(asked);
  await recordListChange(events, { actor: by, at: clock.now(), hashes: removed, facts: { list: null } });
  return removed;
}
