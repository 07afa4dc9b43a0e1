import { Fault } from '#core/fault.ts';
import type { RemediationReader, RemediationWriter } from '#core/ports/store/remediations.ts';
import type { Remediation, RemediationId, RemediationRow, RowResult } from '#core/remediation/remediation.ts';
import type { RemediationRecordRow, RemediationRowRow } from '../schema.ts';
import type { Session } from '../session.ts';
import { bulkTemplate, runBulk } from '../sql/bulk.ts';
import { demandPage } from './page.ts';

export function remediationReader(session: Session): RemediationReader {
  const { db, dialect } = session;
  return {
    async byId(id) {
      const rows = await db.selectFrom('remediations').selectAll().where('id', '=', id).execute();
      return (await withRows(session, rows))[0];
    },
    async list(incident, page) {
      const { offset, limit } = demandPage(page);
      const matching = db.selectFrom('remediations').where('incident', incident === null ? 'is' : '=', incident);
      const { total } = await matching
        .select((builder) => builder.fn.countAll<number>().as('total'))
        .executeTakeFirstOrThrow();
      const ordered = matching.selectAll().orderBy('created_at', 'desc').orderBy('id');
      return { items: await withRows(session, await ordered.offset(offset).limit(limit).execute()), total };
    },
    async anyNames(names) {
      const incident = db
        .selectFrom('remediations')
        .select('id')
        .where(dialect.among('remediations.incident', names))
        .limit(1);
      const row = db
        .selectFrom('remediation_rows')
        .select('remediation_id')
        .where(({ or }) =>
          or([dialect.among('remediation_rows.machine', names), dialect.among('remediation_rows.target', names)]),
        )
        .limit(1);
      return (await incident.executeTakeFirst()) !== undefined || (await row.executeTakeFirst()) !== undefined;
    },
  };
}

export function remediationWriter(session: Session): RemediationWriter {
  const { db } = session;
  return {
    ...remediationReader(session),
    async insert(remediation) {
      await db.insertInto('remediations').values(toRecordRow(remediation)).execute();
      const rows = remediation.rows.map((row, ordinal) => toRowRow(remediation.id, row, ordinal));
      await runBulk(session, insertRows, rows);
    },
    async abort(id, at, by) {
      const aborted = await db
        .updateTable('remediations')
        .set({ aborted_at: at, aborted_by_kind: by.kind, aborted_by_id: by.id, aborted_by_name: by.name })
        .where('id', '=', id)
        .where('aborted_at', 'is', null)
        .returning('id')
        .execute();
      return aborted.length > 0;
    },
  };
}

const insertRows = bulkTemplate<RemediationRowRow>((session, rows) =>
  session.db.insertInto('remediation_rows').values(rows),
);

async function withRows(
  { db, dialect }: Session,
  records: readonly RemediationRecordRow[],
): Promise<readonly Remediation[]> {
  const ids = records.map(({ id }) => id);
  const rows = await db
    .selectFrom('remediation_rows')
    .selectAll()
    .where(dialect.among('remediation_rows.remediation_id', ids))
    .orderBy('remediation_id')
    .orderBy('ordinal')
    .execute();
  const grouped = Map.groupBy(rows, (row) => row.remediation_id);
  return records.map((record) => toRemediation(record, (grouped.get(record.id) ?? []).map(toRow)));
}

function toRemediation(record: RemediationRecordRow, rows: readonly RemediationRow[]): Remediation {
  const { aborted_by_kind: kind, aborted_by_id: id, aborted_by_name: name } = record;
  return {
    id: record.id,
    incident: record.incident,
    incidentId: record.incident_id,
    principal: { kind: record.principal_kind, id: record.principal_id, name: record.principal_name },
    claimedInitiator: record.claimed_initiator,
    dialect: record.dialect,
    createdAt: record.created_at,
    abortedAt: record.aborted_at,
    abortedBy: kind === null || id === null || name === null ? null : { kind, id, name },
    rows,
  };
}

function toRecordRow(remediation: Remediation): RemediationRecordRow {
  const { principal, abortedBy } = remediation;
  return {
    id: remediation.id,
    incident: remediation.incident,
    incident_id: remediation.incidentId,
    principal_kind: principal.kind,
    principal_id: principal.id,
    principal_name: principal.name,
    claimed_initiator: remediation.claimedInitiator,
    dialect: remediation.dialect,
    created_at: remediation.createdAt,
    aborted_at: remediation.abortedAt,
    aborted_by_kind: abortedBy?.kind ?? null,
    aborted_by_id: abortedBy?.id ?? null,
    aborted_by_name: abortedBy?.name ?? null,
  };
}

function toRow(row: RemediationRowRow): RemediationRow {
  const { machine, target, action_type: actionType } = row;
  return { machine, target, actionType, result: toResult(row) };
}

function toResult({ action_id: actionId, listed_hash: hash, failure, message }: RemediationRowRow): RowResult {
  if (actionId !== null) {
    return { kind: 'ordered', actionId };
  }
  if (hash !== null) {
    return { kind: 'listed', hash };
  }
  if (failure !== null) {
    return { kind: 'failed', failure, message };
  }
  throw new Fault('internal', 'A row of a remediation says nothing of what became of it.');
}

function toRowRow(id: RemediationId, { machine, target, actionType, result }: RemediationRow, ordinal: number) {
  return {
    remediation_id: id,
    ordinal,
    machine,
    target,
    action_type: actionType,
    action_id: result.kind === 'ordered' ? result.actionId : null,
    listed_hash: result.kind === 'listed' ? result.hash : null,
    failure: result.kind === 'failed' ? result.failure : null,
    message: result.kind === 'failed' ? result.message : '',
  };
}
