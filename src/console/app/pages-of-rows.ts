import {
  keepPreviousData,
  type QueryKey,
  type UseQueryResult,
  useQueries,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useState } from 'react';
import type { Client } from '#sdk/client.ts';
import { later } from '../kit/clock.ts';
import type { RowSource } from '../kit/row-source.ts';
import { useStable } from '../kit/stable.ts';
import { clientUntil } from './client.ts';

export interface Listing<Row> {
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
const askAgainAfter = 1_000;

interface View {
  readonly first: number;
  readonly last: number;
  /** One more page, in the direction of reading: rows that are here before they come into view need be drawn but once. */
  readonly ahead: -1 | 0 | 1;
}

const top: View = { first: 0, last: 0, ahead: 0 };

export interface Listed<Row> {
  readonly queryKey: QueryKey;
  /** @param ask gives up what it asks once nobody looks at the page any more */
  read(page: PageOfRows, ask: Client): Promise<Listing<Row>>;
  rowId(row: Row): string;
}

/**
 * A list of the server of any length, of which just the pages are here that somebody looks at; they alone are asked for anew when
 * something changes. No row is there twice, although pages are answered one after the other while rows come and go.
 */
export function usePagesOfRows<Row>({ queryKey, read, rowId }: Listed<Row>) {
  const [view, setView] = useState(top);
  const [seen, setSeen] = useState(top);
  useEffect(() => later(settled, () => setView(seen)), [seen]);
  const onView = useCallback((first: number, last: number) => {
    const now = { first: Math.floor(first / pageRows), last: Math.floor(last / pageRows) };
    // Every scroll tells of it, and a page is looked at for long.
    setSeen((before) =>
      before.first === now.first && before.last === now.last
        ? before
        : { ...now, ahead: now.first < before.first ? -1 : 1 },
    );
  }, []);
  const pageOf = (page: number) => ({
    queryKey: [...queryKey, 'rows', page],
    queryFn: ({ signal }: { readonly signal: AbortSignal }) =>
      read({ offset: page * pageRows, limit: pageRows }, clientUntil(signal)),
    gcTime: keptFor,
  });
  const beginning: UseQueryResult<Listing<Row>> = useQuery({ ...pageOf(0), placeholderData: keepPreviousData });
  const { data: first, dataUpdatedAt: firstAt } = beginning;
  const count = first?.total ?? 0;
  const numbers = useMemo(() => pagesIn(view, count), [view, count]);
  const pages = useQueries({ queries: numbers.map(pageOf), combine: answersOf<Row> });
  const idOf = useStable(rowId);
  const { places, doubted } = useMemo(() => {
    const others = numbers.flatMap((page, index) => {
      const answer = pages.get(index);
      return answer === undefined ? [] : [{ ...answer, page }];
    });
    return onceEach([{ page: 0, data: first, at: firstAt }, ...others], idOf);
  }, [first, firstAt, pages, numbers, idOf]);
  useAskedAgain(queryKey, doubted);
  const rows = useMemo((): RowSource<Row> => ({ count, at: (index) => places.get(index) }), [count, places]);
  return { beginning, rows, onView };
}

/** Without the first, which is always there: it says how many rows there are. */
function pagesIn({ first, last, ahead }: View, count: number): readonly number[] {
  const from = ahead < 0 ? first - 1 : first;
  const to = ahead > 0 ? last + 1 : last;
  const pages = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  return pages.filter((page) => page > 0 && (page <= last || page * pageRows < count));
}

interface Answer<Row> {
  readonly data: Listing<Row> | undefined;
  /** When it came; 0: it is that to another question, which stays until this one is answered. */
  readonly at: number;
}

/**
 * A function of its own for good: another one would have the pages put together at every scroll. And a map, by place: of an array the queries
 * compare every row with that of the page which stood there before, and copy it.
 */
function answersOf<Row>(results: readonly UseQueryResult<Listing<Row>>[]): ReadonlyMap<number, Answer<Row>> {
  return new Map(results.map(({ data, dataUpdatedAt }, index) => [index, { data, at: dataUpdatedAt }]));
}

interface Numbered<Row> extends Answer<Row> {
  readonly page: number;
}

/**
 * Puts rows in their places. One that two pages have stands where the newer answer has it.
 * @returns the pages, too, that are older than what says otherwise
 */
function onceEach<Row>(answers: readonly Numbered<Row>[], rowId: (row: Row) => string) {
  const places = new Map<number, Row>();
  const placed = new Set<string>();
  const doubted = new Set<number>();
  for (const { page, data } of answers.toSorted((one, other) => other.at - one.at)) {
    for (const [index, row] of (data?.items ?? []).entries()) {
      const id = rowId(row);
      if (placed.has(id)) {
        doubted.add(page);
      } else {
        placed.add(id);
        places.set(page * pageRows + index, row);
      }
    }
  }
  return { places, doubted: [...doubted].join() };
}

/** @param doubted numbers of pages, with commas in between */
function useAskedAgain(queryKey: QueryKey, doubted: string): void {
  const queries = useQueryClient();
  const ask = useStable(() => {
    for (const page of doubted.split(',')) {
      void queries.invalidateQueries({ queryKey: [...queryKey, 'rows', Number(page)] });
    }
  });
  useEffect(() => (doubted === '' ? undefined : later(askAgainAfter, ask)), [doubted, ask]);
}
