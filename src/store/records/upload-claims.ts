import { sql } from 'kysely';
import type { UploadClaim, UploadClaimReader, UploadClaimWriter } from '#core/ports/store/upload-claims.ts';
import type { UploadClaimRow } from '../schema.ts';
import type { Session } from '../session.ts';

/** Both databases tell it as a whole number. */
const total = sql<number>`cast(coalesce(sum(upload_claims.size), 0) as bigint)`;

export function uploadClaimReader({ db }: Session): UploadClaimReader {
  return {
    async byFile(taskId, ordinal) {
      const row = await db
        .selectFrom('upload_claims')
        .selectAll()
        .where('task_id', '=', taskId)
        .where('ordinal', '=', ordinal)
        .executeTakeFirst();
      return row && toClaim(row);
    },
    async sumOfEndpoint(id, since) {
      const row = await db
        .selectFrom('upload_claims')
        .select(total.as('total'))
        .where('endpoint_id', '=', id)
        .where('at', '>=', since)
        .executeTakeFirstOrThrow();
      return row.total;
    },
    async sumOfAction(id) {
      const query = db.selectFrom('upload_claims').select(total.as('total')).where('action_id', '=', id);
      return (await query.executeTakeFirstOrThrow()).total;
    },
  };
}

export function uploadClaimWriter(session: Session): UploadClaimWriter {
  const { db } = session;
  return {
    ...uploadClaimReader(session),
    async put({ taskId, ordinal, endpointId, actionId, ...claim }) {
      const content = { sha256: claim.sha256, named_size: claim.namedSize, size: claim.size, at: claim.at };
      await db
        .insertInto('upload_claims')
        .values({ task_id: taskId, ordinal, endpoint_id: endpointId, action_id: actionId, ...content })
        .onConflict((conflict) => conflict.columns(['task_id', 'ordinal']).doUpdateSet(content))
        .execute();
    },
    async forgetBefore(time) {
      await db.deleteFrom('upload_claims').where('at', '<', time).execute();
    },
  };
}

function toClaim(row: UploadClaimRow): UploadClaim {
  return {
    taskId: row.task_id,
    ordinal: row.ordinal,
    endpointId: row.endpoint_id,
    actionId: row.action_id,
    sha256: row.sha256,
    namedSize: row.named_size,
    size: row.size,
    at: row.at,
  };
}
