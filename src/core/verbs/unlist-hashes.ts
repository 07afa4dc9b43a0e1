import type { Principal } from '../access/principal.ts';
import type { Ports } from '../ports/ports.ts';
import type { Transaction } from '../ports/store/store.ts';
import { readHashes } from './list-hashes.ts';
import { recordListChange } from './record-list-change.ts';
import { findIncident } from './resolve-incident.ts';

type Actor = Pick<Principal, 'kind' | 'id' | 'name'>;

export interface UnlistIn {
  readonly by: Actor;
  /** In lower case. */
  readonly asked: readonly string[];
  /** What was said of it, where something was. */
  readonly said?: { readonly comment: string; readonly incident: string | undefined };
}

/**
 * Takes hashes off whichever list they are on; what is in vaults stays there.
 * @returns those that were on one.
 * @throws Fault `invalid_request` for what is no hash, `limit_exceeded`
 */
export async function unlistHashes(
  ports: Pick<Ports, 'store' | 'clock'>,
  by: Actor,
  texts: readonly string[],
): Promise<readonly string[]> {
  const asked = [...readHashes(texts).keys()];
  return ports.store.transact((transaction) => unlistIn(ports, transaction, { by, asked }));
}

/** As `unlistHashes`, within the caller's transaction. */
export async function unlistIn(
  { clock }: Pick<Ports, 'clock'>,
  transaction: Transaction,
  { by, asked, said }: UnlistIn,
): Promise<readonly string[]> {
  const removed = await transaction.hashLists.remove(asked);
  const named = said?.incident === undefined ? undefined : await findIncident(transaction, said.incident);
  const told = said === undefined ? {} : { comment: said.comment, incidentId: named?.id ?? said.incident ?? null };
  await recordListChange(transaction.events, {
    ...{ actor: by, at: clock.now(), hashes: removed, incidentId: named?.id },
    facts: { list: null, ...told },
  });
  return removed;
}
