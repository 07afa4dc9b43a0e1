import type { Migration } from './migration.ts';

/** Clients that poll ask for the incidents that have changed since they last did. */
export const incidentUpdates: Migration = {
  version: 8,
  statements: () => ['create index incidents_by_update on incidents (updated_at)'],
};
