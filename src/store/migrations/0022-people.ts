import type { Migration } from './migration.ts';

/**
 * Roles that administrators make, users who are disabled, codes for a lost second factor, and what sessions need for ends of their
 * own. Of an older session nobody knows at which API it was opened, so all of them end: people log in again, once.
 */
export const people: Migration = {
  version: 22,
  statements: ({ text, integer, tableOptions }) => [
    `create table custom_roles (
      name_key ${text} not null primary key,
      name ${text} not null,
      permissions_json ${text} not null,
      created_at ${integer} not null,
      created_by ${text} not null,
      changed_at ${integer} not null
    )${tableOptions}`,
    `alter table users add column disabled_at ${integer}`,
    `alter table users add column recovery_codes_json ${text} not null default '[]'`,
    'delete from sessions',
    `alter table sessions add column dialect ${text} not null default 'native'`,
    `alter table sessions add column remote_address ${text} not null default ''`,
    `alter table sessions add column last_used_at ${integer} not null default 0`,
  ],
};
