import { type Verb, verbs } from '#core/action/verb.ts';

/**
 * What the settings call each kind of action; the vendor's pages name few. Null: the vendor has no such kind, and a client that reads
 * the settings and writes them back must not meet one that it does not know.
 */
const expirationWords: Readonly<Record<Verb, string | null>> = {
  fetch: 'file_retrieval',
  quarantine: 'quarantine',
  restore: 'restore',
  restore_objects: null,
  undo: null,
  plan: null,
  purge: 'delete_quarantined_files',
  search: 'file_search',
  logs: 'retrieve_support_file',
  scan: 'scan',
};

/** In the order in which they are told. */
export const expiringKinds: readonly (readonly [verb: Verb, word: string])[] = verbs.flatMap((verb) => {
  const word = expirationWords[verb];
  return word === null ? [] : [[verb, word] as const];
});
