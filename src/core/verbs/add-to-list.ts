import { isInForce } from '../list/judge.ts';
import type { ListedHash, ListKind } from '../list/listed-hash.ts';
import type { Ports } from '../ports/ports.ts';
import type { Milliseconds } from '../time.ts';
import { listIn, readHashes } from './list-hashes.ts';
import type { Origin } from './open-action.ts';

export interface AddToList {
  readonly origin: Origin;
  /** SHA-256, SHA-1 or MD5 in hex. */
  readonly hashes: readonly string[];
  readonly list: ListKind;
  readonly comment: string;
}

export interface AddedToList {
  readonly added: readonly string[];
  /** Those that were on either list before, and stay as they were. */
  readonly listedBefore: readonly string[];
}

/**
 * Puts the hashes that are on neither list on one of them: no decision that somebody has made is turned over. A hash that was listed as
 * bad, with nothing to be done about it, counts as not blocked yet. Nothing is listed when one of the hashes must not be blocked.
 * @throws Fault `invalid_request` for what is no hash, `limit_exceeded`, `conflict` when one of the hashes must not be blocked
 */
export async function addToList(
  ports: Pick<Ports, 'store' | 'clock' | 'random' | 'policy'>,
  { origin, hashes, list, comment }: AddToList,
): Promise<AddedToList> {
  const asked = readHashes(hashes);
  return ports.store.transact(async (transaction) => {
    const now = ports.clock.now();
    const entries = await transaction.hashLists.byHashes([...asked.keys()]);
    const decided = new Set(entries.filter((entry) => isDecided(entry, list, now)).map(({ hash }) => hash));
    const fresh = new Map([...asked].filter(([hash]) => !decided.has(hash)));
    const added = [...fresh.keys()];
    if (added.length > 0) {
      const request = { origin, hashes: added, list, prevent: true, comment, allOrNone: true };
      await listIn(ports, transaction, { ...request, asked: fresh });
    }
    return { added, listedBefore: [...asked.keys()].filter((hash) => decided.has(hash)) };
  });
}

function isDecided(entry: ListedHash, list: ListKind, now: Milliseconds): boolean {
  const mayBeSharpened = list === 'block' && entry.list === 'block' && !entry.prevent;
  return isInForce(entry, now) && !mayBeSharpened;
}
