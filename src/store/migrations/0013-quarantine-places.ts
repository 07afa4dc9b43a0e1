import type { Migration } from './migration.ts';

/** One question about thousands of files: what each endpoint holds of each hash, however many endpoints hold it. */
export const quarantinePlaces: Migration = {
  version: 13,
  statements: () => ['create index quarantine_by_place on quarantine (endpoint_id, sha256)'],
};
