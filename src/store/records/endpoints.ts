import type { EndpointOrder, EndpointReader, EndpointWriter } from '#core/ports/store/endpoints.ts';
import type { EndpointNameRow } from '../schema.ts';
import type { Session } from '../session.ts';
import { bulkTemplate, runBulk } from '../sql/bulk.ts';
import { endpointConditions } from './endpoint-filter.ts';
import { toEndpoint, toEndpointRow, toFactColumns, toNameRows } from './endpoint-row.ts';
import { demandPage } from './page.ts';

const orderColumns = {
  id: 'endpoints.id',
  enrolledAt: 'endpoints.enrolled_at',
  lastSeen: 'endpoints.last_seen',
  hostName: 'endpoints.host_name_lower',
} as const satisfies Record<EndpointOrder['by'], string>;

const directions = { ascending: 'asc', descending: 'desc' } as const satisfies Record<
  EndpointOrder['direction'],
  string
>;

export function endpointReader(session: Session): EndpointReader {
  const { db, dialect } = session;
  return {
    async byId(id) {
      const row = await db.selectFrom('endpoints').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toEndpoint(row);
    },
    async byIds(ids) {
      const query = db.selectFrom('endpoints').selectAll().where(dialect.among('endpoints.id', ids));
      return (await query.execute()).map(toEndpoint);
    },
    async targetsAmong(ids) {
      return await db
        .selectFrom('endpoints')
        .select(['id', 'number', 'platform'])
        .where(dialect.among('endpoints.id', ids))
        .where('revoked_at', 'is', null)
        .execute();
    },
    async allTargets() {
      const enrolled = db.selectFrom('endpoints').select(['id', 'number', 'platform']).where('revoked_at', 'is', null);
      return await enrolled.orderBy('id').execute();
    },
    async byNumbers(numbers) {
      const query = db.selectFrom('endpoints').selectAll().where(dialect.among('endpoints.number', numbers));
      return (await query.execute()).map(toEndpoint);
    },
    async list(filter, order, page) {
      const { offset, limit } = demandPage(page);
      const matching = db
        .selectFrom('endpoints')
        .where((builder) => builder.and(endpointConditions(session, filter, builder)));
      const { total } = await matching
        .select((builder) => builder.fn.countAll<number>().as('total'))
        .executeTakeFirstOrThrow();
      const rows = await matching
        .selectAll()
        .orderBy(orderColumns[order.by], directions[order.direction])
        .orderBy('endpoints.id')
        .offset(offset)
        .limit(limit)
        .execute();
      return { items: rows.map(toEndpoint), total };
    },
  };
}

export function endpointWriter(session: Session): EndpointWriter {
  const { db, dialect } = session;
  return {
    ...endpointReader(session),
    async insert(endpoint) {
      await db.insertInto('endpoints').values(toEndpointRow(endpoint)).execute();
      await runBulk(session, insertNames, toNameRows(endpoint.id, endpoint));
    },
    async updateFacts(id, facts, lastSeen) {
      const update = db
        .updateTable('endpoints')
        .set({ ...toFactColumns(facts), last_seen: lastSeen })
        .where('id', '=', id);
      const [updated] = await session.batch([
        update.compile(),
        db.deleteFrom('endpoint_names').where('endpoint_id', '=', id).compile(),
      ]);
      if (updated !== undefined && updated.changes > 0) {
        await runBulk(session, insertNames, toNameRows(id, facts));
      }
    },
    async updateKeys(id, vaultRecipient) {
      await db.updateTable('endpoints').set({ vault_recipient: vaultRecipient }).where('id', '=', id).execute();
    },
    async markSeen(ids, lastSeen, connectedUntil) {
      await db
        .updateTable('endpoints')
        .set({ last_seen: lastSeen, connected_until: connectedUntil })
        .where(dialect.among('endpoints.id', ids))
        .execute();
    },
    async clearPresence() {
      await db
        .updateTable('endpoints')
        .set({ connected_until: null })
        .where('connected_until', 'is not', null)
        .execute();
    },
  };
}

const insertNames = bulkTemplate<EndpointNameRow>((session, rows) =>
  session.db.insertInto('endpoint_names').values(rows),
);
