import type { NewEvent } from '../custody/event.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import { isInForce, preventingEntry } from '../list/judge.ts';
import type { ListedHash } from '../list/listed-hash.ts';
import type { Ports } from '../ports/ports.ts';
import type { Reader, Transaction } from '../ports/store/store.ts';
import type { RemediationRow, RowResult } from '../remediation/remediation.ts';
import type { Milliseconds } from '../time.ts';
import type { JudgedRow, Verdict } from './judge-remediation.ts';
import { listIn, readHashes } from './list-hashes.ts';
import { type NewOrder, type Origin, openActions } from './open-action.ts';

export interface ToSettle {
  readonly origin: Origin;
  readonly rows: readonly JudgedRow[];
  /** Of the events of the actions. */
  readonly facts: NewEvent['facts'];
}

export interface Settled {
  readonly rows: readonly RemediationRow[];
  /** Whom to ring for after the commit. */
  readonly endpoints: readonly EndpointId[];
}

type Order = Extract<Verdict, { kind: 'quarantine' | 'restore' }>;
type Restore = Extract<Verdict, { kind: 'restore' }>;
type Block = Extract<Verdict, { kind: 'block' }>;
type SettlePorts = Pick<Ports, 'clock' | 'random' | 'policy'>;
type Results = Map<Verdict, RowResult>;

/**
 * Does what was found to be possible, inside the caller's transaction. Blocking comes first: what one request both blocks and
 * restores would be taken again at once, and so is not restored. What several rows ask for is ordered once.
 */
export async function settleRows(
  ports: SettlePorts,
  transaction: Transaction,
  { origin, rows, facts }: ToSettle,
): Promise<Settled> {
  const verdicts = rows.map(({ verdict }) => verdict);
  const results: Results = new Map();
  for (const verdict of verdicts) {
    if (verdict.kind === 'failed') {
      results.set(verdict, verdict);
    }
  }
  await settleBlocks(ports, transaction, { origin, results, blocks: verdicts.filter(isBlock) });
  await refuseRestores(transaction, { restores: verdicts.filter(isRestore), results, now: ports.clock.now() });
  const orders = verdicts.filter(isOrder).filter((order) => !results.has(order));
  await settleOrders(ports, transaction, { origin, facts, results, orders });
  return {
    rows: rows.flatMap(({ verdict, ...row }) => {
      const result = results.get(verdict);
      return result === undefined ? [] : [{ ...row, result }];
    }),
    endpoints: [...new Set(orders.map(({ endpointId }) => endpointId))],
  };
}

async function settleBlocks(
  ports: SettlePorts,
  transaction: Transaction,
  {
    origin,
    blocks,
    results,
  }: { readonly origin: Origin; readonly blocks: readonly Block[]; readonly results: Results },
): Promise<void> {
  if (blocks.length === 0) {
    return;
  }
  const now = ports.clock.now();
  const listed = await entriesOf(transaction, blocks, now);
  const possible = blocks.filter((block) => {
    const allowed = block.hashes.find((hash) => hash !== block.hash && listed.get(hash)?.list === 'allow');
    if (allowed !== undefined) {
      const message = `The hash ${allowed} of the same file is on the allow list, which goes before: take it off first.`;
      results.set(block, { kind: 'failed', failure: 'conflict', message });
    }
    return allowed === undefined;
  });
  const wanted = new Set(possible.map(({ hash }) => hash).filter((hash) => !isBlockedForGood(listed.get(hash))));
  const hashes = [...wanted];
  const decision = { list: 'block', prevent: true, comment: 'Blocked by a remediation.' } as const;
  const done =
    hashes.length === 0
      ? { refused: [] }
      : await listIn(ports, transaction, { origin, hashes, asked: readHashes(hashes), ...decision });
  const refused = new Map(done.refused.map(({ hash, message }) => [hash, message]));
  for (const block of possible) {
    const message = refused.get(block.hash);
    results.set(
      block,
      message === undefined
        ? { kind: 'listed', hash: block.hash }
        : { kind: 'failed', failure: 'refused', message: `Nothing was blocked. ${message}` },
    );
  }
}

/** What somebody said of it then stays. */
function isBlockedForGood(entry: ListedHash | undefined): boolean {
  return entry?.list === 'block' && entry.prevent && entry.expiresAt === null;
}

async function refuseRestores(
  reader: Pick<Reader, 'hashLists'>,
  {
    restores,
    results,
    now,
  }: { readonly restores: readonly Restore[]; readonly results: Results; readonly now: Milliseconds },
): Promise<void> {
  const listed = await entriesOf(reader, restores, now);
  for (const restore of restores) {
    const entry = preventingEntry(restore.hashes, listed, now);
    if (entry !== undefined) {
      const message = `The hash ${entry.hash} is on the block list, so the file would be quarantined again: take the hash off the list, or put it on the allow list, first.`;
      results.set(restore, { kind: 'failed', failure: 'conflict', message });
    }
  }
}

/** What is in force of these contents' hashes. */
async function entriesOf(
  { hashLists }: Pick<Reader, 'hashLists'>,
  contents: readonly { readonly hashes: readonly string[] }[],
  now: Milliseconds,
): Promise<ReadonlyMap<string, ListedHash>> {
  const hashes = [...new Set(contents.flatMap((content) => content.hashes))];
  const entries = hashes.length === 0 ? [] : await hashLists.byHashes(hashes);
  return new Map(entries.filter((entry) => isInForce(entry, now)).map((entry) => [entry.hash, entry]));
}

async function settleOrders(
  ports: SettlePorts,
  transaction: Transaction,
  {
    origin,
    facts,
    orders,
    results,
  }: Pick<ToSettle, 'origin' | 'facts'> & { readonly orders: readonly Order[]; readonly results: Results },
): Promise<void> {
  const groups = [...Map.groupBy(orders, keyOf).values()];
  const requests = groups.flatMap((group) => group.slice(0, 1)).map((order) => newOrder(order, { origin, facts }));
  const actions = await openActions(ports, transaction, requests);
  for (const [index, { id }] of actions.entries()) {
    for (const order of groups[index] ?? []) {
      results.set(order, { kind: 'ordered', actionId: id });
    }
  }
}

function newOrder(order: Order, { origin, facts }: Pick<ToSettle, 'origin' | 'facts'>): NewOrder {
  const { endpointId, sha256 } = order;
  const parameters =
    order.kind === 'quarantine'
      ? ({ verb: 'quarantine', path: order.path, sha256, overrideProtection: false } as const)
      : ({ verb: 'restore', sha256, vaultObject: order.vaultObject, to: null, ifOccupied: 'fail' } as const);
  return { origin, facts, targets: [{ endpointId, parameters }] };
}

/** Two rows with the same key mean the same file. */
function keyOf(order: Order): string {
  return order.kind === 'restore'
    ? `restore ${order.vaultObject}`
    : `quarantine ${order.endpointId} ${order.sha256} ${Buffer.from(order.path).toString('latin1')}`;
}

function isBlock(verdict: Verdict): verdict is Block {
  return verdict.kind === 'block';
}

function isRestore(verdict: Verdict): verdict is Restore {
  return verdict.kind === 'restore';
}

function isOrder(verdict: Verdict): verdict is Order {
  return verdict.kind === 'quarantine' || verdict.kind === 'restore';
}
