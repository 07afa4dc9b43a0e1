import type { Migration } from './migration.ts';

/** Second factors, the age of passwords, and sessions that are not whole yet. */
export const secondFactor: Migration = {
  version: 6,
  statements: ({ text, integer, bytes }) => [
    `alter table users add column totp_secret ${bytes}`,
    `alter table users add column totp_active ${integer} not null default 0`,
    `alter table users add column totp_step ${integer} not null default 0`,
    `alter table users add column password_changed_at ${integer} not null default 0`,
    `alter table users add column must_change_password ${integer} not null default 0`,
    'update users set password_changed_at = created_at',
    `alter table sessions add column stage ${text} not null default 'open'`,
    `alter table sessions add column failures ${integer} not null default 0`,
  ],
};
