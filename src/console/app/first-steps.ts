import { queryOptions } from '@tanstack/react-query';
import { client } from './client.ts';

/** How many endpoints there are, by their presence. */
export const countsQuery = queryOptions({
  queryKey: ['endpoints', 'counts'],
  queryFn: () => client.countEndpoints(),
});

/** Fetches that brought a file. */
export const firstFetchQuery = queryOptions({
  queryKey: ['actions', 'first-fetch'],
  queryFn: () =>
    client.listActions({ verb: ['fetch'], status: ['completed_successfully', 'completed_partial'], limit: 1 }),
});
