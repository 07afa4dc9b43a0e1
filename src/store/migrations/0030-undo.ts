import type { Migration } from './migration.ts';

/** What an action took is asked for by the action, when it is undone. */
export const undo: Migration = {
  version: 30,
  statements: () => ['create index quarantine_by_action on quarantine (action_id)'],
};
