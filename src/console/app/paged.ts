import { type InfiniteData, keepPreviousData, type QueryKey, useInfiniteQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import { useStable } from '../kit/stable.ts';
import type { Listing, PageOfRows } from './pages-of-rows.ts';

const pageRows = 500;

export interface Paged<Row> {
  readonly queryKey: QueryKey;
  /** Milliseconds; default: it is asked anew when something happens. */
  readonly refetchInterval?: number;
  read(page: PageOfRows): Promise<Listing<Row>>;
  rowId(row: Row): string;
}

/**
 * A list of the server whose rows stay here once they are loaded, because people choose among them or because not all of them are shown; any
 * other is for `usePagesOfRows`. What was there stays while another filter is asked for.
 */
export function usePaged<Row>({ queryKey, refetchInterval, read, rowId }: Paged<Row>) {
  const idOf = useStable(rowId);
  const query = useInfiniteQuery({
    queryKey,
    initialPageParam: 0,
    placeholderData: keepPreviousData,
    queryFn: ({ pageParam }) => read({ offset: pageParam, limit: pageRows }),
    getNextPageParam: ({ total }: Listing<Row>, pages: readonly Listing<Row>[]) => {
      const loaded = pages.reduce((sum, { items }) => sum + items.length, 0);
      return loaded < total ? loaded : undefined;
    },
    select: useCallback(
      ({ pages }: InfiniteData<Listing<Row>>) => ({ rows: onceEach(pages, idOf), total: pages[0]?.total ?? 0 }),
      [idOf],
    ),
    ...(refetchInterval !== undefined && { refetchInterval }),
  });
  return {
    query,
    more: () => {
      if (query.hasNextPage && !query.isFetchingNextPage) {
        void query.fetchNextPage();
      }
    },
  };
}

/** A row that came at the head moves others from the page before, which is here already, to the next one. */
function onceEach<Row>(pages: readonly Listing<Row>[], rowId: (row: Row) => string): readonly Row[] {
  return [...new Map(pages.flatMap(({ items }) => items.map((row) => [rowId(row), row] as const))).values()];
}
