import type { Migration } from './migration.ts';

/** Audit logs are read by kind, by who caused what and by time; a year of them must not be read for that. */
export const eventSearch: Migration = {
  version: 14,
  statements: () => ['create index events_by_cause on events (type, actor_kind, at)'],
};
