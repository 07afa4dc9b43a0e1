import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import { Fault } from '#core/fault.ts';
import type { Ports } from '#core/ports/ports.ts';
import { orderTargets } from '#core/verbs/order-targets.ts';
import { askedEndpoints } from './asked-endpoints.ts';
import type { Condition } from './filters.ts';
import { wrongField } from './read-fields.ts';

/** The vendor's own limit. */
const mostEndpoints = 1_000;

/**
 * The known endpoints that meet every filter, for calls that change what is recorded of them.
 * @throws Fault `invalid_request` where no filter says whom, `limit_exceeded` for more than 1,000
 */
export async function filteredEndpoints(
  ports: Pick<Ports, 'store' | 'clock'>,
  filters: readonly Condition[],
): Promise<readonly EndpointId[]> {
  if (filters.length === 0) {
    throw wrongField('filters', 'must say which endpoints');
  }
  const asked = await askedEndpoints(ports, filters);
  if (asked.length > mostEndpoints) {
    throw new Fault('limit_exceeded', `filters: one request changes at most ${mostEndpoints} endpoints.`, {
      details: { limit: mostEndpoints, asked: asked.length },
    });
  }
  return ports.store.read((reader) => orderTargets(reader, asked));
}

/** @throws Fault `no_target` where connectors would tell people of a success. */
export function demandSome(endpointIds: readonly EndpointId[]): void {
  if (endpointIds.length === 0) {
    throw new Fault('no_target', 'No endpoint matches the filters.');
  }
}
