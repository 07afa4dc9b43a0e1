import { type Expression, type SqlBool, sql } from 'kysely';
import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import type { Presence } from '#core/endpoint/presence.ts';
import type { EndpointOrder, EndpointReader, EndpointWriter } from '#core/ports/store/endpoints.ts';
import type { Milliseconds } from '#core/time.ts';
import { writeTextList } from '../json/text-list.ts';
import type { EndpointNameRow } from '../schema.ts';
import type { Session } from '../session.ts';
import { bulkTemplate, runBulk } from '../sql/bulk.ts';
import { keptQuery } from '../sql/kept-query.ts';
import { endpointConditions, isAt } from './endpoint-filter.ts';
import { toEndpoint, toEndpointRow, toFactColumns, toNameRows } from './endpoint-row.ts';
import { demandPage } from './page.ts';

const updateTags = bulkTemplate<{ readonly id: string; readonly tags: string }>(({ db }, rows) => {
  const values = sql.join(rows.map(({ id, tags }) => sql`(${id}, ${tags})`));
  const update = sql`update endpoints set tags_json = given.column2 from (values ${values}) as given
    where endpoints.id = given.column1`;
  return { compile: () => update.compile(db) };
});

interface Seen {
  readonly ids: readonly EndpointId[];
  readonly lastSeen: Milliseconds;
  readonly connectedUntil: Milliseconds | null;
}

const endpointById = keptQuery(({ db }, { id }: { readonly id: EndpointId }) =>
  db.selectFrom('endpoints').selectAll().where('id', '=', id),
);

const endpointsByIds = keptQuery(({ db, dialect }, { ids }: Pick<Seen, 'ids'>) =>
  db.selectFrom('endpoints').selectAll().where(dialect.among('endpoints.id', ids)),
);

const revokedAmong = keptQuery(({ db, dialect }, { ids }: Pick<Seen, 'ids'>) =>
  db.selectFrom('endpoints').select('id').where(dialect.among('endpoints.id', ids)).where('revoked_at', 'is not', null),
);

const markSeen = keptQuery(({ db, dialect }, { ids, lastSeen, connectedUntil }: Seen) =>
  db
    .updateTable('endpoints')
    .set({ last_seen: lastSeen, connected_until: connectedUntil })
    .where(dialect.among('endpoints.id', ids))
    .where('revoked_at', 'is', null),
);

const orderColumns = {
  id: 'endpoints.id',
  enrolment: 'endpoints.enrolment',
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
      const row = await endpointById.first(session, { id });
      return row && toEndpoint(row);
    },
    async byIds(ids) {
      return (await endpointsByIds.all(session, { ids })).map(toEndpoint);
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
    async count(filter, now) {
      return await db
        .selectFrom('endpoints')
        .where((builder) => builder.and(endpointConditions(session, filter, builder)))
        .select((builder) => {
          const here = (presence: Presence) =>
            builder.and([builder('archived_at', 'is', null), isAt(builder, presence, now)]);
          const counted = (condition: Expression<SqlBool>) =>
            builder.fn.count<number>(builder.case().when(condition).then(1).end());
          return [
            counted(here('connected')).as('connected'),
            counted(here('disconnected')).as('disconnected'),
            counted(here('lost')).as('lost'),
            counted(builder('archived_at', 'is not', null)).as('archived'),
          ];
        })
        .executeTakeFirstOrThrow();
    },
    async revokedAmong(ids) {
      return (await revokedAmong.all(session, { ids })).map((row) => row.id);
    },
  };
}

export function endpointWriter(session: Session): EndpointWriter {
  const { db, dialect } = session;
  return {
    ...endpointReader(session),
    async insert(endpoint) {
      const enrolment = sql<number>`(select coalesce(max(enrolment), 0) + 1 from endpoints)`;
      await db
        .insertInto('endpoints')
        .values({ ...toEndpointRow(endpoint), enrolment })
        .execute();
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
      await session.run([markSeen.statement(session, { ids, lastSeen, connectedUntil })]);
    },
    async archive(ids, at, reason) {
      const archived = db
        .updateTable('endpoints')
        .set({ archived_at: at, archive_reason: reason })
        .where(dialect.among('endpoints.id', ids))
        .where('archived_at', 'is', null);
      return (await archived.returning('id').execute()).map((row) => row.id);
    },
    async unarchive(ids, reason) {
      const back = db
        .updateTable('endpoints')
        .set({ archived_at: null, archive_reason: reason })
        .where(dialect.among('endpoints.id', ids))
        .where('archived_at', 'is not', null);
      return (await back.returning('id').execute()).map((row) => row.id);
    },
    async revoke(ids, at) {
      const revoked = db
        .updateTable('endpoints')
        .set({ revoked_at: at, connected_until: null })
        .where(dialect.among('endpoints.id', ids))
        .where('revoked_at', 'is', null);
      return (await revoked.returning('id').execute()).map((row) => row.id);
    },
    async rename(ids, alias) {
      const renamed = db
        .updateTable('endpoints')
        .set({ alias, alias_lower: alias.toLowerCase() })
        .where(dialect.among('endpoints.id', ids))
        .where('alias', '!=', alias);
      return (await renamed.returning('id').execute()).map((row) => row.id);
    },
    async setTags(changes) {
      const rows = changes.map(({ id, tags }) => ({ id, tags: writeTextList(tags) }));
      await runBulk(session, updateTags, rows);
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
