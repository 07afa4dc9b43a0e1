import type { Migration } from './migration.ts';

/** What was answered to requests with an Idempotency-Key, encrypted, so that the same request is never carried out twice. */
export const answeredRequests: Migration = {
  version: 18,
  statements: ({ text, integer, bytes, tableOptions }) => [
    `create table answered_requests (
      principal_kind ${text} not null,
      principal_id ${text} not null,
      key_hash ${text} not null,
      sealed ${bytes} not null,
      expires_at ${integer} not null,
      primary key (principal_kind, principal_id, key_hash)
    )${tableOptions}`,
    'create index answered_requests_by_end on answered_requests (expires_at)',
  ],
};
