import type { Endpoint } from '#core/endpoint/endpoint.ts';
import { endpointNumberOf, type Guid, isMachineGuid } from '#core/file/guid.ts';
import type { EndpointFilter } from '#core/ports/store/endpoints.ts';
import type { Element } from './element.ts';
import { operatorOf, takeFitting } from './element-filter.ts';
import { everyPage } from './every-page.ts';
import { endpointsOfIncidents } from './incident-facts.ts';
import { machineElement } from './machine-element.ts';
import { processReference } from './process-element.ts';
import { type Finder, type Search, type Sought, targetsOf } from './search.ts';

/** Each is looked at one by one. */
const mostInspected = 100_000;
const mostProcesses = 10_000;

/** Machines by name, exact matches first. */
export const findMachines: Finder = async (search, sought, take) => {
  const order = { by: 'hostName', direction: 'ascending' } as const;
  const endpoints = await everyPage('machines', mostInspected, (page) =>
    search.reader.endpoints.list(narrowed(sought), order, page),
  );
  const elements = await machineElements(
    search,
    endpoints.filter(({ revokedAt }) => revokedAt === null),
  );
  return takeFitting(elements, sought, take);
};

async function machineElements({ reader, now }: Search, endpoints: readonly Endpoint[]): Promise<readonly Element[]> {
  const ids = endpoints.map(({ id }) => id);
  const named = await endpointsOfIncidents(reader, ids);
  const { items } = await reader.incidents.processes({ endpointIds: [...named] }, { offset: 0, limit: mostProcesses });
  const processes = Map.groupBy(items, ({ endpointId }) => endpointId);
  return endpoints.map((endpoint) => {
    const own = new Map((processes.get(endpoint.id) ?? []).map((each) => [each.guid, processReference(each)]));
    return machineElement(endpoint, now, { hasMalops: named.has(endpoint.id), processes: [...own.values()] });
  });
}

/** What the store can do of it, so that a query by name or GUID need not read the whole fleet. */
function narrowed(sought: Sought): EndpointFilter {
  const byName = sought.filters.filter(({ facetName }) => facetName === 'elementDisplayName');
  const contains = byName.find((filter) => operatorOf(filter) === 'ContainsIgnoreCase');
  const equals = byName.find((filter) => ['Equals', 'EqualsIgnoreCase', 'Includes'].includes(operatorOf(filter)));
  const processes = targetsOf(sought, 'processes');
  return {
    ...(sought.guids !== undefined && { numbers: numbersOf([...sought.guids].filter(isMachineGuid)) }),
    ...(sought.guids === undefined && processes !== undefined && { numbers: numbersOf([...processes]) }),
    ...(contains !== undefined && { hostNameContains: contains.values }),
    ...(equals !== undefined && { hostNames: equals.values }),
  };
}

function numbersOf(guids: readonly Guid[]): NonNullable<EndpointFilter['numbers']> {
  return [...new Set(guids.map(endpointNumberOf))].filter((number) => number !== undefined);
}
