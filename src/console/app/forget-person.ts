import type { QueryClient } from '@tanstack/react-query';
import { putAllAway } from '../kit/notices.tsx';
import { forgetFetches, keepFetchesOf } from './fetches.ts';
import { forgetHostNames } from './files-with-hosts.ts';
import { meQuery } from './queries.ts';

/** Whoever comes next at this machine finds nothing of the one who leaves it. */
export function forgetPerson(queries: QueryClient): void {
  forgetAnswers(queries);
  forgetFetches();
}

/** What the server has told, and what the page told of it. */
export function forgetAnswers(queries: QueryClient): void {
  queries.clear();
  forgetHostNames();
  putAllAway();
}

/** The page stays, and is asked for anew. @param personId of whoever is logged in now */
export function forgetOthers(queries: QueryClient, personId: string): void {
  queries.removeQueries({ type: 'inactive' });
  void queries.resetQueries({ predicate: ({ queryKey }) => queryKey[0] !== meQuery.queryKey[0] });
  forgetHostNames();
  putAllAway();
  keepFetchesOf(personId);
}
