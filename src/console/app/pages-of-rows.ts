import { keepPreviousData, type QueryKey, type UseQueryResult, useQueries, useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { later } from '../kit/clock.ts';
import type { RowSource } from '../kit/data-table.tsx';

interface Listing<Row> {
  readonly items: readonly Row[];
  readonly total: number;
}

export interface PageOfRows {
  readonly offset: number;
  readonly limit: number;
}

/** Little enough to be read between two frames. */
const pageRows = 100;
/** Whoever scrolls past a page does not wait for it: what is looked at is asked for. */
const settled = 60;
/** What nobody looks at any more is forgotten, so that a list of any length takes no more room than a short one. */
const keptFor = 20_000;

interface View {
  readonly first: number;
  readonly last: number;
}

const top: View = { first: 0, last: 0 };

/**
 * A list of the server of any length, of which just the pages are here that somebody looks at; they alone are asked for anew when
 * something changes.
 */
export function usePagesOfRows<Row>(queryKey: QueryKey, read: (page: PageOfRows) => Promise<Listing<Row>>) {
  const [view, setView] = useState(top);
  const [seen, setSeen] = useState(top);
  useEffect(() => later(settled, () => setView(seen)), [seen]);
  const onView = useCallback((first: number, last: number) => {
    const now = { first: Math.floor(first / pageRows), last: Math.floor(last / pageRows) };
    // Every scroll tells of it, and a page is looked at for long.
    setSeen((before) => (before.first === now.first && before.last === now.last ? before : now));
  }, []);
  const pageOf = (page: number) => ({
    queryKey: [...queryKey, 'rows', page],
    queryFn: () => read({ offset: page * pageRows, limit: pageRows }),
    gcTime: keptFor,
  });
  const beginning: UseQueryResult<Listing<Row>> = useQuery({ ...pageOf(0), placeholderData: keepPreviousData });
  const numbers = Array.from({ length: view.last - view.first + 1 }, (_, index) => view.first + index);
  const pages = useQueries({
    queries: numbers.filter((page) => page > 0).map(pageOf),
    combine: (results) => new Map(results.map(({ data }, index) => [numbers.filter((page) => page > 0)[index], data])),
  });
  const first = beginning.data;
  const rows = useMemo((): RowSource<Row> => {
    return {
      count: first?.total ?? 0,
      at(index) {
        const page = Math.floor(index / pageRows);
        return (page === 0 ? first : pages.get(page))?.items[index % pageRows];
      },
    };
  }, [first, pages]);
  return { beginning, rows, onView };
}
