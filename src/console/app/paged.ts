import { keepPreviousData, type QueryKey, useInfiniteQuery } from '@tanstack/react-query';

interface Listing<Item> {
  readonly items: readonly Item[];
  readonly total: number;
}

interface Place {
  readonly offset: number;
  readonly limit: number;
}

const pageRows = 200;

/** A list of the server, loaded page by page as far as somebody reads. What was there stays while another filter is asked for. */
export function usePaged<Item>(queryKey: QueryKey, page: (place: Place) => Promise<Listing<Item>>) {
  const query = useInfiniteQuery({
    queryKey,
    initialPageParam: 0,
    placeholderData: keepPreviousData,
    queryFn: ({ pageParam }) => page({ offset: pageParam, limit: pageRows }),
    getNextPageParam: ({ total }: Listing<Item>, pages: readonly Listing<Item>[]) => {
      const loaded = pages.reduce((sum, { items }) => sum + items.length, 0);
      return loaded < total ? loaded : undefined;
    },
    select: ({ pages }) => ({ rows: pages.flatMap(({ items }) => items), total: pages[0]?.total ?? 0 }),
  });
  return { query, more: () => void (query.isFetchingNextPage || query.fetchNextPage()) };
}
