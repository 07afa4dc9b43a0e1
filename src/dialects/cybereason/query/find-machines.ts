import type { Endpoint } from '#core/endpoint/endpoint.ts';
import { endpointNumberOf, type Guid, isMachineGuid, machineGuid } from '#core/file/guid.ts';
import type { EndpointFilter } from '#core/ports/store/endpoints.ts';
import type { Element } from './element.ts';
import { type Candidates, operatorOf, takeFitting } from './element-filter.ts';
import { everyPage } from './every-page.ts';
import { endpointsOfIncidents } from './incident-facts.ts';
import { machineElement } from './machine-element.ts';
import { processReference } from './process-element.ts';
import type { Finder, Search, Sought } from './search.ts';

/** Each is looked at one by one. */
const mostInspected = 100_000;
const mostProcesses = 100_000;

/** What incidents say of a machine. */
const lateFeatures: ReadonlySet<string> = new Set(['hasMalops', 'processes']);

/** Machines by name, exact matches first. */
export const findMachines: Finder = async (search, sought, taker) => {
  const order = { by: 'hostName', direction: 'ascending' } as const;
  const listed = await everyPage('machines', mostInspected, (page) =>
    search.reader.endpoints.list(narrowed(sought), order, page),
  );
  const endpoints = new Map(
    listed.filter(({ revokedAt }) => revokedAt === null).map((each) => [machineGuid(each.number), each]),
  );
  const candidates: Candidates = {
    elements: [...endpoints.values()].map((endpoint) => machineElement(endpoint, search.now)),
    isLate: (feature) => lateFeatures.has(feature),
    complete: (batch) =>
      completed(
        search,
        batch.flatMap(({ guid }) => endpoints.get(guid) ?? []),
      ),
  };
  return takeFitting(candidates, sought, taker);
};

async function completed({ reader, now }: Search, endpoints: readonly Endpoint[]): Promise<readonly Element[]> {
  const endpointIds = endpoints.map(({ id }) => id);
  const named = await endpointsOfIncidents(reader, endpointIds);
  const observed = await everyPage('processes of these machines', mostProcesses, (page) =>
    reader.incidents.processes({ endpointIds }, page),
  );
  const processes = Map.groupBy(observed, ({ endpointId }) => endpointId);
  return endpoints.map((endpoint) => {
    const own = new Map((processes.get(endpoint.id) ?? []).map((each) => [each.guid, processReference(each)]));
    return machineElement(endpoint, now, { hasMalops: named.has(endpoint.id), processes: [...own.values()] });
  });
}

/** What the store can do of it, so that a query by name or GUID need not read the whole fleet. */
function narrowed({ filters, guids }: Sought): EndpointFilter {
  const byName = filters.filter(({ facetName }) => facetName === 'elementDisplayName');
  const contains = byName.find((filter) => operatorOf(filter) === 'ContainsIgnoreCase');
  const equals = byName.find((filter) => ['Equals', 'EqualsIgnoreCase', 'Includes'].includes(operatorOf(filter)));
  return {
    ...(guids !== undefined && { numbers: numbersOf([...guids].filter(isMachineGuid)) }),
    ...(contains !== undefined && { hostNameContains: contains.values }),
    ...(equals !== undefined && { hostNames: equals.values }),
  };
}

function numbersOf(guids: readonly Guid[]): NonNullable<EndpointFilter['numbers']> {
  return [...new Set(guids.map(endpointNumberOf))].filter((number) => number !== undefined);
}
