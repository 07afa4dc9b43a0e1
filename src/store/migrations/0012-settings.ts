import type { Migration } from './migration.ts';

/** What an administrator sets while the server runs. */
export const settings: Migration = {
  version: 12,
  statements: ({ text, tableOptions }) => [
    `create table settings (
      name ${text} not null primary key,
      value_json ${text} not null
    )${tableOptions}`,
  ],
};
