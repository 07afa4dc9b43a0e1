import type { Endpoint } from '#core/endpoint/endpoint.ts';
import { endpointNumberOf, isMachineGuid } from '#core/file/guid.ts';
import type { EndpointFilter } from '#core/ports/store/endpoints.ts';
import type { Reader } from '#core/ports/store/store.ts';
import type { Milliseconds } from '#core/time.ts';
import { demandFeatures, operatorOf, passesAll, passesExactly } from './element-filter.ts';
import { machineElement } from './machine-element.ts';
import type { QueryElement } from './query-request.ts';

const pageSize = 2_000;

/** Endpoints that a Machine element of a query describes: exact matches first, then by name. */
export async function findMachines(
  reader: Pick<Reader, 'endpoints'>,
  asked: QueryElement,
  now: Milliseconds,
): Promise<readonly Endpoint[]> {
  demandFeatures('Machine', asked);
  const found: { readonly endpoint: Endpoint; readonly exact: boolean }[] = [];
  for (let offset = 0; ; offset += pageSize) {
    const page = { offset, limit: pageSize };
    const listing = await reader.endpoints.list(narrowed(asked), { by: 'hostName', direction: 'ascending' }, page);
    for (const endpoint of listing.items) {
      const element = machineElement(endpoint, now);
      if (endpoint.revokedAt === null && passesAll(element, asked.filters)) {
        found.push({ endpoint, exact: passesExactly(element, asked.filters) });
      }
    }
    if (offset + pageSize >= listing.total) {
      break;
    }
  }
  return found.toSorted((a, b) => Number(b.exact) - Number(a.exact)).map(({ endpoint }) => endpoint);
}

/** What the store can do of it, so that a query by name or GUID need not read the whole fleet. */
function narrowed({ filters, guids }: QueryElement): EndpointFilter {
  const byName = filters.filter(({ facetName }) => facetName === 'elementDisplayName');
  const contains = byName.find((filter) => operatorOf(filter) === 'ContainsIgnoreCase');
  const equals = byName.find((filter) => ['Equals', 'EqualsIgnoreCase', 'Includes'].includes(operatorOf(filter)));
  return {
    ...(guids === undefined ? {} : { numbers: numbersOf(guids) }),
    ...(contains === undefined ? {} : { hostNameContains: contains.values }),
    ...(equals === undefined ? {} : { hostNames: equals.values }),
  };
}

function numbersOf(guids: NonNullable<QueryElement['guids']>): NonNullable<EndpointFilter['numbers']> {
  return guids
    .filter(isMachineGuid)
    .map(endpointNumberOf)
    .filter((number) => number !== undefined);
}
