import type { Migration } from './migration.ts';

/** What happened to one file is asked for by its GUID. */
export const outcomesByFile: Migration = {
  version: 20,
  statements: () => ['create index outcomes_file on outcomes (file_guid)'],
};
