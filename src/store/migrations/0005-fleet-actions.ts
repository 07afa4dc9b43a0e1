import type { Migration } from './migration.ts';

/** Archived endpoints, and what was asked of endpoints by one call. */
export const fleetActions: Migration = {
  version: 5,
  statements: ({ text, integer, tableOptions }) => [
    `alter table endpoints add column archived_at ${integer}`,
    `alter table endpoints add column archive_reason ${text} not null default ''`,
    `create table fleet_actions (
      batch_number ${integer} not null primary key,
      kind ${text} not null,
      name ${text} not null,
      facts_json ${text} not null,
      action_id ${text} references actions (id),
      principal_kind ${text} not null,
      principal_id ${text} not null,
      principal_name ${text} not null,
      created_at ${integer} not null,
      endpoints_count ${integer} not null,
      cancelled_at ${integer},
      cancelled_by ${text}
    )${tableOptions}`,
    'create index fleet_actions_by_time on fleet_actions (created_at)',
    `create table fleet_action_rows (
      batch_number ${integer} not null references fleet_actions (batch_number),
      ordinal ${integer} not null,
      endpoint_id ${text} not null references endpoints (id),
      done ${integer} not null,
      message ${text} not null,
      primary key (batch_number, ordinal)
    )${tableOptions}`,
  ],
};
