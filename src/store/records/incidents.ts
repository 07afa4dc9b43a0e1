import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely';
import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import type { IncidentId } from '#core/incident/incident-id.ts';
import type {
  IncidentFilter,
  IncidentOrder,
  IncidentReader,
  IncidentWriter,
  ListingsOf,
  ObservationFilter,
  ProcessFilter,
} from '#core/ports/store/incidents.ts';
import type { IncidentEndpointRow, IncidentFileRow, IncidentProcessRow, Schema } from '../schema.ts';
import type { Session } from '../session.ts';
import { bulkTemplate, runBulk } from '../sql/bulk.ts';
import { containsText } from './contains-text.ts';
import { holdIncident, holdsOf, releaseIncident } from './incident-holds.ts';
import {
  toComment,
  toCommentRow,
  toFile,
  toFileRow,
  toIncident,
  toIncidentRow,
  toProcess,
  toProcessRow,
} from './incident-row.ts';
import { demandPage } from './page.ts';
import { stillRunning } from './still-running.ts';

const newestFirst: IncidentOrder = { by: 'createdAt', direction: 'descending' };

type Condition = Expression<SqlBool>;

export function incidentReader(session: Session): IncidentReader {
  const { db, dialect } = session;
  const incidents = db.selectFrom('incidents').selectAll();
  return {
    async byId(id) {
      const row = await incidents.where('id', '=', id).executeTakeFirst();
      return row && toIncident(row);
    },
    async byGuid(guid) {
      const row = await incidents.where('guid', '=', guid).executeTakeFirst();
      return row && toIncident(row);
    },
    async list(filter, page, order = newestFirst) {
      const { offset, limit } = demandPage(page);
      const matching = db
        .selectFrom('incidents')
        .where((builder) => builder.and(incidentConditions(session, filter, builder)));
      const { total } = await matching
        .select((builder) => builder.fn.countAll<number>().as('total'))
        .executeTakeFirstOrThrow();
      const direction = order.direction === 'ascending' ? 'asc' : 'desc';
      const rows = await matching
        .selectAll()
        .$if(order.by !== 'id', (query) =>
          query.orderBy(order.by === 'createdAt' ? 'created_at' : 'updated_at', direction),
        )
        // Ids are digits without leading zeros: the longer one is the greater.
        .orderBy(sql`length(incidents.id)`, direction)
        .orderBy('id', direction)
        .offset(offset)
        .limit(limit)
        .execute();
      return { items: rows.map(toIncident), total };
    },
    async endpointsOf(ids) {
      const rows = await db
        .selectFrom('incident_endpoints')
        .selectAll()
        .where(dialect.among('incident_endpoints.incident_id', ids))
        .orderBy('incident_id')
        .orderBy('ordinal')
        .execute();
      const grouped = Map.groupBy(rows, (row) => row.incident_id);
      return new Map([...grouped].map(([id, group]) => [id, group.map((row) => row.endpoint_id)]));
    },
    ...observationReader(session),
    ...fewOfEach(session),
    holdsOf: (ids) => holdsOf(session, ids),
  };
}

function observationReader(session: Session): Pick<IncidentReader, 'processes' | 'files' | 'stillRunning'> {
  const { db } = session;
  return {
    stillRunning: (sha256, page) => stillRunning(session, sha256, page),
    async processes(filter, page) {
      const { offset, limit } = demandPage(page);
      const matching = db.selectFrom('incident_processes').where(({ and }) => and(processConditions(session, filter)));
      const { total } = await matching
        .select((builder) => builder.fn.countAll<number>().as('total'))
        .executeTakeFirstOrThrow();
      const ordered = matching.selectAll().orderBy('incident_id').orderBy('ordinal').orderBy('guid');
      const rows = await ordered.offset(offset).limit(limit).execute();
      return { items: rows.map(toProcess), total };
    },
    async files(filter, page) {
      const { offset, limit } = demandPage(page);
      const matching = db.selectFrom('incident_files').where(({ and }) => and(fileConditions(session, filter)));
      const { total } = await matching
        .select((builder) => builder.fn.countAll<number>().as('total'))
        .executeTakeFirstOrThrow();
      const ordered = matching.selectAll().orderBy('incident_id').orderBy('ordinal').orderBy('file_guid');
      const rows = await ordered.offset(offset).limit(limit).execute();
      return { items: rows.map(toFile), total };
    },
  };
}

/** A few rows of each incident in one statement, whatever their number. */
function fewOfEach({ db, dialect }: Session): Pick<IncidentReader, 'firstProcesses' | 'firstFiles' | 'lastComments'> {
  return {
    async firstProcesses(ids, most) {
      const counted = db
        .selectFrom('incident_processes')
        .selectAll()
        .select(({ fn }) => [
          fn
            .agg<number>('row_number')
            .over((over) => over.partitionBy('incident_id').orderBy('ordinal').orderBy('guid'))
            .as('place'),
          fn
            .countAll<number>()
            .over((over) => over.partitionBy('incident_id'))
            .as('total'),
        ])
        .where(dialect.among('incident_processes.incident_id', ids))
        .as('counted');
      const first = db.selectFrom(counted).selectAll().where('place', '<=', most);
      return listings(await first.orderBy('incident_id').orderBy('place').execute(), toProcess);
    },
    async firstFiles(ids, most) {
      const counted = db
        .selectFrom('incident_files')
        .selectAll()
        .select(({ fn }) => [
          fn
            .agg<number>('row_number')
            .over((over) => over.partitionBy('incident_id').orderBy('ordinal').orderBy('file_guid'))
            .as('place'),
          fn
            .countAll<number>()
            .over((over) => over.partitionBy('incident_id'))
            .as('total'),
        ])
        .where(dialect.among('incident_files.incident_id', ids))
        .as('counted');
      const first = db.selectFrom(counted).selectAll().where('place', '<=', most);
      return listings(await first.orderBy('incident_id').orderBy('place').execute(), toFile);
    },
    async lastComments(ids, most) {
      const counted = db
        .selectFrom('incident_comments')
        .selectAll()
        .select(({ fn }) => [
          fn
            .agg<number>('row_number')
            .over((over) => over.partitionBy('incident_id').orderBy('at', 'desc').orderBy('id', 'desc'))
            .as('place'),
          fn
            .countAll<number>()
            .over((over) => over.partitionBy('incident_id'))
            .as('total'),
        ])
        .where(dialect.among('incident_comments.incident_id', ids))
        .as('counted');
      const last = db.selectFrom(counted).selectAll().where('place', '<=', most);
      return listings(await last.orderBy('incident_id').orderBy('place', 'desc').execute(), toComment);
    },
  };
}

function listings<Row extends { readonly incident_id: IncidentId; readonly total: number }, Item>(
  rows: readonly Row[],
  toItem: (row: Row) => Item,
): ListingsOf<Item> {
  const grouped = Map.groupBy(rows, (row) => row.incident_id);
  return new Map(
    [...grouped].map(([id, group]) => [id, { items: group.map(toItem), total: group[0]?.total ?? group.length }]),
  );
}

export function incidentWriter(session: Session): IncidentWriter {
  const { db } = session;
  const addEndpoints = (id: IncidentId, endpointIds: readonly EndpointId[]) =>
    insertNewEndpoints(session, id, endpointIds);
  return {
    ...incidentReader(session),
    async insert(incident, endpointIds) {
      await db.insertInto('incidents').values(toIncidentRow(incident)).execute();
      await addEndpoints(incident.id, endpointIds);
    },
    async update(incident) {
      const { id, ...changed } = toIncidentRow(incident);
      await db.updateTable('incidents').set(changed).where('id', '=', id).execute();
    },
    addEndpoints,
    async addProcesses(processes) {
      // PostgreSQL refuses to touch a row twice in one statement.
      const each = told(processes, (process) => `${process.incidentId} ${process.guid}`);
      const start = await nextOrdinal(session, 'incident_processes', incidentsOf(processes));
      const rows = [...each.values()].map((process, index) => toProcessRow(process, start + index));
      await runBulk(session, putProcesses, rows);
    },
    async addFiles(files) {
      const each = told(files, (file) => `${file.incidentId} ${file.fileGuid}`);
      const start = await nextOrdinal(session, 'incident_files', incidentsOf(files));
      await runBulk(
        session,
        putFiles,
        [...each.values()].map((file, index) => toFileRow(file, start + index)),
      );
    },
    async addComment(comment) {
      await db.insertInto('incident_comments').values(toCommentRow(comment)).execute();
    },
    hold: (hold) => holdIncident(session, hold),
    release: (id) => releaseIncident(session, id),
  };
}

/** Each once, with whatever any of them tells. */
function told<Item extends object>(items: readonly Item[], keyOf: (item: Item) => string): ReadonlyMap<string, Item> {
  const each = new Map<string, Item>();
  for (const item of items) {
    const known = Object.entries(item).filter(([, value]) => value !== null);
    each.set(keyOf(item), { ...item, ...each.get(keyOf(item)), ...Object.fromEntries(known) });
  }
  return each;
}

function incidentsOf(observations: readonly { readonly incidentId: IncidentId }[]): readonly IncidentId[] {
  return [...new Set(observations.map(({ incidentId }) => incidentId))];
}

/** Behind all that these incidents have: observations are never removed. */
async function nextOrdinal(
  { db, dialect }: Session,
  table: 'incident_processes' | 'incident_files',
  ids: readonly IncidentId[],
): Promise<number> {
  const row = await db
    .selectFrom(table)
    .select((builder) => builder.fn.max<number | null>('ordinal').as('last'))
    .where(dialect.among(`${table}.incident_id`, ids))
    .executeTakeFirstOrThrow();
  return (row.last ?? -1) + 1;
}

async function insertNewEndpoints(session: Session, id: IncidentId, endpointIds: readonly EndpointId[]): Promise<void> {
  const { total } = await session.db
    .selectFrom('incident_endpoints')
    .select((builder) => builder.fn.countAll<number>().as('total'))
    .where('incident_id', '=', id)
    .executeTakeFirstOrThrow();
  const rows = [...new Set(endpointIds)].map((endpoint, index) => ({
    incident_id: id,
    endpoint_id: endpoint,
    ordinal: total + index,
  }));
  await runBulk(session, insertEndpoints, rows);
}

const insertEndpoints = bulkTemplate<IncidentEndpointRow>((session, rows) =>
  session.db
    .insertInto('incident_endpoints')
    .values(rows)
    .onConflict((conflict) => conflict.columns(['incident_id', 'endpoint_id']).doNothing()),
);

/** What is told again is what counts, and what is not told again stays known; so does its place in the order. */
const putProcesses = bulkTemplate<IncidentProcessRow>((session, rows) =>
  session.db
    .insertInto('incident_processes')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['incident_id', 'guid']).doUpdateSet(({ ref, fn }) => ({
        sha256: fn.coalesce(ref('excluded.sha256'), ref('incident_processes.sha256')),
        command_line: fn.coalesce(ref('excluded.command_line'), ref('incident_processes.command_line')),
        user_name: fn.coalesce(ref('excluded.user_name'), ref('incident_processes.user_name')),
        ended_at: fn.coalesce(ref('excluded.ended_at'), ref('incident_processes.ended_at')),
      })),
    ),
);

const putFiles = bulkTemplate<IncidentFileRow>((session, rows) =>
  session.db
    .insertInto('incident_files')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .columns(['incident_id', 'file_guid'])
        .doUpdateSet(({ ref, fn }) => ({ sha256: fn.coalesce(ref('excluded.sha256'), ref('incident_files.sha256')) })),
    ),
);

function incidentConditions(
  { dialect }: Session,
  filter: IncidentFilter,
  builder: ExpressionBuilder<Schema, 'incidents'>,
): Condition[] {
  const { among } = dialect;
  return [
    given(filter.ids, (ids) => among('incidents.id', ids)),
    given(filter.guids, (guids) => among('incidents.guid', guids)),
    given(filter.statuses, (statuses) => among('incidents.status', statuses)),
    given(filter.severities, (severities) =>
      builder.or([
        among('incidents.manual_severity', severities),
        builder.and([builder('incidents.manual_severity', 'is', null), among('incidents.severity', severities)]),
      ]),
    ),
    given(filter.starred, (starred) => builder('incidents.starred', '=', starred ? 1 : 0)),
    given(filter.descriptions, (texts) =>
      builder.or([
        among('incidents.description', texts),
        builder.and([builder('incidents.description', '=', ''), among('incidents.name', texts)]),
      ]),
    ),
    given(filter.descriptionContains, (parts) => builder.or(parts.map(descriptionContains))),
    given(filter.externalIds, (ids) => among('incidents.external_id', ids)),
    given(filter.createdFrom, (time) => builder('incidents.created_at', '>=', time)),
    given(filter.updatedFrom, (time) => builder('incidents.updated_at', '>=', time)),
    given(filter.updatedTo, (time) => builder('incidents.updated_at', '<=', time)),
    given(filter.createdTo, (time) => builder('incidents.created_at', '<=', time)),
    given(filter.alertSources, (sources) =>
      builder(
        'incidents.id',
        'in',
        builder.selectFrom('alerts').select('alerts.incident_id').where(among('alerts.source', sources)),
      ),
    ),
    given(filter.endpointIds, (ids) =>
      builder(
        'incidents.id',
        'in',
        builder
          .selectFrom('incident_endpoints')
          .select('incident_endpoints.incident_id')
          .where(among('incident_endpoints.endpoint_id', ids)),
      ),
    ),
  ].flat();
}

function descriptionContains(part: string): Condition {
  return containsText(sql`case incidents.description when '' then incidents.name else incidents.description end`, part);
}

function processConditions({ dialect: { among } }: Session, filter: ProcessFilter): Condition[] {
  return [
    given(filter.incidentIds, (ids) => among('incident_processes.incident_id', ids)),
    given(filter.guids, (guids) => among('incident_processes.guid', guids)),
    given(filter.endpointIds, (ids) => among('incident_processes.endpoint_id', ids)),
    given(filter.sha256, (hashes) => among('incident_processes.sha256', hashes)),
    given(filter.pathContains, (parts) => containsAny('display_path', parts)),
    given(filter.commandLineContains, (parts) => containsAny('command_line', parts)),
    given(filter.userNameContains, (parts) => containsAny('user_name', parts)),
    given(filter.running, (isRunning) =>
      isRunning
        ? sql<SqlBool>`incident_processes.ended_at is null`
        : sql<SqlBool>`incident_processes.ended_at is not null`,
    ),
  ].flat();
}

function containsAny(column: 'display_path' | 'command_line' | 'user_name', parts: readonly string[]): Condition {
  const each = parts.map((part) => containsText(`incident_processes.${column}`, part));
  return each.length === 0 ? sql<SqlBool>`1 = 0` : sql<SqlBool>`(${sql.join(each, sql` or `)})`;
}

function fileConditions({ dialect: { among } }: Session, filter: ObservationFilter): Condition[] {
  return [
    given(filter.incidentIds, (ids) => among('incident_files.incident_id', ids)),
    given(filter.guids, (guids) => among('incident_files.file_guid', guids)),
    given(filter.endpointIds, (ids) => among('incident_files.endpoint_id', ids)),
  ].flat();
}

function given<Value>(value: Value | undefined, condition: (value: Value) => Condition): Condition[] {
  return value === undefined ? [] : [condition(value)];
}
