import { lazyRouteComponent, type RouteComponent } from '@tanstack/react-router';
import type { ReactNode } from 'react';

type Page = (props: unknown) => ReactNode;

/**
 * A page whose code comes when it is first wanted. Where it does not come, that is said, and asked for again when somebody wishes: the
 * router's own way is to load everything anew, which loses what was typed and, while the server is away, the console itself.
 */
export function lazyPage<Name extends string>(
  load: () => Promise<Readonly<Record<Name, Page>>>,
  name: Name,
): RouteComponent {
  return lazyRouteComponent(async (): Promise<Record<'page', Page>> => {
    try {
      const { [name]: page } = await load();
      return { page };
    } catch (cause) {
      throw new Error('Its code did not come from the server.', { cause });
    }
  }, 'page');
}
