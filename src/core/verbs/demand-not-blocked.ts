import { demandPermission } from '../access/principal.ts';
import { Fault, type FaultDetails } from '../fault.ts';
import type { Sha256 } from '../file/hash.ts';
import { hashesOf, preventingEntry } from '../list/judge.ts';
import type { ListedHash } from '../list/listed-hash.ts';
import type { Ports } from '../ports/ports.ts';
import type { Reader, Transaction } from '../ports/store/store.ts';
import type { Milliseconds } from '../time.ts';
import type { Origin } from './open-action.ts';
import { listerOf } from './put-entries.ts';

/** What is about to be put back. */
export interface ReturningHashes {
  readonly origin: Origin;
  readonly hashes: readonly Sha256[];
  /** Puts those that are blocked on the allow list instead; needs a permission of its own. */
  readonly allow: boolean;
}

/**
 * A file that is put back although its hash is blocked would be taken again as soon as it is there. Within the caller's transaction.
 * @throws Fault `conflict` for a hash that is blocked; `permission_denied` for an `allow` by who may not.
 */
export async function demandNotBlocked(
  ports: Pick<Ports, 'clock'>,
  transaction: Transaction,
  { origin, hashes, allow }: ReturningHashes,
): Promise<void> {
  const blocked = await blockedAmong(transaction, hashes, ports.clock.now());
  const [entry] = blocked.values();
  if (entry !== undefined && !allow) {
    throw new Fault('conflict', blockedWords(entry), { details: blockedDetails(entry) });
  }
  await allowBlocked(ports, transaction, { origin, hashes: [...blocked.keys()] });
}

/**
 * Those of these hashes that are blocked, each with the entry because of which a file with these bytes would be quarantined wherever
 * it appears. In few questions to the store, however many hashes: it is asked within transactions that others wait for.
 */
export async function blockedAmong(
  reader: Pick<Reader, 'files' | 'hashLists'>,
  hashes: readonly Sha256[],
  now: Milliseconds,
): Promise<ReadonlyMap<Sha256, ListedHash>> {
  const asked = [...new Set(hashes)];
  if (asked.length === 0 || !(await reader.hashLists.anyPreventing(now))) {
    return new Map();
  }
  // The other hashes of these bytes, as far as an agent has ever told them.
  const told = new Map((await reader.files.hashesOf(asked)).map((each) => [each.sha256, hashesOf(each)]));
  const known = asked.map((sha256) => [sha256, told.get(sha256) ?? [sha256]] as const);
  const entries = await reader.hashLists.byHashes([...new Set(known.flatMap(([, all]) => all))]);
  const listed = new Map(entries.map((entry) => [entry.hash, entry]));
  return new Map(
    known.flatMap(([sha256, all]) => {
      const entry = preventingEntry(all, listed, now);
      return entry === undefined ? [] : [[sha256, entry] as const];
    }),
  );
}

/** What to do about it, too. */
export function blockedWords({ hash }: ListedHash): string {
  return `The hash ${hash} is on the block list, so the file would be quarantined again: take the hash off the list, or put it on the allow list, first.`;
}

export function blockedDetails({ hash }: ListedHash): FaultDetails {
  return { what: 'hash', hash };
}

/**
 * Puts hashes that are blocked on the allow list instead, within the caller's transaction; nothing happens without any.
 * @throws Fault `permission_denied`
 */
export async function allowBlocked(
  ports: Pick<Ports, 'clock'>,
  transaction: Transaction,
  { origin, hashes }: Pick<ReturningHashes, 'origin' | 'hashes'>,
): Promise<void> {
  if (hashes.length > 0) {
    demandPermission(origin.principal, 'lists.manage');
    await allowHashes(ports, transaction, { origin, hashes });
  }
}

async function allowHashes(
  { clock }: Pick<Ports, 'clock'>,
  { hashLists, events }: Transaction,
  { origin, hashes }: Pick<ReturningHashes, 'origin' | 'hashes'>,
): Promise<void> {
  const { principal, dialect, incidentId = null } = origin;
  const comment = 'Allowed by a restore.';
  const at = clock.now();
  const decision = { list: 'allow', prevent: false, comment } as const;
  const listing = { incidentId, dialect, listedBy: listerOf(principal), listedAt: at, expiresAt: null };
  await hashLists.put(hashes.map((hash) => ({ hash, algorithm: 'sha256', ...decision, ...listing }) as const));
  const facts = { ...decision, hashes, expiresAt: null };
  await events.append([{ type: 'list_changed', at, actor: principal, facts }]);
}
