import type { Migration } from './migration.ts';

/**
 * Enrolment tokens can be withdrawn and limited to addresses; on which machine each endpoint is, and which others came with its key;
 * how many bytes agents said that they would send.
 */
export const rogueAgents: Migration = {
  version: 26,
  statements: ({ text, integer, tableOptions }) => [
    `alter table enrolment_tokens add column addresses_json ${text} not null default '[]'`,
    `alter table enrolment_tokens add column revoked_at ${integer}`,
    `create table endpoint_machines (
      endpoint_id ${text} not null primary key references endpoints (id),
      system_mark ${text},
      hardware_mark ${text},
      generation ${integer},
      kept_generation ${integer}
    )${tableOptions}`,
    `create table machine_copies (
      endpoint_id ${text} not null references endpoints (id),
      id ${text} not null,
      sign ${text} not null,
      host_name ${text} not null,
      remote_address ${text} not null,
      system_mark ${text},
      hardware_mark ${text},
      generation ${integer},
      first_seen ${integer} not null,
      last_seen ${integer} not null,
      primary key (endpoint_id, id)
    )${tableOptions}`,
    `create table upload_claims (
      task_id ${text} not null references tasks (id),
      ordinal ${integer} not null,
      endpoint_id ${text} not null references endpoints (id),
      action_id ${text} not null references actions (id),
      sha256 ${text} not null,
      size ${integer} not null,
      at ${integer} not null,
      primary key (task_id, ordinal)
    )${tableOptions}`,
    'create index upload_claims_by_endpoint on upload_claims (endpoint_id, at)',
    'create index upload_claims_by_action on upload_claims (action_id)',
    'create index upload_claims_by_time on upload_claims (at)',
  ],
};
