import type { Migration } from './migration.ts';

/** From where an API key counts, and when it was used last; of older keys nobody knows. */
export const keyUse: Migration = {
  version: 27,
  statements: ({ text, integer }) => [
    `alter table api_keys add column addresses_json ${text} not null default '[]'`,
    `alter table api_keys add column last_used_at ${integer}`,
  ],
};
