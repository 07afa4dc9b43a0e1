import type { ColumnTypes } from '../sql/dialect.ts';
import type { Migration } from './migration.ts';

/** Incidents, what was observed of them, and which of them an event belongs to. */
export const incidents: Migration = {
  version: 3,
  statements: (types) => [
    ...incidentTables(types),
    ...observationTables(types),
    `alter table events add column incident_id ${types.text}`,
    'create index events_by_incident on events (incident_id, sequence)',
  ],
};

function incidentTables({ text, integer, tableOptions, longTextIndex }: ColumnTypes): readonly string[] {
  return [
    `create table incidents (
      id ${text} not null primary key,
      guid ${text} not null unique,
      name ${text} not null,
      description ${text} not null,
      severity ${text} not null,
      status ${text} not null,
      assigned_to ${text},
      created_by_kind ${text} not null,
      created_by_id ${text} not null,
      created_by_name ${text} not null,
      dialect ${text} not null,
      created_at ${integer} not null,
      updated_at ${integer} not null,
      resolved_at ${integer},
      external_id ${text}
    )${tableOptions}`,
    'create index incidents_by_time on incidents (created_at)',
    `create index incidents_by_external_id on incidents${longTextIndex} (external_id)`,
    `create table incident_endpoints (
      incident_id ${text} not null references incidents (id),
      endpoint_id ${text} not null references endpoints (id),
      ordinal ${integer} not null,
      primary key (incident_id, endpoint_id)
    )${tableOptions}`,
    'create index incident_endpoints_by_endpoint on incident_endpoints (endpoint_id)',
    `create table incident_comments (
      id ${text} not null primary key,
      incident_id ${text} not null references incidents (id),
      at ${integer} not null,
      author_kind ${text} not null,
      author_id ${text} not null,
      author_name ${text} not null,
      body ${text} not null
    )${tableOptions}`,
    'create index incident_comments_by_incident on incident_comments (incident_id, at)',
  ];
}

function observationTables({ text, integer, bytes, tableOptions }: ColumnTypes): readonly string[] {
  return [
    `create table incident_processes (
      incident_id ${text} not null references incidents (id),
      guid ${text} not null,
      ordinal ${integer} not null,
      endpoint_id ${text} not null references endpoints (id),
      path ${bytes} not null,
      display_path ${text} not null,
      name ${text} not null,
      sha256 ${text},
      pid ${integer},
      command_line ${text},
      user_name ${text},
      started_at ${integer},
      ended_at ${integer},
      primary key (incident_id, guid)
    )${tableOptions}`,
    'create index incident_processes_by_guid on incident_processes (guid)',
    'create index incident_processes_by_endpoint on incident_processes (endpoint_id)',
    `create table incident_files (
      incident_id ${text} not null references incidents (id),
      file_guid ${text} not null,
      ordinal ${integer} not null,
      endpoint_id ${text} not null references endpoints (id),
      path ${bytes} not null,
      display_path ${text} not null,
      sha256 ${text},
      primary key (incident_id, file_guid)
    )${tableOptions}`,
    'create index incident_files_by_guid on incident_files (file_guid)',
    'create index incident_files_by_endpoint on incident_files (endpoint_id)',
  ];
}
