import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely';
import { type Alert, alertSeverities } from '#core/incident/alert.ts';
import { resolvedStatuses } from '#core/incident/incident.ts';
import type { AlertFilter, AlertOrder, AlertReader, AlertTraits, AlertWriter } from '#core/ports/store/alerts.ts';
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
    async homeOf(traits, most) {
      for (const likeness of likenesses(traits)) {
        const row = await db
          .selectFrom('incidents')
          .select('incidents.id')
          .where((builder) => builder.and([likeness(builder), isOpen(builder, most)]))
          .orderBy('incidents.created_at', 'desc')
          .orderBy('incidents.id', 'desc')
          .limit(1)
          .executeTakeFirst();
        if (row !== undefined) {
          return row.id;
        }
      }
      return undefined;
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

type IncidentBuilder = ExpressionBuilder<Schema, 'incidents'>;

function isOpen(builder: IncidentBuilder, most: number): Condition {
  const alerts = builder
    .selectFrom('alerts')
    .select((inner) => inner.fn.countAll<number>().as('count'))
    .whereRef('alerts.incident_id', '=', 'incidents.id');
  return builder.and([builder('incidents.status', 'not in', resolvedStatuses), builder(alerts, '<', most)]);
}

/** From the surest to the weakest. */
function likenesses(traits: AlertTraits): readonly ((builder: IncidentBuilder) => Condition)[] {
  const { sha256, endpointId } = traits;
  return [
    ...(sha256 === null ? [] : [(builder: IncidentBuilder) => namesFile(builder, sha256)]),
    ...(endpointId === null ? [] : [(builder: IncidentBuilder) => namesEndpoint(builder, endpointId)]),
    ...(sha256 === null && endpointId === null ? [(builder: IncidentBuilder) => hasLike(builder, traits)] : []),
  ];
}

function namesFile(builder: IncidentBuilder, sha256: string): Condition {
  return builder.or([
    builder(
      'incidents.id',
      'in',
      builder.selectFrom('incident_files').select('incident_id').where(sql<SqlBool>`incident_files.sha256 = ${sha256}`),
    ),
    builder(
      'incidents.id',
      'in',
      builder.selectFrom('alerts').select('incident_id').where(sql<SqlBool>`alerts.sha256 = ${sha256}`),
    ),
  ]);
}

function namesEndpoint(builder: IncidentBuilder, endpointId: NonNullable<AlertTraits['endpointId']>): Condition {
  const named = builder.selectFrom('incident_endpoints').select('incident_id');
  const withAlerts = builder
    .selectFrom('alerts')
    .select('alerts.id')
    .whereRef('alerts.incident_id', '=', 'incidents.id');
  return builder.and([
    builder('incidents.id', 'in', named.where('endpoint_id', '=', endpointId)),
    builder.exists(withAlerts),
  ]);
}

function hasLike(builder: IncidentBuilder, { name, source, hostName, localAddress }: AlertTraits): Condition {
  const like = builder
    .selectFrom('alerts')
    .select('alerts.incident_id')
    .where('alerts.source', '=', source)
    .where('alerts.name', '=', name)
    .where('alerts.host_name', '=', hostName)
    .where('alerts.local_address', '=', localAddress)
    .where('alerts.endpoint_id', 'is', null)
    .where('alerts.sha256', 'is', null);
  return builder('incidents.id', 'in', like);
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
