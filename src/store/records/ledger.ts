import { Fault } from '#core/fault.ts';
import { emptyFrontier, type Frontier, grow, rootOf } from '#core/ledger/frontier.ts';
import { writeLeaf } from '#core/ledger/leaf.ts';
import type { Node } from '#core/ledger/subtree.ts';
import { hashLeaf, type TreeHash } from '#core/ledger/tree-hash.ts';
import type { LedgerReader, LedgerWriter } from '#core/ports/store/ledger.ts';
import type { EventRow, LedgerNodeRow } from '../schema.ts';
import type { Session } from '../session.ts';
import { bulkTemplate, runBulk } from '../sql/bulk.ts';
import { eventRows } from './event-rows.ts';

/** There is one ledger. */
const name = 'events';
const hashLength = 32;
const keptLevels = 8;
const sealedAtOnce = 1_000;

export function ledgerReader(session: Session): LedgerReader {
  return {
    frontier: () => keptFrontier(session),
    async nodes(nodes) {
      const hashes: TreeHash[] = [];
      for (const node of nodes) {
        hashes.push(await nodeHash(session, node));
      }
      return hashes;
    },
    async leaves(after, limit) {
      const rows = await eventsAfter(session, after, limit);
      const hashes = await leafHashes(session, rows);
      return rows.map((row) => ({
        ...{ sequence: row.sequence, bytes: leafOf(row) },
        hash: hashes.get(row.sequence - 1) ?? null,
      }));
    },
    async leavesOf(filter, after, limit) {
      const rows = await eventRows(session, filter, { after, limit });
      return rows.map((row) => ({ sequence: row.sequence, bytes: leafOf(row) }));
    },
  };
}

export function ledgerWriter(session: Session): LedgerWriter {
  return { ...ledgerReader(session), seal: (limit) => seal(session, limit) };
}

async function keptFrontier({ db }: Session): Promise<Frontier> {
  const row = await db.selectFrom('ledger').select(['size', 'peaks']).where('name', '=', name).executeTakeFirst();
  if (row === undefined) {
    return emptyFrontier;
  }
  const { size, peaks } = row;
  const count = peaks.length / hashLength;
  const peak = (at: number) => peaks.slice(at * hashLength, (at + 1) * hashLength);
  return { size, peaks: Array.from({ length: count }, (_, at) => peak(at)) };
}

/** Makes leaves of the rows that come next. */
export async function growLedger(session: Session, frontier: Frontier, rows: readonly EventRow[]): Promise<void> {
  if (rows.length === 0) {
    return;
  }
  const leaves = rows.map((row, index) => ({ level: 0, index: frontier.size + index, hash: hashLeaf(leafOf(row)) }));
  const grown = grow(
    frontier,
    leaves.map(({ hash }) => hash),
  );
  const kept = [...leaves, ...grown.nodes.filter(({ level }) => level % keptLevels === 0)];
  const nodes = kept.map(({ level, index, hash }): LedgerNodeRow => ({ level, ordinal: index, hash }));
  await runBulk(session, insertNodes, nodes);
  const row = { size: grown.frontier.size, peaks: new Uint8Array(Buffer.concat(grown.frontier.peaks)) };
  await session.db
    .insertInto('ledger')
    .values({ name, ...row })
    .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
    .execute();
}

const insertNodes = bulkTemplate<LedgerNodeRow>((session, rows) => session.db.insertInto('ledger_nodes').values(rows));

/** The frontier once every event up to this one is a leaf. All but those of an older program are so from the beginning. */
export async function sealedUpTo(session: Session, last: number): Promise<Frontier> {
  for (;;) {
    const frontier = await keptFrontier(session);
    if (frontier.size >= last) {
      return frontier;
    }
    await seal(session, sealedAtOnce);
  }
}

async function seal(session: Session, limit: number): Promise<number> {
  const frontier = await keptFrontier(session);
  const rows = await eventsAfter(session, frontier.size, limit);
  await growLedger(session, frontier, rows);
  return rows.length;
}

function eventsAfter({ db }: Session, after: number, limit: number): Promise<readonly EventRow[]> {
  return db.selectFrom('events').selectAll().where('sequence', '>', after).orderBy('sequence').limit(limit).execute();
}

async function leafHashes({ db }: Session, rows: readonly EventRow[]): Promise<ReadonlyMap<number, TreeHash>> {
  const nodes = await db
    .selectFrom('ledger_nodes')
    .select(['ordinal', 'hash'])
    .where('level', '=', 0)
    .where('ordinal', '>=', (rows[0]?.sequence ?? 1) - 1)
    .where('ordinal', '<', rows.at(-1)?.sequence ?? 0)
    .execute();
  return new Map(nodes.map(({ ordinal, hash }) => [ordinal, hash]));
}

function leafOf(row: EventRow): Uint8Array {
  return writeLeaf({
    ...{ sequence: row.sequence, type: row.type, at: row.at, facts: row.facts_json },
    actor: { kind: row.actor_kind, id: row.actor_id, name: row.actor_name },
    ...{ actionId: row.action_id, endpointId: row.endpoint_id, incidentId: row.incident_id },
  });
}

async function nodeHash({ db }: Session, { level, index }: Node): Promise<TreeHash> {
  const below = level % keptLevels;
  const count = 2 ** below;
  const rows = await db
    .selectFrom('ledger_nodes')
    .select('hash')
    .where('level', '=', level - below)
    .where('ordinal', '>=', index * count)
    .where('ordinal', '<', (index + 1) * count)
    .orderBy('ordinal')
    .execute();
  if (rows.length !== count) {
    throw new Fault('not_found', `The ledger lacks node ${index} of level ${level}.`, { details: { what: 'ledger' } });
  }
  return rootOf(
    grow(
      emptyFrontier,
      rows.map(({ hash }) => hash),
    ).frontier,
  );
}
