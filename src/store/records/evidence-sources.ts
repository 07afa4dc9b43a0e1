import { sql } from 'kysely';
import type { ActionId } from '#core/action/action-id.ts';
import type { Sha256 } from '#core/file/hash.ts';
import type { EvidenceSource } from '#core/ports/store/evidence.ts';
import type { Listing } from '#core/ports/store/page.ts';
import type { Session } from '../session.ts';

type ListingsOf<Item> = ReadonlyMap<Sha256, Listing<Item>>;

/** Ids are digits without leading zeros: the longer one is the greater. */
const actionIdLength = sql`length(tasks.action_id)`;

/** The claims are counted and ranked where they lie; what is shown of each is looked up for those alone that are. */
export async function sourcesOf(
  { db, dialect }: Session,
  hashes: readonly Sha256[],
  most: number,
): Promise<ListingsOf<EvidenceSource>> {
  const ranked = db
    .selectFrom('evidence_claims')
    .innerJoin('tasks', 'tasks.id', 'evidence_claims.task_id')
    .select([
      ...(['evidence_claims.sha256', 'evidence_claims.task_id', 'evidence_claims.ordinal'] as const),
      ...(['evidence_claims.claimed_at', 'tasks.action_id', 'tasks.endpoint_id'] as const),
    ])
    .select(({ fn }) => [
      fn
        .agg<number>('row_number')
        .over((over) =>
          over
            .partitionBy('evidence_claims.sha256')
            .orderBy('evidence_claims.claimed_at', 'desc')
            .orderBy('evidence_claims.task_id')
            .orderBy('evidence_claims.ordinal'),
        )
        .as('place'),
      fn
        .countAll<number>()
        .over((over) => over.partitionBy('evidence_claims.sha256'))
        .as('total'),
    ])
    .where(dialect.among('evidence_claims.sha256', hashes))
    .as('ranked');
  const rows = await db
    .selectFrom(ranked)
    .innerJoin('actions', 'actions.id', 'ranked.action_id')
    .leftJoin('outcomes', (join) =>
      join.onRef('outcomes.task_id', '=', 'ranked.task_id').onRef('outcomes.ordinal', '=', 'ranked.ordinal'),
    )
    .selectAll('ranked')
    .select(['actions.incident_id', 'outcomes.display_path'])
    .where('ranked.place', '<=', most)
    .orderBy('ranked.sha256')
    .orderBy('ranked.place')
    .execute();
  return listings(rows, (row) => ({
    ...{ sha256: row.sha256, taskId: row.task_id, ordinal: row.ordinal, at: row.claimed_at },
    ...{ actionId: row.action_id, endpointId: row.endpoint_id, incidentId: row.incident_id },
    displayPath: row.display_path,
  }));
}

export async function claimingActions(
  { db, dialect }: Session,
  hashes: readonly Sha256[],
  most: number,
): Promise<ListingsOf<ActionId>> {
  const claiming = db
    .selectFrom('evidence_claims')
    .innerJoin('tasks', 'tasks.id', 'evidence_claims.task_id')
    .select(['evidence_claims.sha256', 'tasks.action_id'])
    .select(({ fn }) => [
      fn
        .agg<number>('row_number')
        .over((over) =>
          over
            .partitionBy('evidence_claims.sha256')
            .orderBy(fn.min('evidence_claims.claimed_at'), 'desc')
            .orderBy(actionIdLength, 'desc')
            .orderBy('tasks.action_id', 'desc'),
        )
        .as('place'),
      fn
        .countAll<number>()
        .over((over) => over.partitionBy('evidence_claims.sha256'))
        .as('total'),
    ])
    .where(dialect.among('evidence_claims.sha256', hashes))
    .groupBy(['evidence_claims.sha256', 'tasks.action_id'])
    .as('claiming');
  const newest = db.selectFrom(claiming).selectAll().where('place', '<=', most);
  return listings(await newest.orderBy('sha256').orderBy('place').execute(), (row) => row.action_id);
}

function listings<Row extends { readonly sha256: Sha256; readonly total: number }, Item>(
  rows: readonly Row[],
  toItem: (row: Row) => Item,
): ListingsOf<Item> {
  const grouped = Map.groupBy(rows, (row) => row.sha256);
  return new Map(
    [...grouped].map(([sha256, group]) => [
      sha256,
      { items: group.map(toItem), total: group[0]?.total ?? group.length },
    ]),
  );
}
