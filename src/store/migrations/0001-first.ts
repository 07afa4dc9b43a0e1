import type { ColumnTypes } from '../sql/dialect.ts';
import type { Migration } from './migration.ts';

export const first: Migration = {
  version: 1,
  statements: (types) => [
    ...endpointTables(types),
    ...fileTable(types),
    ...actionTables(types),
    ...outcomeTable(types),
    ...vaultTables(types),
    ...accessTables(types),
    ...eventTable(types),
  ],
};

function endpointTables({ text, integer, bytes, tableOptions, longTextIndex }: ColumnTypes): readonly string[] {
  return [
    `create table endpoints (
      id ${text} not null primary key,
      number ${integer} not null unique,
      device_public_key ${bytes} not null,
      vault_recipient ${text} not null,
      alias ${text} not null,
      alias_lower ${text} not null,
      tags_json ${text} not null,
      host_name ${text} not null,
      host_name_lower ${text} not null,
      platform ${text} not null,
      operating_system ${text} not null,
      operating_system_version ${text} not null,
      architecture ${text} not null,
      addresses_json ${text} not null,
      mac_addresses_json ${text} not null,
      users_json ${text} not null,
      domain ${text} not null,
      agent_version ${text} not null,
      roots_json ${text} not null,
      limitations_json ${text} not null,
      enrolled_at ${integer} not null,
      last_seen ${integer} not null,
      connected_until ${integer},
      revoked_at ${integer}
    )${tableOptions}`,
    `create index endpoints_by_host_name on endpoints${longTextIndex} (host_name_lower)`,
    `create index endpoints_by_alias on endpoints${longTextIndex} (alias_lower)`,
    `create table endpoint_names (
      endpoint_id ${text} not null references endpoints (id),
      kind ${text} not null,
      ordinal ${integer} not null,
      value_lower ${text} not null,
      primary key (endpoint_id, kind, ordinal)
    )${tableOptions}`,
    `create index endpoint_names_by_value on endpoint_names${longTextIndex} (value_lower)`,
  ];
}

function fileTable({ text, integer, bytes, tableOptions, longTextIndex }: ColumnTypes): readonly string[] {
  return [
    `create table files (
      guid ${text} not null primary key,
      endpoint_id ${text} not null references endpoints (id),
      path ${bytes} not null,
      display_path ${text} not null,
      display_path_lower ${text} not null,
      name ${text} not null,
      name_lower ${text} not null,
      size ${integer} not null,
      sha256 ${text} not null,
      sha1 ${text} not null,
      md5 ${text} not null,
      modified_ns ${text} not null,
      changed_ns ${text} not null,
      created_ns ${text},
      mode ${integer} not null,
      uid ${integer} not null,
      gid ${integer} not null,
      owner ${text} not null,
      kind ${text} not null,
      state ${text} not null,
      seen_at ${integer} not null
    )${tableOptions}`,
    'create index files_by_sha256 on files (sha256)',
    'create index files_by_sha1 on files (sha1)',
    'create index files_by_md5 on files (md5)',
    'create index files_by_endpoint on files (endpoint_id, state)',
    `create index files_by_name on files${longTextIndex} (name_lower)`,
    `create index files_by_display_path on files${longTextIndex} (display_path_lower)`,
  ];
}

function actionTables({ text, integer, bytes, tableOptions, longTextIndex }: ColumnTypes): readonly string[] {
  return [
    `create table actions (
      id ${text} not null primary key,
      verb ${text} not null,
      principal_kind ${text} not null,
      principal_id ${text} not null,
      principal_name ${text} not null,
      claimed_initiator ${text},
      dialect ${text} not null,
      incident_id ${text},
      batch_number ${integer} unique,
      created_at ${integer} not null,
      deadline ${integer} not null,
      closed_at ${integer},
      endpoints_count ${integer} not null
    )${tableOptions}`,
    'create index actions_by_time on actions (created_at)',
    `create index actions_by_incident on actions${longTextIndex} (incident_id)`,
    `create table tasks (
      id ${text} not null primary key,
      action_id ${text} not null references actions (id),
      endpoint_id ${text} not null references endpoints (id),
      ordinal ${integer} not null,
      verb ${text} not null,
      sha256 ${text},
      parameters_json ${text} not null,
      state ${text} not null,
      created_at ${integer} not null,
      deadline ${integer} not null,
      accepted_at ${integer},
      ended_at ${integer},
      report ${bytes},
      report_signature ${bytes}
    )${tableOptions}`,
    'create index tasks_by_action on tasks (action_id, ordinal)',
    'create index tasks_by_endpoint on tasks (endpoint_id, state, deadline)',
    'create index tasks_by_deadline on tasks (state, deadline)',
    'create index tasks_by_sha256 on tasks (sha256, verb)',
  ];
}

function outcomeTable({ text, integer, bytes, tableOptions }: ColumnTypes): readonly string[] {
  return [
    `create table outcomes (
      task_id ${text} not null references tasks (id),
      ordinal ${integer} not null,
      outcome ${text} not null,
      reason ${text},
      message ${text} not null,
      path ${bytes},
      display_path ${text} not null,
      file_guid ${text},
      sha256 ${text},
      size ${integer},
      vault_object ${text},
      losses_json ${text} not null,
      ended_at ${integer} not null,
      delivered_at ${integer},
      primary key (task_id, ordinal)
    )${tableOptions}`,
  ];
}

function vaultTables({ text, integer, bytes, tableOptions }: ColumnTypes): readonly string[] {
  return [
    `create table quarantine (
      vault_object ${text} not null primary key,
      guid ${text} not null,
      file_guid ${text} not null,
      endpoint_id ${text} not null references endpoints (id),
      path ${bytes} not null,
      display_path ${text} not null,
      sha256 ${text} not null,
      size ${integer} not null,
      action_id ${text} not null,
      quarantined_at ${integer} not null,
      state ${text} not null,
      restored_at ${integer},
      restored_by ${text}
    )${tableOptions}`,
    'create index quarantine_by_sha256 on quarantine (sha256, state)',
    'create index quarantine_by_endpoint on quarantine (endpoint_id, state)',
    `create table evidence (
      sha256 ${text} not null primary key,
      size ${integer} not null,
      stored_at ${integer} not null
    )${tableOptions}`,
  ];
}

function accessTables({ text, integer, bytes, tableOptions }: ColumnTypes): readonly string[] {
  return [
    `create table users (
      id ${text} not null primary key,
      email ${text} not null unique,
      password_hash ${text} not null,
      role ${text} not null,
      created_at ${integer} not null
    )${tableOptions}`,
    `create table sessions (
      token_hash ${text} not null primary key,
      user_id ${text} not null references users (id),
      created_at ${integer} not null,
      expires_at ${integer} not null
    )${tableOptions}`,
    'create index sessions_by_expiry on sessions (expires_at)',
    `create table api_keys (
      id ${integer} not null primary key,
      name ${text} not null,
      role ${text} not null,
      level ${text} not null,
      sealed_secret ${bytes} not null,
      created_at ${integer} not null,
      created_by ${text} not null,
      expires_at ${integer}
    )${tableOptions}`,
    `create table enrolment_tokens (
      id ${text} not null primary key,
      token_hash ${text} not null unique,
      uses_left ${integer} not null check (uses_left >= 0),
      tags_json ${text} not null,
      created_at ${integer} not null,
      created_by ${text} not null,
      expires_at ${integer} not null
    )${tableOptions}`,
  ];
}

/** No foreign keys: what happened stays written, whatever becomes of the things that it names. */
function eventTable({ text, integer, tableOptions }: ColumnTypes): readonly string[] {
  return [
    `create table events (
      sequence ${integer} not null primary key,
      type ${text} not null,
      at ${integer} not null,
      actor_kind ${text} not null,
      actor_id ${text} not null,
      actor_name ${text} not null,
      action_id ${text},
      endpoint_id ${text},
      facts_json ${text} not null
    )${tableOptions}`,
    'create index events_by_action on events (action_id, sequence)',
    'create index events_by_endpoint on events (endpoint_id, sequence)',
    'create index events_by_type on events (type, sequence)',
  ];
}
