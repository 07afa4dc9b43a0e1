import type { Endpoint } from '#core/endpoint/endpoint.ts';
import { userGuid } from '#core/file/guid.ts';
import type { Element } from './element.ts';
import { takeFitting, whole } from './element-filter.ts';
import { everyPage } from './every-page.ts';
import { machineReference } from './machine-element.ts';
import type { Finder } from './search.ts';

/** Each is looked at one by one. */
const mostEndpoints = 100_000;

/** The names under which people were logged in when agents last told of it, each once, with the machines. */
export const findUsers: Finder = async ({ reader }, sought, taker) => {
  const order = { by: 'hostName', direction: 'ascending' } as const;
  const endpoints = await everyPage('machines', mostEndpoints, (page) => reader.endpoints.list({}, order, page));
  const seen = new Map<string, SeenUser>();
  for (const endpoint of endpoints.filter(({ revokedAt }) => revokedAt === null)) {
    for (const name of endpoint.users) {
      const user = seen.get(name.toLowerCase()) ?? { name, on: new Set() };
      user.on.add(endpoint);
      seen.set(name.toLowerCase(), user);
    }
  }
  return takeFitting(whole([...seen.values()].map(userElement)), sought, taker);
};

interface SeenUser {
  readonly name: string;
  readonly on: Set<Endpoint>;
}

function userElement({ name, on }: SeenUser): Element {
  const guid = userGuid(name);
  return {
    elementType: 'User',
    guid,
    name,
    simple: { elementDisplayName: name, numberOfMachines: String(on.size) },
    references: {
      self: [{ elementType: 'User', guid, name }],
      ownerMachine: [...on].map(machineReference),
    },
    groupedBy: { kind: 'UserRuntime', guid },
  };
}
