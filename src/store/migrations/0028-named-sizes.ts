import type { Migration } from './migration.ts';

/** Which size an agent named last with a content; of older claims nobody knows, and they count again. */
export const namedSizes: Migration = {
  version: 28,
  statements: ({ integer }) => [`alter table upload_claims add column named_size ${integer}`],
};
