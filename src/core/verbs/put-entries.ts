import { demandPermission, type Principal } from '../access/principal.ts';
import { Fault } from '../fault.ts';
import { isInForce } from '../list/judge.ts';
import type { HashAlgorithm, ListedHash, ListKind } from '../list/listed-hash.ts';
import type { Ports } from '../ports/ports.ts';
import type { Transaction } from '../ports/store/store.ts';
import type { Milliseconds } from '../time.ts';
import type { Origin } from './open-action.ts';
import { recordListChange } from './record-list-change.ts';
import { findIncident } from './resolve-incident.ts';

export interface EntriesToPut {
  readonly origin: Origin;
  /** In lower case. */
  readonly accepted: ReadonlyMap<string, HashAlgorithm>;
  readonly list: ListKind;
  readonly prevent: boolean;
  readonly comment?: string | undefined;
  readonly expiresAt?: Milliseconds | undefined;
}

export interface PutEntries {
  readonly changed: readonly ListedHash[];
  /** On this list before, with the same words. */
  readonly unchanged: readonly string[];
}

/** On both lists together (the vendor's own limit). */
const longestLists = 100_000;

/**
 * Writes what is to be on a list, and the event, within the caller's transaction.
 * @throws Fault `invalid_request` for an expiry that has passed, `permission_denied` for a block that quarantines new files by who may
 * not quarantine (a list is no second door to it, promise P47), `limit_exceeded` when the lists would be too long
 */
export async function putEntries(
  { clock }: Pick<Ports, 'clock'>,
  transaction: Transaction,
  request: EntriesToPut,
): Promise<PutEntries> {
  const { origin, accepted } = request;
  const listedAt = clock.now();
  demandToCome(request.expiresAt, listedAt);
  const named = origin.incidentId === undefined ? undefined : await findIncident(transaction, origin.incidentId);
  const incidentId = named?.id ?? origin.incidentId ?? null;
  const decision = {
    list: request.list,
    prevent: request.list === 'block' && request.prevent,
    comment: request.comment ?? '',
    expiresAt: request.expiresAt ?? null,
  } as const;
  const listing = { incidentId, listedBy: listerOf(origin.principal), dialect: origin.dialect, listedAt };
  const entries = [...accepted].map(([hash, algorithm]): ListedHash => ({ hash, algorithm, ...decision, ...listing }));
  const known = await transaction.hashLists.byHashes([...accepted.keys()]);
  const before = new Map(known.map((entry) => [entry.hash, entry]));
  const changed = entries.filter((entry) => !saysTheSame(entry, before.get(entry.hash)));
  if (changed.length > 0) {
    if (decision.prevent) {
      demandPermission(origin.principal, 'files.quarantine');
    }
    await transaction.hashLists.put(changed);
    await demandShortLists(transaction.hashLists, listedAt);
  }
  const hashes = changed.map(({ hash }) => hash);
  await recordListChange(transaction.events, {
    ...{ actor: origin.principal, at: listedAt, hashes, incidentId: named?.id },
    facts: { ...decision, incidentId, dialect: origin.dialect, reason: origin.reason?.toWellFormed() ?? null },
  });
  const told = new Set(hashes);
  return { changed, unchanged: [...accepted.keys()].filter((hash) => !told.has(hash)) };
}

function demandToCome(expiresAt: Milliseconds | undefined, now: Milliseconds): void {
  if (expiresAt !== undefined && expiresAt <= now) {
    const message = 'The entry would have expired already: name a later time, or none.';
    throw new Fault('invalid_request', message, { details: { field: 'expiresAt' } });
  }
}

/** One that has expired is on no list. */
function saysTheSame(entry: ListedHash, before: ListedHash | undefined): boolean {
  return (
    before !== undefined &&
    isInForce(before, entry.listedAt) &&
    before.list === entry.list &&
    before.prevent === entry.prevent &&
    before.comment === entry.comment &&
    before.expiresAt === entry.expiresAt
  );
}

/** What has expired makes room first. */
async function demandShortLists(hashLists: Transaction['hashLists'], now: Milliseconds): Promise<void> {
  const count = async () => (await hashLists.list({}, { offset: 0, limit: 0 })).total;
  if ((await count()) <= longestLists) {
    return;
  }
  await hashLists.removeExpired(now);
  if ((await count()) > longestLists) {
    throw new Fault('limit_exceeded', `The lists hold at most ${longestLists} hashes: take some off first.`, {
      details: { limit: longestLists },
    });
  }
}

/** Whoever lists a hash, as it is kept with it. */
export function listerOf({ kind, id, name, role }: Principal): ListedHash['listedBy'] {
  return { kind, id, name, role: role.name };
}
