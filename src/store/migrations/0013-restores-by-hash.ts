import type { Migration } from './migration.ts';

/**
 * One question about thousands of files, what each endpoint holds of each hash, however many endpoints hold it; and which restore
 * superseded a quarantine that its agent was asked not to begin.
 */
export const restoresByHash: Migration = {
  version: 13,
  statements: ({ text }) => [
    'create index quarantine_by_place on quarantine (endpoint_id, sha256)',
    `alter table tasks add column superseded_by ${text}`,
  ],
};
