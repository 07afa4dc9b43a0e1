import type { Migration } from './migration.ts';

/** Why an action was ordered; null where nobody said. */
export const reasons: Migration = {
  version: 21,
  statements: ({ text }) => [`alter table actions add column reason ${text}`],
};
