import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { Reader } from '../ports/store/store.ts';

/** Without those whose record was removed, or that whoever asks may not see. */
export type HostNames = ReadonlyMap<EndpointId, string>;

/** What these endpoints are called, however often each is named. */
export async function hostNamesOf(
  { endpoints }: Pick<Reader, 'endpoints'>,
  named: readonly { readonly endpointId: EndpointId }[],
): Promise<HostNames> {
  const known = await endpoints.byIds([...new Set(named.map(({ endpointId }) => endpointId))]);
  return new Map(known.map(({ id, hostName }) => [id, hostName]));
}
