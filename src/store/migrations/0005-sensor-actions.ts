import type { Migration } from './migration.ts';

/** Endpoints that are put aside, and what is asked of several of them under one batch number. */
export const sensorActions: Migration = {
  version: 5,
  statements: ({ text, integer, tableOptions }) => [
    `alter table endpoints add column archived_at ${integer}`,
    `alter table endpoints add column archive_reason ${text} not null default ''`,
    `create table sensor_actions (
      batch_number ${integer} not null primary key,
      kind ${text} not null,
      principal_kind ${text} not null,
      principal_id ${text} not null,
      principal_name ${text} not null,
      arguments_json ${text} not null,
      created_at ${integer} not null,
      action_id ${text} references actions (id),
      aborted_at ${integer},
      aborted_by ${text}
    )${tableOptions}`,
    'create index sensor_actions_by_time on sensor_actions (created_at)',
    `create table sensor_action_targets (
      batch_number ${integer} not null references sensor_actions (batch_number),
      endpoint_id ${text} not null references endpoints (id),
      ordinal ${integer} not null,
      ended ${text},
      message ${text} not null,
      primary key (batch_number, endpoint_id)
    )${tableOptions}`,
  ],
};
