import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { Reader } from '../ports/store/store.ts';

/** The endpoints that an order is for. */
export type AskedEndpoints = readonly EndpointId[] | 'all';

/** Those of them that are enrolled and not revoked, each once: named ones in their order, all of them by id. */
export async function orderTargets(
  { endpoints }: Pick<Reader, 'endpoints'>,
  asked: AskedEndpoints,
): Promise<readonly EndpointId[]> {
  if (asked === 'all') {
    return (await endpoints.allTargets()).map(({ id }) => id);
  }
  const named = [...new Set(asked)];
  const known = new Set((await endpoints.targetsAmong(named)).map(({ id }) => id));
  return named.filter((id) => known.has(id));
}
