import { Fault } from '#core/fault.ts';
import { emptyFrontier, type Frontier, grow, rootOf } from '#core/ledger/frontier.ts';
import { writeLeaf } from '#core/ledger/leaf.ts';
import type { Node } from '#core/ledger/subtree.ts';
import { hashLeaf, type TreeHash } from '#core/ledger/tree-hash.ts';
import type { LedgerReader, LedgerWriter } from '#core/ports/store/ledger.ts';
import type { Statement, StatementResult } from '../backend.ts';
import type { EventRow, LedgerNodeRow, LedgerRow } from '../schema.ts';
import type { Session } from '../session.ts';
import { bulkStatements, bulkTemplate } from '../sql/bulk.ts';
import { keptQuery } from '../sql/kept-query.ts';
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
      const found = nodes.length === 0 ? [] : await session.run(nodes.map((node) => keptBelow(session, node)));
      return nodes.map((node, index) => nodeHash(node, found[index]));
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

const ledgerRow = keptQuery(({ db }, _: object) =>
  db.selectFrom('ledger').select(['size', 'peaks']).where('name', '=', name),
);

const lastEvent = keptQuery(({ db }, _: object) =>
  db.selectFrom('events').select('sequence').orderBy('sequence', 'desc').limit(1),
);

async function keptFrontier(session: Session): Promise<Frontier> {
  return frontierOf(await ledgerRow.first(session, {}));
}

function frontierOf(row: Pick<LedgerRow, 'size' | 'peaks'> | undefined): Frontier {
  if (row === undefined) {
    return emptyFrontier;
  }
  const { size, peaks } = row;
  const count = peaks.length / hashLength;
  const peak = (at: number) => peaks.slice(at * hashLength, (at + 1) * hashLength);
  return { size, peaks: Array.from({ length: count }, (_, at) => peak(at)) };
}

/** Makes leaves of the rows that come next; there is at least one. */
export function growthOf(session: Session, frontier: Frontier, rows: readonly EventRow[]): readonly Statement[] {
  const leaves = rows.map((row, index) => ({ level: 0, index: frontier.size + index, hash: hashLeaf(leafOf(row)) }));
  const grown = grow(
    frontier,
    leaves.map(({ hash }) => hash),
  );
  const kept = [...leaves, ...grown.nodes.filter(({ level }) => level % keptLevels === 0)];
  const nodes = kept.map(({ level, index, hash }): LedgerNodeRow => ({ level, ordinal: index, hash }));
  const { size, peaks } = grown.frontier;
  const row = { size, peaks: new Uint8Array(Buffer.concat(peaks)) };
  return [...bulkStatements(session, insertNodes, nodes), putLedger.statement(session, row)];
}

const putLedger = keptQuery(({ db }, { size, peaks }: Pick<LedgerRow, 'size' | 'peaks'>) =>
  db
    .insertInto('ledger')
    .values({ name, size, peaks })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ size, peaks })),
);

const insertNodes = bulkTemplate<LedgerNodeRow>((session, rows) => session.db.insertInto('ledger_nodes').values(rows));

/** The frontier once every event is a leaf. All but those of an older program are so from the beginning. */
export async function sealedFrontier(session: Session): Promise<Frontier> {
  for (;;) {
    const [last, ledger] = await session.run([lastEvent.statement(session, {}), ledgerRow.statement(session, {})]);
    const frontier = frontierOf(ledgerRow.rowsOf(ledger)[0]);
    if (frontier.size >= (lastEvent.rowsOf(last)[0]?.sequence ?? 0)) {
      return frontier;
    }
    await seal(session, sealedAtOnce);
  }
}

async function seal(session: Session, limit: number): Promise<number> {
  const frontier = await keptFrontier(session);
  const rows = await eventsAfter(session, frontier.size, limit);
  if (rows.length > 0) {
    await session.run(growthOf(session, frontier, rows));
  }
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

const nodesOf = keptQuery(({ db }, { level, from, to }: { level: number; from: number; to: number }) =>
  db
    .selectFrom('ledger_nodes')
    .select('hash')
    .where('level', '=', level)
    .where('ordinal', '>=', from)
    .where('ordinal', '<', to)
    .orderBy('ordinal'),
);

function keptBelow(session: Session, { level, index }: Node): Statement {
  const below = level % keptLevels;
  const count = 2 ** below;
  return nodesOf.statement(session, { level: level - below, from: index * count, to: (index + 1) * count });
}

function nodeHash({ level, index }: Node, result: StatementResult | undefined): TreeHash {
  const rows = nodesOf.rowsOf(result);
  if (rows.length !== 2 ** (level % keptLevels)) {
    throw new Fault('not_found', `The ledger lacks node ${index} of level ${level}.`, { details: { what: 'ledger' } });
  }
  return rootOf(
    grow(
      emptyFrontier,
      rows.map(({ hash }) => hash),
    ).frontier,
  );
}
