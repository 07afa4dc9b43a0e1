import type { Migration } from './migration.ts';

/** What was asked for in one remediation, and what became of each row. */
export const remediations: Migration = {
  version: 7,
  statements: ({ text, integer, tableOptions, longTextIndex }) => [
    `create table remediations (
      id ${text} not null primary key,
      incident ${text},
      incident_id ${text},
      principal_kind ${text} not null,
      principal_id ${text} not null,
      principal_name ${text} not null,
      claimed_initiator ${text},
      dialect ${text} not null,
      created_at ${integer} not null,
      aborted_at ${integer},
      aborted_by_kind ${text},
      aborted_by_id ${text},
      aborted_by_name ${text}
    )${tableOptions}`,
    'create index remediations_by_incident on remediations (incident, created_at)',
    `create table remediation_rows (
      remediation_id ${text} not null references remediations (id),
      ordinal ${integer} not null,
      machine ${text} not null,
      target ${text} not null,
      action_type ${text} not null,
      action_id ${text} references actions (id),
      listed_hash ${text},
      failure ${text},
      message ${text} not null,
      primary key (remediation_id, ordinal)
    )${tableOptions}`,
    `create index remediation_rows_by_machine on remediation_rows${longTextIndex} (machine)`,
    `create index remediation_rows_by_target on remediation_rows${longTextIndex} (target)`,
  ],
};
