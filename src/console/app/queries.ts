import { QueryCache, QueryClient, queryOptions } from '@tanstack/react-query';
import { ApiError } from '#sdk/api-error.ts';
import { client } from './client.ts';

/** What passes by itself is tried again; what the server refused is not. */
function triesAgain(failures: number, failure: Error): boolean {
  return failures < 2 && failure instanceof ApiError && failure.code === 'unreachable';
}

/** A session ends while its pages are open: from then on nobody is logged in. */
function noteLoggedOut(failure: Error): void {
  if (failure instanceof ApiError && failure.status === 401) {
    queryClient.setQueryData(meQuery.queryKey, null);
  }
}

export const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError: noteLoggedOut }),
  defaultOptions: {
    // A browser that knows of no network reaches a server on its own machine all the same.
    queries: { retry: triesAgain, staleTime: 5_000, networkMode: 'always' },
    mutations: { retry: false, networkMode: 'always' },
  },
});

/** Who has logged in; null: nobody. */
export const meQuery = queryOptions({
  queryKey: ['me'],
  // Somebody who has logged in meanwhile in another tab is found at once.
  staleTime: ({ state }) => (state.data === null ? 0 : 60_000),
  async queryFn() {
    try {
      return await client.whoAmI();
    } catch (failure) {
      if (failure instanceof ApiError && failure.status === 401) {
        return null;
      }
      throw failure;
    }
  },
});

export const serverQuery = queryOptions({
  queryKey: ['server'],
  queryFn: () => client.readServer(),
  refetchInterval: 15_000,
});
