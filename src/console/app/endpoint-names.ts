import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { client } from './client.ts';
import { useMay } from './may.ts';

const mostAtOnce = 1_000;
const none: ReadonlyMap<string, string> = new Map();

/** Host names of endpoints by their ids, those that are known; of any number, the first thousand. */
export function useEndpointNames(ids: readonly (string | null)[]): ReadonlyMap<string, string> {
  const mayRead = useMay('endpoints.read');
  const asked = useMemo(
    () =>
      [...new Set(ids)]
        .filter((id) => id !== null)
        .toSorted()
        .slice(0, mostAtOnce),
    [ids],
  );
  const { data } = useQuery({
    queryKey: ['endpoints', 'names', asked],
    queryFn: async () => {
      const { items } = await client.listEndpoints({ id: asked, limit: mostAtOnce });
      return new Map(items.map(({ id, hostName }) => [id, hostName]));
    },
    enabled: mayRead && asked.length > 0,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
  return data ?? none;
}
