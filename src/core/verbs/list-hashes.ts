import { demandPermission } from '../access/principal.ts';
import type { Action } from '../action/action.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import { Fault } from '../fault.ts';
import type { FileRecord } from '../file/file.ts';
import { hashesOf, readHash } from '../list/judge.ts';
import type { HashAlgorithm, ListedHash, ListKind } from '../list/listed-hash.ts';
import { type RefusedHash, refusals } from '../list/refuse-block.ts';
import type { Ports } from '../ports/ports.ts';
import type { FileCopies, HashesByAlgorithm } from '../ports/store/files.ts';
import type { Reader, Transaction } from '../ports/store/store.ts';
import type { Milliseconds } from '../time.ts';
import { demandText } from './create-incident.ts';
import type { Origin } from './open-action.ts';
import { putEntries } from './put-entries.ts';
import { quarantineCopies } from './quarantine-copies.ts';

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

export interface ListedHashes {
  readonly listed: readonly ListedHash[];
  readonly refused: readonly RefusedHash[];
  /** Those that were on this list before, with the same words. */
  readonly unchanged: readonly string[];
  /** Files that have one of the hashes now, the first ten thousand; nothing happens to them unless that was asked for. */
  readonly copies: readonly FileRecord[];
  readonly copiesCount: number;
  /** The quarantines of existing copies, one for each SHA-256; none for what is allowed by another of its hashes. */
  readonly actions: readonly Action[];
}

/** In one call. */
const mostHashes = 10_000;
const longestComment = 4_096;
/** In one message. */
const mostNamed = 10;

/**
 * Puts hashes on the block or the allow list. The hash of the empty file, and bytes that a package manager vouches for on any
 * endpoint, are never blocked.
 * @throws Fault `invalid_request` for what is no hash, `limit_exceeded`, `permission_denied` for the quarantine of copies by who
 * may not, `limit_exceeded` when such copies are on more endpoints than one quarantine may name, `conflict` when `allOrNone` is asked for and one hash is refused
 */
export async function listHashes(
  ports: Pick<Ports, 'store' | 'clock' | 'random' | 'policy' | 'doorbell'>,
  request: ListHashes,
): Promise<ListedHashes> {
  const asked = readHashes(request.hashes);
  if (request.quarantineExisting === true) {
    demandPermission(request.origin.principal, 'files.quarantine');
  }
  const { endpoints, ...done } = await ports.store.transact((transaction) =>
    listIn(ports, transaction, { ...request, asked }),
  );
  ports.doorbell.ring(endpoints);
  return done;
}

/** As `listHashes`, within the caller's transaction; the caller rings for `endpoints` after the commit. */
export async function listIn(
  ports: Pick<Ports, 'clock' | 'random' | 'policy'>,
  transaction: Transaction,
  request: ListHashes & { readonly asked: ReadonlyMap<string, HashAlgorithm> },
): Promise<ListedHashes & { readonly endpoints: readonly EndpointId[] }> {
  const { asked, origin, list } = request;
  demandText('comment', request.comment ?? '', longestComment);
  // Counted, not listed: what vouches for a file must not be missed because the file is everywhere.
  const contents = await transaction.files.copiesOf(byAlgorithm(asked));
  const refused = list === 'block' ? refusals(asked, contents) : [];
  demandNoneRefused(request, refused);
  const refusedHashes = new Set(refused.map(({ hash }) => hash));
  const accepted = new Map([...asked].filter(([hash]) => !refusedHashes.has(hash)));
  const { changed, unchanged } = await putEntries(ports, transaction, { ...request, accepted });
  const wanted = contents.filter((content) => hashesOf(content).some((hash) => accepted.has(hash)));
  const taken = request.quarantineExisting === true && list === 'block' ? wanted : [];
  const orders = await quarantineCopies(ports, transaction, { origin, contents: taken });
  return {
    listed: changed,
    refused,
    unchanged,
    copies: await someCopies(transaction, wanted),
    copiesCount: wanted.reduce((sum, { copies }) => sum + copies, 0),
    ...orders,
  };
}

function demandNoneRefused({ allOrNone }: ListHashes, refused: readonly RefusedHash[]): void {
  if (allOrNone === true && refused.length > 0) {
    const named = refused.slice(0, mostNamed).map(({ message }) => message);
    const more = refused.length > mostNamed ? ` And ${refused.length - mostNamed} more.` : '';
    throw new Fault('conflict', `Nothing was listed. ${named.join(' ')}${more}`, {
      details: { what: 'hash', refused: refused.map(({ hash }) => hash) },
    });
  }
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

function byAlgorithm(asked: ReadonlyMap<string, HashAlgorithm>): HashesByAlgorithm {
  const of = (algorithm: HashAlgorithm) => [...asked].filter(([, each]) => each === algorithm).map(([hash]) => hash);
  return { sha256: of('sha256'), sha1: of('sha1'), md5: of('md5') };
}

async function someCopies(
  { files }: Pick<Reader, 'files'>,
  contents: readonly FileCopies[],
): Promise<readonly FileRecord[]> {
  if (contents.length === 0) {
    return [];
  }
  const values = [...new Set(contents.map(({ sha256 }) => sha256))];
  const conditions = [{ field: 'sha256', operator: 'equals', values }] as const;
  return (await files.list({ conditions, states: ['present'] }, { offset: 0, limit: 10_000 })).items;
}
