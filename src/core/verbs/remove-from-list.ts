import { isInForce } from '../list/judge.ts';
import type { ListKind } from '../list/listed-hash.ts';
import type { Ports } from '../ports/ports.ts';
import { demandText } from './create-incident.ts';
import { readHashes } from './list-hashes.ts';
import type { Origin } from './open-action.ts';
import { unlistIn } from './unlist-hashes.ts';

export interface RemoveFromList {
  readonly origin: Origin;
  /** SHA-256, SHA-1 or MD5 in hex. */
  readonly hashes: readonly string[];
  readonly list: ListKind;
  readonly comment: string;
}

/** Why an entry is taken off has as many characters as why it was put on. */
const longestComment = 4_096;

/**
 * Takes hashes off one list; those on the other one stay, and so does what is in vaults.
 * @returns those that were on the list.
 * @throws Fault `invalid_request` for what is no hash, `limit_exceeded`
 */
export async function removeFromList(
  ports: Pick<Ports, 'store' | 'clock'>,
  { origin, hashes, list, comment }: RemoveFromList,
): Promise<readonly string[]> {
  demandText('comment', comment, longestComment);
  const asked = [...readHashes(hashes).keys()];
  return ports.store.transact(async (transaction) => {
    const now = ports.clock.now();
    const entries = await transaction.hashLists.byHashes(asked);
    const listed = entries.filter((entry) => entry.list === list && isInForce(entry, now)).map(({ hash }) => hash);
    const said = { comment, incident: origin.incidentId };
    return unlistIn(ports, transaction, { by: origin.principal, asked: listed, said });
  });
}
