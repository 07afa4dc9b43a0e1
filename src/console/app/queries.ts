import { QueryClient, queryOptions } from '@tanstack/react-query';
import { ApiError } from '#sdk/api-error.ts';
import { client } from './client.ts';

/** What passes by itself is tried again; what the server refused is not. */
function triesAgain(failures: number, failure: Error): boolean {
  return failures < 2 && failure instanceof ApiError && failure.code === 'unreachable';
}

export const queryClient = new QueryClient({
  defaultOptions: { queries: { retry: triesAgain, staleTime: 5_000 }, mutations: { retry: false } },
});

/** Who has logged in; null: nobody. */
export const meQuery = queryOptions({
  queryKey: ['me'],
  staleTime: 60_000,
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

export type Me = Awaited<ReturnType<typeof client.whoAmI>>;
export type Permission = Me['permissions'][number];

export const serverQuery = queryOptions({
  queryKey: ['server'],
  queryFn: () => client.readServer(),
  refetchInterval: 15_000,
});
