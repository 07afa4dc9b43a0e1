import type { Migration } from './migration.ts';

/**
 * What people judge of an incident beside what was reported.
 * What was detected, each within an incident; an incident is found by the hash of a file, so that another alert joins it.
 */
export const alerts: Migration = {
  version: 15,
  statements: ({ text, integer, tableOptions, longTextIndex }) => [
    `alter table incidents add column manual_severity ${text}`,
    `alter table incidents add column starred ${integer} not null default 0`,
    `alter table incidents add column resolve_comment ${text} not null default ''`,
    `create table alerts (
      id ${text} not null primary key,
      incident_id ${text} not null references incidents (id),
      fingerprint ${text} not null unique,
      likeness ${text},
      name ${text} not null,
      description ${text} not null,
      severity ${text} not null,
      severity_rank ${integer} not null,
      source ${text} not null,
      category ${text} not null,
      action ${text} not null,
      external_id ${text},
      detected_at ${integer} not null,
      received_at ${integer} not null,
      endpoint_id ${text} references endpoints (id),
      host_name ${text} not null,
      user_name ${text} not null,
      local_address ${text} not null,
      local_port ${integer},
      remote_address ${text} not null,
      remote_port ${integer},
      file_path ${text} not null,
      sha256 ${text}
    )${tableOptions}`,
    'create index alerts_by_incident on alerts (incident_id, received_at)',
    'create index alerts_by_time on alerts (detected_at)',
    'create index alerts_by_receipt on alerts (received_at)',
    'create index alerts_by_sha256 on alerts (sha256)',
    'create index alerts_by_endpoint on alerts (endpoint_id)',
    'create index alerts_by_likeness on alerts (likeness)',
    `create index alerts_by_external_id on alerts${longTextIndex} (external_id)`,
    `create index alerts_by_source on alerts${longTextIndex} (source)`,
    'create index incident_files_by_sha256 on incident_files (sha256)',
  ],
};
