import type { IncidentHold } from '#core/incident/incident.ts';
import type { IncidentId } from '#core/incident/incident-id.ts';
import type { IncidentHoldRow } from '../schema.ts';
import type { Session } from '../session.ts';

export async function holdsOf(
  { db, dialect }: Session,
  ids: readonly IncidentId[],
): Promise<ReadonlyMap<IncidentId, IncidentHold>> {
  const query = db.selectFrom('incident_holds').selectAll().where(dialect.among('incident_holds.incident_id', ids));
  return new Map((await query.execute()).map((row) => [row.incident_id, toHold(row)]));
}

export async function holdIncident({ db }: Session, { incidentId, reason, at, by }: IncidentHold): Promise<boolean> {
  const rows = await db
    .insertInto('incident_holds')
    .values({
      ...{ incident_id: incidentId, reason, held_at: at },
      ...{ held_by_kind: by.kind, held_by_id: by.id, held_by_name: by.name },
    })
    .onConflict((conflict) => conflict.column('incident_id').doNothing())
    .returning('incident_id')
    .execute();
  return rows.length > 0;
}

export async function releaseIncident({ db }: Session, id: IncidentId): Promise<boolean> {
  const rows = await db.deleteFrom('incident_holds').where('incident_id', '=', id).returning('incident_id').execute();
  return rows.length > 0;
}

function toHold(row: IncidentHoldRow): IncidentHold {
  const by = { kind: row.held_by_kind, id: row.held_by_id, name: row.held_by_name };
  return { incidentId: row.incident_id, reason: row.reason, at: row.held_at, by };
}
