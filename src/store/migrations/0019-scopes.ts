import type { Migration } from './migration.ts';

/** The tags of the endpoints that a key or a user is limited to; null for no limit. */
export const scopes: Migration = {
  version: 19,
  statements: ({ text }) => [
    `alter table api_keys add column scope_tags_json ${text}`,
    `alter table users add column scope_tags_json ${text}`,
  ],
};
