import { demandPermission } from '../access/principal.ts';
import type { Action } from '../action/action.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import { Fault } from '../fault.ts';
import type { FileRecord } from '../file/file.ts';
import { hashesOf, readHash } from '../list/judge.ts';
import { type HashAlgorithm, hashAlgorithms, type ListedHash, type ListKind } from '../list/listed-hash.ts';
import type { Ports } from '../ports/ports.ts';
import type { Reader, Transaction } from '../ports/store/store.ts';
import type { Milliseconds } from '../time.ts';
import { demandText } from './create-incident.ts';
import { type Origin, openAction } from './open-action.ts';
import { findIncident } from './resolve-incident.ts';

export interface ListHashes {
  readonly origin: Origin;
  /** SHA-256, SHA-1 or MD5 in hex, in any mixture. */
  readonly hashes: readonly string[];
  readonly list: ListKind;
  /** Of the block list: quarantines new files that have the hash. */
  readonly prevent: boolean;
  readonly comment?: string | undefined;
  readonly expiresAt?: Milliseconds | undefined;
  /** Quarantines the copies that are there already, too. */
  readonly quarantineExisting?: boolean | undefined;
  /** Nothing is listed when one of the hashes is refused. */
  readonly allOrNone?: boolean | undefined;
}

export const listRefusals = ['empty_file', 'packaged'] as const;

export interface RefusedHash {
  readonly hash: string;
  readonly reason: (typeof listRefusals)[number];
  /** One sentence. */
  readonly message: string;
}

export interface ListedHashes {
  readonly listed: readonly ListedHash[];
  readonly refused: readonly RefusedHash[];
  /** Those that were on this list before, with the same words. */
  readonly unchanged: readonly string[];
  /** Files that have one of the hashes now, the first ten thousand; nothing happens to them unless that was asked for. */
  readonly copies: readonly FileRecord[];
  readonly copiesCount: number;
  /** The quarantines of existing copies, one for each SHA-256. */
  readonly actions: readonly Action[];
}

/** In the answer of one call, and in one call. */
const mostHashes = 10_000;
/** On both lists together (the vendor's own limit). */
const longestLists = 100_000;

/** What hashing nothing gives: half the files of a machine have it. */
const emptyFile: Record<HashAlgorithm, string> = {
  sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  sha1: 'da39a3ee5e6b4b0d3255bfef95601890afd80709',
  md5: 'd41d8cd98f00b204e9800998ecf8427e',
};

/**
 * Puts hashes on the block or the allow list. The hash of the empty file, and bytes that a package manager vouches for on any
 * endpoint, are never blocked.
 * @throws Fault `invalid_request` for what is no hash, `limit_exceeded`, `permission_denied` for the quarantine of copies by who
 * may not, `conflict` when `allOrNone` is asked for and one hash is refused
 */
export async function listHashes(
  ports: Pick<Ports, 'store' | 'clock' | 'random' | 'policy' | 'doorbell'>,
  request: ListHashes,
): Promise<ListedHashes> {
  const asked = readHashes(request.hashes);
  demandText('comment', request.comment ?? '', 4_096);
  if (request.quarantineExisting === true) {
    demandPermission(request.origin.principal, 'files.quarantine');
  }
  const done = await ports.store.transact((transaction) => listIn(ports, transaction, { ...request, asked }));
  ports.doorbell.ring([...new Set(done.actions.flatMap(({ endpoints }) => endpoints))]);
  return { ...done, actions: done.actions.map(({ action }) => action) };
}

/** As `listHashes`, within the caller's transaction; the caller rings for `endpoints` after the commit. */
export async function listIn(
  ports: Pick<Ports, 'clock' | 'random' | 'policy'>,
  transaction: Transaction,
  request: ListHashes & { readonly asked: ReadonlyMap<string, HashAlgorithm> },
) {
  const { asked, origin, list } = request;
  const copies = await copiesOf(transaction, asked);
  const refused = list === 'block' ? refusals(asked, copies.items) : [];
  if (request.allOrNone === true && refused[0] !== undefined) {
    throw new Fault('conflict', `Nothing was listed. ${refused.map(({ message }) => message).join(' ')}`, {
      details: { what: 'hash', refused: refused.map(({ hash }) => hash) },
    });
  }
  const refusedHashes = new Set(refused.map(({ hash }) => hash));
  const accepted = new Map([...asked].filter(([hash]) => !refusedHashes.has(hash)));
  const { changed, unchanged } = await putEntries(ports, transaction, { ...request, accepted });
  const wanted = copies.items.filter((file) => hashesOf(file).some((hash) => accepted.has(hash)));
  const orders = request.quarantineExisting === true && list === 'block' ? bySha256(wanted) : [];
  const actions: { readonly action: Action; readonly endpoints: readonly EndpointId[] }[] = [];
  for (const [sha256, endpoints] of orders) {
    const parameters = { verb: 'quarantine', path: null, sha256, overrideProtection: false } as const;
    const targets = endpoints.map((endpointId) => ({ endpointId, parameters }));
    const facts = { because: 'block_list' };
    actions.push({ action: await openAction(ports, transaction, { origin, targets, facts }), endpoints });
  }
  return { listed: changed, refused, unchanged, copies: wanted, copiesCount: copies.total, actions };
}

/** @throws Fault `invalid_request`, `limit_exceeded` */
export function readHashes(texts: readonly string[]): ReadonlyMap<string, HashAlgorithm> {
  if (texts.length > mostHashes) {
    throw new Fault('limit_exceeded', `One call names at most ${mostHashes} hashes; ${texts.length} were named.`, {
      details: { limit: mostHashes, asked: texts.length },
    });
  }
  return new Map(
    texts.map((text) => {
      const read = readHash(text);
      if (read === undefined) {
        throw new Fault('invalid_request', `"${text.slice(0, 100)}" is no SHA-256, SHA-1 or MD5 in hex.`, {
          details: { field: 'hash' },
        });
      }
      return [read.hash, read.algorithm];
    }),
  );
}

async function copiesOf({ files }: Pick<Reader, 'files'>, asked: ReadonlyMap<string, HashAlgorithm>) {
  const items: FileRecord[] = [];
  let total = 0;
  for (const algorithm of hashAlgorithms) {
    const values = [...asked].filter(([, each]) => each === algorithm).map(([hash]) => hash);
    if (values.length > 0) {
      const conditions = [{ field: algorithm, operator: 'equals', values }] as const;
      const found = await files.list({ conditions, states: ['present'] }, { offset: 0, limit: 10_000 });
      items.push(...found.items);
      total += found.total;
    }
  }
  return { items, total };
}

function refusals(asked: ReadonlyMap<string, HashAlgorithm>, copies: readonly FileRecord[]): readonly RefusedHash[] {
  const vouched = new Map(
    copies.flatMap((file) => (file.package === null ? [] : hashesOf(file).map((hash) => [hash, file] as const))),
  );
  return [...asked].flatMap(([hash, algorithm]): RefusedHash[] => {
    if (hash === emptyFile[algorithm]) {
      return [{ hash, reason: 'empty_file', message: `${hash} is the hash of the empty file.` }];
    }
    const file = vouched.get(hash);
    if (file === undefined) {
      return [];
    }
    const message = `${hash} is what the package ${file.package} has at ${file.displayPath}.`;
    return [{ hash, reason: 'packaged', message }];
  });
}

type Accepted = ListHashes & { readonly accepted: ReadonlyMap<string, HashAlgorithm> };

async function putEntries(
  { clock }: Pick<Ports, 'clock'>,
  transaction: Transaction,
  request: Accepted,
): Promise<{ readonly changed: readonly ListedHash[]; readonly unchanged: readonly string[] }> {
  const { hashLists, events } = transaction;
  const { origin, accepted, list } = request;
  const named = origin.incidentId === undefined ? undefined : await findIncident(transaction, origin.incidentId);
  const listedAt = clock.now();
  const entries = [...accepted].map(
    ([hash, algorithm]): ListedHash => ({
      hash,
      algorithm,
      list,
      prevent: list === 'block' && request.prevent,
      comment: request.comment ?? '',
      incidentId: named?.id ?? origin.incidentId ?? null,
      listedBy: origin.principal,
      dialect: origin.dialect,
      listedAt,
      expiresAt: request.expiresAt ?? null,
    }),
  );
  const before = new Map((await hashLists.byHashes([...accepted.keys()])).map((entry) => [entry.hash, entry]));
  const changed = entries.filter((entry) => !saysTheSame(entry, before.get(entry.hash)));
  if (changed.length > 0) {
    await hashLists.put(changed);
    await demandShortLists(hashLists);
    const { prevent, comment, expiresAt } = changed[0] ?? {};
    const facts = { list, hashes: changed.map(({ hash }) => hash), prevent: prevent ?? false, comment: comment ?? '' };
    await events.append([
      {
        type: 'list_changed',
        at: listedAt,
        actor: origin.principal,
        ...(named !== undefined && { incidentId: named.id }),
        facts: { ...facts, expiresAt: expiresAt ?? null },
      },
    ]);
  }
  const kept = new Set(changed.map(({ hash }) => hash));
  return { changed, unchanged: [...accepted.keys()].filter((hash) => !kept.has(hash)) };
}

function saysTheSame(entry: ListedHash, before: ListedHash | undefined): boolean {
  const { list, prevent, comment, expiresAt } = entry;
  return (
    before?.list === list && before.prevent === prevent && before.comment === comment && before.expiresAt === expiresAt
  );
}

async function demandShortLists(hashLists: Transaction['hashLists']): Promise<void> {
  const { total } = await hashLists.list({}, { offset: 0, limit: 0 });
  if (total > longestLists) {
    throw new Fault('limit_exceeded', `The lists hold at most ${longestLists} hashes: take some off first.`, {
      details: { limit: longestLists },
    });
  }
}

function bySha256(files: readonly FileRecord[]) {
  const grouped = Map.groupBy(files, ({ sha256 }) => sha256);
  return [...grouped].map(
    ([sha256, group]) => [sha256, [...new Set(group.map(({ endpointId }) => endpointId))].sort()] as const,
  );
}
