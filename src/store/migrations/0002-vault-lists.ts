import type { ColumnTypes } from '../sql/dialect.ts';
import type { Migration } from './migration.ts';

/** What agents say of each file beyond its outcome, and records of vault objects that no action of ours made. */
export const vaultLists: Migration = {
  version: 2,
  statements: (types) => [
    `alter table outcomes add column effect ${types.text}`,
    `alter table outcomes add column details_json ${types.text} not null default '{}'`,
    ...quarantineTable(types),
  ],
};

/** Built anew: SQLite cannot let a column that exists become null. */
function quarantineTable({ text, integer, bytes, tableOptions }: ColumnTypes): readonly string[] {
  return [
    `create table quarantine_of_2 (
      vault_object ${text} not null primary key,
      guid ${text} not null,
      file_guid ${text} not null,
      endpoint_id ${text} not null references endpoints (id),
      path ${bytes} not null,
      display_path ${text} not null,
      sha256 ${text} not null,
      size ${integer} not null,
      action_id ${text},
      quarantined_at ${integer} not null,
      taken_at ${integer} not null,
      state ${text} not null,
      restored_at ${integer},
      restored_by ${text},
      damaged_at ${integer}
    )${tableOptions}`,
    `insert into quarantine_of_2
      select vault_object, guid, file_guid, endpoint_id, path, display_path, sha256, size, action_id,
        quarantined_at, quarantined_at, state, restored_at, restored_by, null
      from quarantine`,
    'drop table quarantine',
    'alter table quarantine_of_2 rename to quarantine',
    'create index quarantine_by_sha256 on quarantine (sha256, state)',
    'create index quarantine_by_endpoint on quarantine (endpoint_id, state)',
    'create index quarantine_by_file on quarantine (file_guid, state)',
    'create index quarantine_by_guid on quarantine (guid)',
  ];
}
