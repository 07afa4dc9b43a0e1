import type { Migration } from './migration.ts';

/** Who a user is at the identity provider, and what of log-ins there was used up. */
export const singleSignOn: Migration = {
  version: 23,
  statements: ({ text, integer, tableOptions }) => [
    `alter table users add column identity_issuer ${text}`,
    `alter table users add column identity_subject ${text}`,
    'create unique index users_by_identity on users (identity_issuer, identity_subject)',
    `create table spent_log_ins (
      hash ${text} not null primary key,
      expires_at ${integer} not null
    )${tableOptions}`,
    'create index spent_log_ins_by_end on spent_log_ins (expires_at)',
  ],
};
