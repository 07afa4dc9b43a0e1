import type { Endpoint } from '../endpoint/endpoint.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { EndpointFilter } from '../ports/store/endpoints.ts';
import type { Reader } from '../ports/store/store.ts';

/** How another system names a computer; what it does not say is empty. */
export interface NamedHost {
  readonly hostName: string;
  readonly address: string;
}

/** Where more endpoints than these have the names, none of them can be meant. */
const mostCandidates = 1_000;

/** Every computer has these. */
const anybodys: readonly string[] = ['', '0.0.0.0', '::', '::1'];

/**
 * Asks for all of these at once. What comes back tells of each the one endpoint that it names beyond doubt: that has the name and the
 * address, or the one of them that any endpoint has; null where none or several are meant.
 */
export async function endpointsOfHosts(
  reader: Pick<Reader, 'endpoints'>,
  hosts: readonly NamedHost[],
): Promise<(host: NamedHost) => EndpointId | null> {
  const hostNames = distinct(hosts.map(({ hostName }) => hostName)).filter((name) => name !== '');
  const addresses = distinct(hosts.map(({ address }) => address)).filter(isOnesOwn);
  const byName = groupBy(await candidates(reader, { hostNames }, hostNames), ({ hostName }) => [hostName]);
  const byAddress = groupBy(await candidates(reader, { addresses }, addresses), (endpoint) => endpoint.addresses);
  return ({ hostName, address }) => {
    const named = byName.get(hostName.toLowerCase()) ?? [];
    const addressed = isOnesOwn(address) ? (byAddress.get(address.toLowerCase()) ?? []) : [];
    const both = named.filter((id) => addressed.includes(id));
    const meant = named.length > 0 && addressed.length > 0 ? both : [...named, ...addressed];
    return meant.length === 1 ? (meant[0] ?? null) : null;
  };
}

function isOnesOwn(address: string): boolean {
  return !anybodys.includes(address) && !address.startsWith('127.');
}

function distinct(values: readonly string[]): readonly string[] {
  return [...new Set(values.map((value) => value.toLowerCase()))];
}

async function candidates(
  { endpoints }: Pick<Reader, 'endpoints'>,
  filter: EndpointFilter,
  values: readonly string[],
): Promise<readonly Endpoint[]> {
  if (values.length === 0) {
    return [];
  }
  const byId = { by: 'id', direction: 'ascending' } as const;
  const { items, total } = await endpoints.list({ ...filter, revoked: false }, byId, {
    offset: 0,
    limit: mostCandidates,
  });
  return total > mostCandidates ? [] : items;
}

function groupBy(
  endpoints: readonly Endpoint[],
  valuesOf: (endpoint: Endpoint) => readonly string[],
): ReadonlyMap<string, readonly EndpointId[]> {
  const groups = new Map<string, EndpointId[]>();
  for (const endpoint of endpoints) {
    for (const value of distinct(valuesOf(endpoint))) {
      groups.set(value, [...(groups.get(value) ?? []), endpoint.id]);
    }
  }
  return groups;
}
