import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { Json } from '#core/custody/event.ts';
import { day, hour } from '#core/time.ts';
import { enrolMachine } from '#kit/fleet.ts';
import { type CortexWorld, openWorld } from './world.ts';

let world: CortexWorld;
let start: number;

/** `mac-1` and `web-1` were last seen at the start and are lost, `db-1` is silent for an hour, `app-1` is connected. */
beforeAll(async () => {
  world = await openWorld();
  start = world.ports.clock.now();
  world.ports.clock.advance(40 * day);
  await enrolMachine(world.ports, {
    hostName: 'db-1',
    addresses: ['192.0.2.30'],
    users: ['cem'],
    limitations: ['No root.'],
  });
  world.ports.clock.advance(hour);
  await enrolMachine(world.ports, { hostName: 'app-1', platform: 'windows', addresses: ['192.0.2.40'], users: [] });
});

afterAll(() => world[Symbol.asyncDispose]());

const everyone = ['app-1', 'db-1', 'mac-1', 'web-1'];

async function ask(fields: Json): Promise<{ readonly total: unknown; readonly names: readonly string[] }> {
  const { reply } = await world.call('endpoints/get_endpoint/', fields);
  const endpoints = reply['endpoints'] as readonly { endpoint_name: string }[];
  expect(reply['result_count']).toBe(endpoints.length);
  return { total: reply['total_count'], names: endpoints.map((endpoint) => endpoint.endpoint_name) };
}

describe('Get Endpoint finds', () => {
  const table: readonly (readonly [string, string, () => Json, readonly string[]])[] = [
    ['hostname', 'in', () => ['WEB-1', 'mac-1'], ['mac-1', 'web-1']],
    ['hostname', 'contains', () => 'p-', ['app-1']],
    ['endpoint_id_list', 'IN', () => [world.web.endpoint.id, 'unknown'], ['web-1']],
    ['endpoint_id_list', 'in', () => [], []],
    ['endpoint_status', 'IN', () => ['connected'], ['app-1']],
    ['endpoint_status', 'in', () => ['LOST'], ['mac-1', 'web-1']],
    ['endpoint_status', 'in', () => ['disconnected', 'connected'], ['app-1', 'db-1']],
    ['endpoint_status', 'in', () => ['uninstalled'], []],
    ['platform', 'in', () => ['macos'], ['mac-1']],
    ['platform', 'in', () => ['AGENT_OS_LINUX', 'AGENT_OS_MAC'], ['db-1', 'mac-1', 'web-1']],
    ['platform', 'in', () => 'android', []],
    ['ip_list', 'in', () => ['192.0.2.30'], ['db-1']],
    ['username', 'in', () => ['ana', 'ben'], ['mac-1', 'web-1']],
    ['alias', 'in', () => ['a name'], []],
    ['isolate', 'in', () => ['unisolated'], everyone],
    ['isolate', 'in', () => 'AGENT_ISOLATED', []],
    ['scan_status', 'in', () => ['none', 'success'], everyone],
    ['first_seen', 'lte', () => start, ['mac-1', 'web-1']],
    ['first_seen', 'gte', () => start + 1, ['app-1', 'db-1']],
    ['last_seen', 'gte', () => String(start + 40 * day), ['app-1', 'db-1']],
    ['hostname', 'in', () => ['a\0b'], []],
  ];
  for (const [field, operator, value, names] of table) {
    test(`${names.join(', ') || 'nobody'} where ${field} is ${operator} a value`, async () => {
      const found = await ask({ filters: [{ field, operator, value: value() }] });
      expect(found.names.toSorted()).toEqual([...names]);
      expect(found.total).toBe(names.length);
    });
  }

  test('only those that meet every filter', async () => {
    const filter = (field: string, value: Json) => ({ field, operator: 'in', value });
    const filters = [
      filter('hostname', ['web-1', 'mac-1']),
      filter('hostname', ['WEB-1', 'db-1']),
      filter('platform', 'linux'),
    ];
    expect((await ask({ filters })).names).toEqual(['web-1']);
    const later = { field: 'first_seen', operator: 'gte', value: start + 1 };
    expect((await ask({ filters: [later, { ...later, operator: 'lte' }] })).names).toEqual([]);
  });
});

describe('Get Endpoint pages', () => {
  test('everyone where nothing is asked, in whatever way it is not asked', async () => {
    for (const fields of [{}, { filters: [] }, { filters: 'all' }, { limit: 1 }, { filters: null, sort: null }]) {
      expect((await ask(fields)).names.toSorted()).toEqual(everyone);
    }
  });

  test('in the order of the sort, in either case', async () => {
    const sort = (keyword: string) => ({ field: 'last_seen', keyword });
    expect((await ask({ sort: sort('DESC'), search_to: 2 })).names).toEqual(['app-1', 'db-1']);
    expect((await ask({ sort: sort('asc'), search_from: 2 })).names).toEqual(['db-1', 'app-1']);
  });

  test('nothing behind the end, with the total all the same', async () => {
    expect(await ask({ search_from: 4, search_to: 104 })).toEqual({ total: 4, names: [] });
    expect(await ask({ search_from: 3, search_to: 3 })).toEqual({ total: 4, names: [] });
    expect(await ask({ search_from: 100, search_to: 4 })).toEqual({ total: 4, names: [] });
  });
});

test('Get All Endpoints is a plain list, with no body asked', async () => {
  const headers = await world.key('Viewer');
  const response = await world.send({ path: '/public_api/v1/endpoints/get_endpoints', headers });
  const { reply } = (await response.json()) as { reply: readonly { host_name: string }[] };
  expect(reply.map((endpoint) => endpoint.host_name).toSorted()).toEqual(everyone);
  expect<unknown>(reply.find((endpoint) => endpoint.host_name === 'db-1')).toEqual({
    agent_id: expect.stringMatching(/^[0-9a-f]{32}$/),
    agent_status: 'DISCONNECTED',
    operational_status: 'PARTIALLY_PROTECTED',
    host_name: 'db-1',
    agent_type: 'AGENT_TYPE_SERVER',
    ip: ['192.0.2.30'],
    last_seen: start + 40 * day,
    tags: { server_tags: [], endpoint_tags: [] },
    users: ['cem'],
  });
});
