import type { Migration } from './migration.ts';

/** Comments on API keys, keys that were deleted, and the nonces that strict signatures have used up. */
export const keyCare: Migration = {
  version: 11,
  statements: ({ text, integer, tableOptions }) => [
    `alter table api_keys add column comment ${text} not null default ''`,
    `alter table api_keys add column deleted_at ${integer}`,
    `create table key_nonces (
      key_id ${integer} not null references api_keys (id),
      nonce_hash ${text} not null,
      expires_at ${integer} not null,
      primary key (key_id, nonce_hash)
    )${tableOptions}`,
    'create index key_nonces_by_expiry on key_nonces (expires_at)',
  ],
};
