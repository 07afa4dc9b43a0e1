import { queryOptions, useQuery } from '@tanstack/react-query';
import type { RouteComponent } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Answered } from '../kit/page-states.tsx';
import { queryClient } from './queries.ts';

type Page = () => ReactNode;

/**
 * A page whose code comes when it is first wanted. Where it does not come, that is said in its place, and it is asked for again when the
 * server is back: the router's own way is to load everything anew, which loses what was typed and, while the server is away, the console.
 */
export function lazyPage<Name extends string>(
  load: () => Promise<Readonly<Record<Name, Page>>>,
  name: Name,
): RouteComponent {
  const code = queryOptions({
    ...{ queryKey: ['code', name], staleTime: Number.POSITIVE_INFINITY, gcTime: Number.POSITIVE_INFINITY },
    queryFn: async () => {
      try {
        const Loaded: Page = (await load())[name];
        return { Loaded };
      } catch (cause) {
        throw new Error('Its code did not come from the server.', { cause });
      }
    },
  });
  function LazyPage() {
    const query = useQuery(code);
    return (
      <Answered query={query} what="this page">
        {({ Loaded }) => <Loaded />}
      </Answered>
    );
  }
  // The router waits for it, so that a page comes whole; a failure is told by the page.
  return Object.assign(LazyPage, { preload: () => queryClient.prefetchQuery(code) });
}
