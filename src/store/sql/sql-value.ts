/** What a statement may carry: integers are safe ones, text has no NUL. Lists are for PostgreSQL's arrays only. */
export type SqlValue = string | number | null | Uint8Array | readonly string[] | readonly number[];
