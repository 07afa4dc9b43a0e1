import { sql } from 'kysely';
import { openStates } from '#core/action/task-state.ts';
import type { Sha256 } from '#core/file/hash.ts';
import type { IncidentId } from '#core/incident/incident-id.ts';
import type { ClaimPlace, EvidenceHold, ShownClaim } from '#core/ports/store/evidence.ts';
import type { Session } from '../session.ts';
import { containsText } from './contains-text.ts';

export async function claimsOf({ db, dialect }: Session, hashes: readonly Sha256[]): Promise<readonly ShownClaim[]> {
  const rows = await db
    .selectFrom('evidence_claims')
    .innerJoin('tasks', 'tasks.id', 'evidence_claims.task_id')
    .innerJoin('actions', 'actions.id', 'tasks.action_id')
    .select([
      ...(['evidence_claims.sha256', 'evidence_claims.task_id', 'evidence_claims.ordinal'] as const),
      ...(['evidence_claims.claimed_at', 'tasks.action_id', 'tasks.endpoint_id', 'tasks.state'] as const),
      'actions.incident_id',
    ])
    .where(dialect.among('evidence_claims.sha256', hashes))
    .orderBy('evidence_claims.sha256')
    .orderBy('evidence_claims.claimed_at')
    .orderBy('evidence_claims.task_id')
    .orderBy('evidence_claims.ordinal')
    .execute();
  return rows.map((row) => ({
    ...{ sha256: row.sha256, taskId: row.task_id, ordinal: row.ordinal, at: row.claimed_at },
    ...{ actionId: row.action_id, endpointId: row.endpoint_id, incidentId: row.incident_id },
    isOpen: openStates.includes(row.state),
  }));
}

/** Of an evidence row: what it was fetched as, from a path with this part. */
export function claimedAs({ db }: Session, pathContains: string) {
  return db
    .selectFrom('evidence_claims')
    .innerJoin('outcomes', (join) =>
      join
        .onRef('outcomes.task_id', '=', 'evidence_claims.task_id')
        .onRef('outcomes.ordinal', '=', 'evidence_claims.ordinal'),
    )
    .select('evidence_claims.task_id')
    .whereRef('evidence_claims.sha256', '=', sql.ref('evidence.sha256'))
    .where(containsText('outcomes.display_path', pathContains));
}

/** Bounds one statement's list. */
const placesPerStatement = 10_000;

/** Claim by claim, each by the index: of the bytes that a whole fleet has, every endpoint has a claim. */
export async function claimedAmong(session: Session, places: readonly ClaimPlace[]): Promise<readonly ClaimPlace[]> {
  const found: ClaimPlace[] = [];
  for (let start = 0; start < places.length; start += placesPerStatement) {
    const asked = places.slice(start, start + placesPerStatement);
    const list = JSON.stringify(asked.map(({ sha256, taskId, ordinal }) => [sha256, taskId, ordinal]));
    const { rows } = await sql<ClaimPlace>`select evidence_claims.sha256 as sha256, evidence_claims.task_id as "taskId",
        evidence_claims.ordinal as ordinal
      from ${session.dialect.listed(list)}
      join evidence_claims on evidence_claims.sha256 = given.value ->> 0
        and evidence_claims.task_id = given.value ->> 1
        and evidence_claims.ordinal = cast(given.value ->> 2 as bigint)`.execute(session.db);
    found.push(...rows);
  }
  return found;
}

/** A statement for each way in which an incident can be about bytes: each walks its own index. */
export async function holdsOn(session: Session, hashes: readonly Sha256[]): Promise<readonly EvidenceHold[]> {
  const found = [
    ...(await byAction(session, hashes)),
    ...(await byFetchedFile(session, hashes)),
    ...(await byKnownHash(session, hashes)),
  ];
  const each = new Map(found.map((hold) => [`${hold.sha256} ${hold.incidentId}`, hold]));
  return [...each.values()].toSorted(
    (left, right) => compare(left.sha256, right.sha256) || compare(left.incidentId, right.incidentId),
  );
}

function compare(left: string, right: string): number {
  return Number(left > right) - Number(left < right);
}

function byAction({ db, dialect }: Session, hashes: readonly Sha256[]): Promise<readonly EvidenceHold[]> {
  return db
    .selectFrom('evidence_claims')
    .innerJoin('tasks', 'tasks.id', 'evidence_claims.task_id')
    .innerJoin('actions', 'actions.id', 'tasks.action_id')
    .innerJoin('incident_holds', 'incident_holds.incident_id', 'actions.incident_id')
    .select(['evidence_claims.sha256', 'incident_holds.incident_id as incidentId'])
    .distinct()
    .where(dialect.among('evidence_claims.sha256', hashes))
    .execute();
}

function byFetchedFile({ db, dialect }: Session, hashes: readonly Sha256[]): Promise<readonly EvidenceHold[]> {
  return db
    .selectFrom('evidence_claims')
    .innerJoin('outcomes', (join) =>
      join
        .onRef('outcomes.task_id', '=', 'evidence_claims.task_id')
        .onRef('outcomes.ordinal', '=', 'evidence_claims.ordinal'),
    )
    .innerJoin('incident_files', 'incident_files.file_guid', 'outcomes.file_guid')
    .innerJoin('incident_holds', 'incident_holds.incident_id', 'incident_files.incident_id')
    .select(['evidence_claims.sha256', 'incident_holds.incident_id as incidentId'])
    .distinct()
    .where(dialect.among('evidence_claims.sha256', hashes))
    .execute();
}

async function byKnownHash({ db, dialect }: Session, hashes: readonly Sha256[]): Promise<readonly EvidenceHold[]> {
  const known: { readonly sha256: Sha256 | null; readonly incidentId: IncidentId }[] = [];
  for (const table of ['incident_files', 'incident_processes', 'alerts'] as const) {
    const rows = await db
      .selectFrom(table)
      .innerJoin('incident_holds', 'incident_holds.incident_id', `${table}.incident_id`)
      .select([`${table}.sha256`, 'incident_holds.incident_id as incidentId'])
      .distinct()
      .where(dialect.among(`${table}.sha256`, hashes))
      .execute();
    known.push(...rows);
  }
  return known.flatMap(({ sha256, incidentId }) => (sha256 === null ? [] : [{ sha256, incidentId }]));
}
