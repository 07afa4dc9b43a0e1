import type { CustodyEvent } from '#core/custody/event.ts';
import type { Endpoint } from '#core/endpoint/endpoint.ts';
import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import type { Reader } from '#core/ports/store/store.ts';

/** The endpoints that a page of events is of. */
export async function auditedEndpoints(
  { endpoints }: Pick<Reader, 'endpoints'>,
  events: readonly CustodyEvent[],
): Promise<ReadonlyMap<EndpointId | undefined, Endpoint>> {
  const ids = new Set(events.flatMap(({ endpointId }) => endpointId ?? []));
  return new Map((await endpoints.byIds([...ids])).map((endpoint) => [endpoint.id, endpoint]));
}
