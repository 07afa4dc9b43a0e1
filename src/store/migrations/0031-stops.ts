import type { Migration } from './migration.ts';

/** When it was asked to stop a task: while it was open, and after it had ended. */
export const stops: Migration = {
  version: 31,
  statements: ({ integer }) => [
    `alter table tasks add column stop_requested_at ${integer}`,
    `alter table tasks add column late_stop_at ${integer}`,
  ],
};
