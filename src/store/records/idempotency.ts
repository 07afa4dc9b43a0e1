import type { IdempotencyReader, IdempotencyWriter } from '#core/ports/store/idempotency.ts';
import type { Session } from '../session.ts';

export function idempotencyReader({ db }: Session): IdempotencyReader {
  return {
    async byKey(key) {
      const row = await db
        .selectFrom('answered_requests')
        .select(['sealed', 'expires_at'])
        .where('principal_kind', '=', key.principalKind)
        .where('principal_id', '=', key.principalId)
        .where('key_hash', '=', key.keyHash)
        .executeTakeFirst();
      return row && { ...key, sealed: row.sealed, expiresAt: row.expires_at };
    },
    async count({ principalKind, principalId }) {
      const row = await db
        .selectFrom('answered_requests')
        .select(({ fn }) => fn.countAll<number>().as('kept'))
        .where('principal_kind', '=', principalKind)
        .where('principal_id', '=', principalId)
        .executeTakeFirstOrThrow();
      return Number(row.kept);
    },
  };
}

export function idempotencyWriter(session: Session): IdempotencyWriter {
  return {
    ...idempotencyReader(session),
    async insert(answered) {
      await session.db
        .insertInto('answered_requests')
        .values({
          principal_kind: answered.principalKind,
          principal_id: answered.principalId,
          key_hash: answered.keyHash,
          sealed: answered.sealed,
          expires_at: answered.expiresAt,
        })
        .execute();
    },
    async deleteExpired(now) {
      await session.db.deleteFrom('answered_requests').where('expires_at', '<=', now).execute();
    },
  };
}
