import type { Migration } from './migration.ts';

/** How an endpoint's last scan went is asked for with every list of endpoints; an endpoint may have thousands of other tasks. */
export const scans: Migration = {
  version: 10,
  statements: () => ["create index tasks_of_scans on tasks (endpoint_id) where verb = 'scan'"],
};
