import type { Migration } from './migration.ts';

/** Blocked and allowed hashes, and the package that vouches for a file. */
export const hashLists: Migration = {
  version: 4,
  statements: ({ text, integer, tableOptions }) => [
    `create table hash_lists (
      hash ${text} not null primary key,
      algorithm ${text} not null,
      list ${text} not null,
      prevent ${integer} not null,
      comment ${text} not null,
      incident_id ${text},
      listed_by_kind ${text} not null,
      listed_by_id ${text} not null,
      listed_by_name ${text} not null,
      listed_by_role ${text} not null,
      dialect ${text} not null,
      listed_at ${integer} not null,
      expires_at ${integer}
    )${tableOptions}`,
    'create index hash_lists_by_list on hash_lists (list, listed_at)',
    'create index hash_lists_by_effect on hash_lists (list, prevent, expires_at)',
    `alter table files add column package ${text}`,
  ],
};
