import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely';
import type { ListedHash } from '#core/list/listed-hash.ts';
import type { HashListFilter, HashListOrder, HashListReader, HashListWriter } from '#core/ports/store/hash-lists.ts';
import type { HashListRow, Schema } from '../schema.ts';
import type { Session } from '../session.ts';
import { bulkTemplate, runBulk } from '../sql/bulk.ts';
import { containsText } from './contains-text.ts';
import { demandPage } from './page.ts';

export function hashListReader(session: Session): HashListReader {
  const { db, dialect } = session;
  return {
    async byHashes(hashes) {
      if (hashes.length === 0) {
        return [];
      }
      const listed = db.selectFrom('hash_lists').selectAll().where(dialect.among('hash_lists.hash', hashes));
      return (await listed.execute()).map(toListed);
    },
    async anyPreventing(at) {
      const row = await db
        .selectFrom('hash_lists')
        .select('hash')
        .where('list', '=', 'block')
        .where('prevent', '=', 1)
        .where(({ or, eb }) => or([eb('expires_at', 'is', null), eb('expires_at', '>', at)]))
        .limit(1)
        .executeTakeFirst();
      return row !== undefined;
    },
    async list(filter, page, order = newestFirst) {
      const { offset, limit } = demandPage(page);
      const matching = db
        .selectFrom('hash_lists')
        .where((builder) => builder.and(listConditions(session, filter, builder)));
      const { total } = await matching
        .select((builder) => builder.fn.countAll<number>().as('total'))
        .executeTakeFirstOrThrow();
      const direction = order.direction === 'ascending' ? 'asc' : 'desc';
      const ordered = matching.selectAll().orderBy(orderings[order.by], direction).orderBy('hash');
      const rows = await ordered.offset(offset).limit(limit).execute();
      return { items: rows.map(toListed), total };
    },
  };
}

const newestFirst: HashListOrder = { by: 'listedAt', direction: 'descending' };

const orderings = {
  listedAt: sql<number>`listed_at`,
  hash: sql<string>`hash`,
  // The two databases have NULL at different ends.
  expiresAt: sql<number>`coalesce(expires_at, ${sql.lit(Number.MAX_SAFE_INTEGER)})`,
} as const satisfies Record<HashListOrder['by'], unknown>;

export function hashListWriter(session: Session): HashListWriter {
  const { db, dialect } = session;
  return {
    ...hashListReader(session),
    async put(entries) {
      // PostgreSQL refuses to touch a row twice in one statement; the last word counts.
      const each = new Map(entries.map((entry) => [entry.hash, entry]));
      await runBulk(session, putEntries, [...each.values()].map(toRow));
    },
    async remove(hashes) {
      const listed = db.deleteFrom('hash_lists').where(dialect.among('hash_lists.hash', hashes));
      return (await listed.returning('hash').execute()).map((row) => row.hash);
    },
    async removeExpired(at) {
      await db.deleteFrom('hash_lists').where('expires_at', '<=', at).execute();
    },
  };
}

const putEntries = bulkTemplate<HashListRow>((session, rows) =>
  session.db
    .insertInto('hash_lists')
    .values(rows)
    .onConflict((conflict) =>
      conflict.column('hash').doUpdateSet(({ ref }) => ({
        list: ref('excluded.list'),
        prevent: ref('excluded.prevent'),
        comment: ref('excluded.comment'),
        incident_id: ref('excluded.incident_id'),
        listed_by_kind: ref('excluded.listed_by_kind'),
        listed_by_id: ref('excluded.listed_by_id'),
        listed_by_name: ref('excluded.listed_by_name'),
        listed_by_role: ref('excluded.listed_by_role'),
        dialect: ref('excluded.dialect'),
        listed_at: ref('excluded.listed_at'),
        expires_at: ref('excluded.expires_at'),
      })),
    ),
);

function listConditions(
  { dialect }: Session,
  { list, hashes, at, prevent, ...parts }: HashListFilter,
  builder: ExpressionBuilder<Schema, 'hash_lists'>,
): Expression<SqlBool>[] {
  const conditions: Expression<SqlBool>[] = [];
  if (list !== undefined) {
    conditions.push(builder('list', '=', list));
  }
  if (hashes !== undefined) {
    conditions.push(dialect.among('hash_lists.hash', hashes));
  }
  if (prevent !== undefined) {
    conditions.push(builder('prevent', '=', prevent ? 1 : 0));
  }
  conditions.push(
    ...contains('hash', parts.hashContains),
    ...contains('comment', parts.commentContains),
    ...contains('listed_by_name', parts.listedByContains),
  );
  if (at !== undefined) {
    conditions.push(builder.or([builder('expires_at', 'is', null), builder('expires_at', '>', at)]));
  }
  return conditions;
}

function contains(
  column: 'hash' | 'comment' | 'listed_by_name',
  part: string | undefined,
): readonly Expression<SqlBool>[] {
  return part === undefined ? [] : [containsText(`hash_lists.${column}`, part)];
}

function toListed(row: HashListRow): ListedHash {
  return {
    hash: row.hash,
    algorithm: row.algorithm,
    list: row.list,
    prevent: row.prevent === 1,
    comment: row.comment,
    incidentId: row.incident_id,
    listedBy: {
      kind: row.listed_by_kind,
      id: row.listed_by_id,
      name: row.listed_by_name,
      role: row.listed_by_role,
    },
    dialect: row.dialect,
    listedAt: row.listed_at,
    expiresAt: row.expires_at,
  };
}

function toRow(entry: ListedHash): HashListRow {
  return {
    hash: entry.hash,
    algorithm: entry.algorithm,
    list: entry.list,
    prevent: entry.prevent ? 1 : 0,
    comment: entry.comment,
    incident_id: entry.incidentId,
    listed_by_kind: entry.listedBy.kind,
    listed_by_id: entry.listedBy.id,
    listed_by_name: entry.listedBy.name,
    listed_by_role: entry.listedBy.role,
    dialect: entry.dialect,
    listed_at: entry.listedAt,
    expires_at: entry.expiresAt,
  };
}
