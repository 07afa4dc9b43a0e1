import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import { Fault } from '#core/fault.ts';
import type { Ports } from '#core/ports/ports.ts';
import type { FileCondition } from '#core/ports/store/files.ts';
import type { Reader } from '#core/ports/store/store.ts';
import type { Milliseconds } from '#core/time.ts';
import { type Chain, readChain } from './chain.ts';
import type { Element } from './element.ts';
import { demandFeatures } from './element-filter.ts';
import { splitFilters } from './file-conditions.ts';
import { findFiles } from './find-files.ts';
import { findMachines } from './find-machines.ts';
import { findQuarantineFiles } from './find-quarantine-files.ts';
import { machineElement } from './machine-element.ts';
import type { Query, QueryElement } from './query-request.ts';
import { type Found, renderResults } from './query-results.ts';

/** Most machines that a chain may narrow files to: their ids go into one statement. */
const mostMachinesInChain = 10_000;

interface Search {
  readonly reader: Reader;
  readonly limit: number;
  readonly now: Milliseconds;
}

/**
 * The `data` of the answer.
 * @throws Fault `invalid_request`, `limit_exceeded`, `timeout`
 */
export async function answerQuery(ports: Pick<Ports, 'store' | 'clock'>, query: Query): Promise<object> {
  const chain = readChain(query.path);
  const limit = query.limits.totalResultLimit;
  const now = ports.clock.now();
  const found = await ports.store.read((reader) => search(chain, { reader, limit, now }), { search: true });
  return renderResults(query, chain.result === 'none' ? chain.requestedType : chain.result, found);
}

async function search(chain: Chain, how: Search): Promise<Found> {
  switch (chain.result) {
    case 'none':
      return { elements: [], total: 0, terminated: false };
    case 'File':
      return searchFiles(chain, how);
    case 'QuarantineFile':
      return searchQuarantineFiles(chain, how);
    case 'Machine':
      return searchMachines(chain, how);
  }
}

async function searchFiles(chain: Chain & { readonly result: 'File' }, how: Search): Promise<Found> {
  const { reader, limit, now } = how;
  demandFeatures('File', chain.file);
  const { conditions, residual } = splitFilters(chain.file);
  const onMachines = chain.machine === undefined ? [] : await machineConditions(chain.machine, how);
  const elements: Element[] = [];
  const end = await findFiles(reader, {
    conditions: [...conditions, ...onMachines],
    residual,
    now,
    take: (element) => elements.push(element) < limit,
  });
  return { elements, ...end };
}

async function searchQuarantineFiles(
  { file }: Chain & { readonly result: 'QuarantineFile' },
  { reader, limit, now }: Search,
): Promise<Found> {
  demandFeatures('QuarantineFile', file);
  const found = await findQuarantineFiles(reader, file, now);
  return { elements: found.slice(0, limit), total: found.length, terminated: false };
}

async function machineConditions(machine: QueryElement, { reader, now }: Search): Promise<readonly FileCondition[]> {
  if (machine.filters.length === 0 && machine.guids === undefined) {
    return [];
  }
  const endpoints = await findMachines(reader, machine, now);
  if (endpoints.length > mostMachinesInChain) {
    throw new Fault('limit_exceeded', `The chain goes through more than ${mostMachinesInChain} machines: narrow it.`);
  }
  return [{ field: 'endpointId', operator: 'equals', values: endpoints.map((endpoint) => endpoint.id) }];
}

async function searchMachines(chain: Chain & { readonly result: 'Machine' }, how: Search): Promise<Found> {
  const { reader, limit, now } = how;
  const machines = await findMachines(reader, chain.machine, now);
  const owners = chain.file === undefined ? undefined : await ownersOf(chain.file, how);
  const chosen = machines.filter((endpoint) => owners?.ids.has(endpoint.id) ?? true);
  const elements = chosen.slice(0, limit).map((endpoint) => machineElement(endpoint, now));
  return { elements, total: chosen.length, terminated: owners?.terminated ?? false };
}

/** The endpoints that hold a file which the File element of a chain describes. */
async function ownersOf(
  file: QueryElement,
  { reader, now }: Search,
): Promise<{ readonly ids: ReadonlySet<EndpointId>; readonly terminated: boolean }> {
  demandFeatures('File', file);
  const ids = new Set<EndpointId>();
  const { terminated } = await findFiles(reader, {
    ...splitFilters(file),
    now,
    take: (_element, record) => {
      ids.add(record.endpointId);
      return true;
    },
  });
  return { ids, terminated };
}
