import type { Migration } from './migration.ts';

/** Wrong codes are counted for each user, and a password that was chosen at a log-in waits for the code. */
export const logInLimits: Migration = {
  version: 9,
  statements: ({ text, integer }) => [
    `alter table users add column totp_failures ${integer} not null default 0`,
    `alter table users add column totp_failed_at ${integer}`,
    `alter table sessions add column new_password_hash ${text}`,
    'create index sessions_by_user on sessions (user_id)',
  ],
};
