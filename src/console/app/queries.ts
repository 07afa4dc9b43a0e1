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

/** What a quarantine of every copy of a content would touch; with `searchId` also where a live search finds it run. */
export function previewQuery(sha256: string, searchId?: string) {
  return queryOptions({
    queryKey: ['quarantine', 'preview', sha256, searchId ?? null],
    queryFn: () => client.previewQuarantine({ sha256, ...(searchId !== undefined && { searchId }) }),
  });
}

const pageSize = 1_000;

type HeldCopy = Awaited<ReturnType<typeof client.listQuarantine>>['items'][number];

/**
 * Every copy of a content that vaults hold, of the whole fleet or of one endpoint, however many pages that takes: what goes back or is
 * deleted for good is counted whole before it is.
 */
export function heldCopiesQuery(sha256: string, endpointId?: string) {
  return queryOptions({
    queryKey: ['quarantine', 'held', sha256, endpointId ?? null],
    staleTime: 0,
    queryFn: () => heldCopies(sha256, endpointId),
  });
}

async function heldCopies(sha256: string, endpointId: string | undefined): Promise<readonly HeldCopy[]> {
  const held: HeldCopy[] = [];
  for (;;) {
    const { items, total } = await client.listQuarantine({
      ...{ sha256: [sha256], state: ['held'], offset: held.length, limit: pageSize },
      ...(endpointId !== undefined && { endpointId: [endpointId] }),
    });
    held.push(...items);
    if (items.length === 0 || held.length >= total) {
      return held;
    }
  }
}
