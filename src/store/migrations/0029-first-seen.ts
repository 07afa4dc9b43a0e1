import type { Migration } from './migration.ts';

/**
 * Since when the bytes at a place are known; of older rows nothing earlier is known than when they were last told. A content that is on
 * every endpoint is counted from the indexes alone.
 */
export const firstSeen: Migration = {
  version: 29,
  statements: ({ integer }) => [
    `alter table files add column first_seen_at ${integer} not null default 0`,
    'update files set first_seen_at = seen_at',
    'create index files_by_content on files (sha256, state, endpoint_id, first_seen_at)',
    'create index files_by_packaged_content on files (sha256, state, package, endpoint_id) where package is not null',
    'drop index files_by_sha256',
  ],
};
