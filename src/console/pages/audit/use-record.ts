import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { client } from '../../app/client.ts';
import type { EventFilter } from './search.ts';

const pageRows = 500;
const mostNewer = 1_000;

/**
 * The record, newest first. What is on record never changes, so only what came since the page was opened is asked for anew; rows that
 * somebody reads stay where they are.
 */
export function useRecord(filter: EventFilter, isEnabled: boolean) {
  const queries = useQueryClient();
  const older = useInfiniteQuery({
    queryKey: ['record', filter],
    initialPageParam: Number.MAX_SAFE_INTEGER,
    queryFn: ({ pageParam }) =>
      client.listEvents({ ...filter, direction: 'descending', before: pageParam, limit: pageRows }),
    getNextPageParam: ({ items }) => (items.length < pageRows ? undefined : items.at(-1)?.sequence),
    enabled: isEnabled,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const pages = older.data?.pages;
  const anchor = pages === undefined ? undefined : (pages[0]?.items[0]?.sequence ?? 0);
  const newer = useQuery({
    queryKey: ['events', 'newer', filter, anchor],
    queryFn: () => client.listEvents({ ...filter, after: anchor ?? 0, direction: 'descending', limit: mostNewer }),
    enabled: isEnabled && anchor !== undefined,
  });
  const isBehind = newer.data?.items.length === mostNewer;
  useEffect(() => {
    if (isBehind) {
      void queries.resetQueries({ queryKey: ['record'] });
    }
  }, [isBehind, queries]);
  const rows = [...(newer.data?.items ?? []), ...(pages?.flatMap(({ items }) => items) ?? [])];
  return { older, rows };
}
