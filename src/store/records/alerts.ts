import { type Expression, type ExpressionBuilder, type SelectQueryBuilder, type SqlBool, sql } from 'kysely';
import { type Alert, alertSeverities } from '#core/incident/alert.ts';
import { resolvedStatuses } from '#core/incident/incident.ts';
import type { IncidentId } from '#core/incident/incident-id.ts';
import type { AlertFilter, AlertOrder, AlertReader, AlertWriter } from '#core/ports/store/alerts.ts';
import type { AlertRow, Schema } from '../schema.ts';
import type { Session } from '../session.ts';
import { bulkTemplate, runBulk } from '../sql/bulk.ts';
import { demandPage } from './page.ts';

type Condition = Expression<SqlBool>;

const columns = {
  detectedAt: 'alerts.detected_at',
  receivedAt: 'alerts.received_at',
  severity: 'alerts.severity_rank',
} as const satisfies Record<AlertOrder['by'], string>;

export function alertReader(session: Session): AlertReader {
  const { db, dialect } = session;
  return {
    async list(filter, order, page) {
      const { offset, limit } = demandPage(page);
      const matching = db.selectFrom('alerts').where((builder) => builder.and(conditions(session, filter, builder)));
      const { total } = await matching
        .select((builder) => builder.fn.countAll<number>().as('total'))
        .executeTakeFirstOrThrow();
      const direction = order.direction === 'ascending' ? 'asc' : 'desc';
      const rows = await matching
        .selectAll()
        .orderBy(columns[order.by], direction)
        .orderBy('alerts.received_at', direction)
        // Ids are digits without leading zeros: the longer one is the greater.
        .orderBy(sql`length(alerts.id)`, direction)
        .orderBy('alerts.id', direction)
        .offset(offset)
        .limit(limit)
        .execute();
      return { items: rows.map(toAlert), total };
    },
    async tally(ids) {
      const rows = await db
        .selectFrom('alerts')
        .select((builder) => [
          'incident_id',
          'severity',
          'source',
          'user_name',
          builder.fn.countAll<number>().as('count'),
        ])
        .where(dialect.among('alerts.incident_id', ids))
        .groupBy(['incident_id', 'severity', 'source', 'user_name'])
        .execute();
      return rows.map(({ incident_id: incidentId, user_name: userName, ...same }) => ({
        ...same,
        incidentId,
        userName,
      }));
    },
    async knownFingerprints(fingerprints) {
      const known = db.selectFrom('alerts').select('fingerprint');
      const rows = await known.where(dialect.among('alerts.fingerprint', fingerprints)).execute();
      return rows.map((row) => row.fingerprint);
    },
    async homesOf({ hashes, endpointIds, likenesses }, most) {
      const newest = (candidates: Candidates) => newestHomes(session, candidates, most);
      return {
        byHash: await newest(
          alertsBy(session, 'alerts.sha256', hashes).union(
            db
              .selectFrom('incident_files')
              .select(['incident_files.sha256 as kinship', 'incident_files.incident_id as incident_id'])
              .where(dialect.among('incident_files.sha256', hashes)),
          ),
        ),
        byEndpoint: await newest(alertsBy(session, 'alerts.endpoint_id', endpointIds)),
        byLikeness: await newest(alertsBy(session, 'alerts.likeness', likenesses)),
      };
    },
  };
}

export function alertWriter(session: Session): AlertWriter {
  return {
    ...alertReader(session),
    async insert(alerts) {
      await runBulk(session, insertAlerts, alerts.map(toAlertRow));
    },
  };
}

const insertAlerts = bulkTemplate<AlertRow>((session, rows) => session.db.insertInto('alerts').values(rows));

interface Candidate {
  readonly kinship: string | null;
  readonly incident_id: IncidentId;
}

type Candidates = SelectQueryBuilder<Schema, never, Candidate>;

/** Each incident once for each of these values, however many alerts it has. */
function alertsBy(
  { db, dialect }: Session,
  column: 'alerts.sha256' | 'alerts.endpoint_id' | 'alerts.likeness',
  values: readonly string[],
): Candidates {
  return db
    .selectFrom('alerts')
    .select([`${column} as kinship`, 'alerts.incident_id as incident_id'])
    .where(dialect.among(column, values))
    .distinct() as unknown as Candidates;
}

async function newestHomes(
  { db }: Session,
  candidates: Candidates,
  most: number,
): Promise<ReadonlyMap<string, IncidentId>> {
  const newestFirst = sql`order by incidents.created_at desc, length(incidents.id) desc, incidents.id desc`;
  const ranked = db
    .selectFrom(candidates.as('candidates'))
    .innerJoin('incidents', 'incidents.id', 'candidates.incident_id')
    .select(['candidates.kinship', 'candidates.incident_id'])
    .select(sql<number>`row_number() over (partition by candidates.kinship ${newestFirst})`.as('rank'))
    .where('incidents.status', 'not in', resolvedStatuses)
    .where(
      (builder) =>
        builder
          .selectFrom('alerts as theirs')
          .select((inner) => inner.fn.countAll<number>().as('count'))
          .whereRef('theirs.incident_id', '=', 'incidents.id'),
      '<',
      most,
    );
  const rows = await db
    .selectFrom(ranked.as('ranked'))
    .select(['ranked.kinship', 'ranked.incident_id'])
    .where('ranked.rank', '=', 1)
    .execute();
  return new Map(rows.flatMap(({ kinship, incident_id: id }) => (kinship === null ? [] : [[kinship, id] as const])));
}

function conditions(
  { dialect: { among } }: Session,
  filter: AlertFilter,
  builder: ExpressionBuilder<Schema, 'alerts'>,
): Condition[] {
  return [
    given(filter.ids, (ids) => among('alerts.id', ids)),
    given(filter.incidentIds, (ids) => among('alerts.incident_id', ids)),
    given(filter.sources, (sources) => among('alerts.source', sources)),
    given(filter.severities, (severities) => among('alerts.severity', severities)),
    given(filter.externalIds, (ids) => among('alerts.external_id', ids)),
    given(filter.detectedFrom, (time) => builder('alerts.detected_at', '>=', time)),
    given(filter.detectedTo, (time) => builder('alerts.detected_at', '<=', time)),
    given(filter.receivedFrom, (time) => builder('alerts.received_at', '>=', time)),
    given(filter.receivedTo, (time) => builder('alerts.received_at', '<=', time)),
  ].flat();
}

function given<Value>(value: Value | undefined, condition: (value: Value) => Condition): Condition[] {
  return value === undefined ? [] : [condition(value)];
}

function toAlert(row: AlertRow): Alert {
  return {
    id: row.id,
    incidentId: row.incident_id,
    fingerprint: row.fingerprint,
    likeness: row.likeness,
    name: row.name,
    description: row.description,
    severity: row.severity,
    source: row.source,
    category: row.category,
    action: row.action,
    externalId: row.external_id,
    detectedAt: row.detected_at,
    receivedAt: row.received_at,
    endpointId: row.endpoint_id,
    hostName: row.host_name,
    userName: row.user_name,
    localAddress: row.local_address,
    localPort: row.local_port,
    remoteAddress: row.remote_address,
    remotePort: row.remote_port,
    filePath: row.file_path,
    sha256: row.sha256,
  };
}

function toAlertRow(alert: Alert): AlertRow {
  return {
    id: alert.id,
    incident_id: alert.incidentId,
    fingerprint: alert.fingerprint,
    likeness: alert.likeness,
    name: alert.name,
    description: alert.description,
    severity: alert.severity,
    severity_rank: alertSeverities.indexOf(alert.severity),
    source: alert.source,
    category: alert.category,
    action: alert.action,
    external_id: alert.externalId,
    detected_at: alert.detectedAt,
    received_at: alert.receivedAt,
    endpoint_id: alert.endpointId,
    host_name: alert.hostName,
    user_name: alert.userName,
    local_address: alert.localAddress,
    local_port: alert.localPort,
    remote_address: alert.remoteAddress,
    remote_port: alert.remotePort,
    file_path: alert.filePath,
    sha256: alert.sha256,
  };
}
