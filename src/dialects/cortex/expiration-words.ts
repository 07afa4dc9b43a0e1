import type { Verb } from '#core/action/verb.ts';

/** What the settings call each kind of action; the vendor's pages name few. */
export const expirationWords: Readonly<Record<Verb, string>> = {
  fetch: 'file_retrieval',
  quarantine: 'quarantine',
  restore: 'restore',
  restore_objects: 'planned_restore',
  undo: 'undo_quarantine',
  plan: 'restore_plan',
  purge: 'delete_quarantined_files',
  search: 'file_search',
  logs: 'retrieve_support_file',
  scan: 'scan',
};
