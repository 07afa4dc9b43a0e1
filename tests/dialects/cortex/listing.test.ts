import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { Json } from '#core/custody/event.ts';
import { day, hour } from '#core/time.ts';
import { revokeEndpoints } from '#core/verbs/revoke-endpoints.ts';
import { administrator, enrolMachine } from '#kit/fleet.ts';
import { type CortexWorld, openWorld } from './world.ts';

let world: CortexWorld;
let start: number;

/** `mac-1` and `web-1` were last seen at the start and are lost, `db-1` is silent for an hour, `old-1` was removed, `app-1` is connected. */
beforeAll(async () => {
  world = await openWorld();
  start = world.ports.clock.now();
  world.ports.clock.advance(40 * day);
  const database = await enrolMachine(world.ports, {
    hostName: 'db-1',
    addresses: ['192.0.2.30'],
    users: ['cem'],
    limitations: ['No root.'],
  });
  const { id } = await enrolMachine(world.ports, { hostName: 'old-1', addresses: [], users: [] });
  const request = { principal: administrator, name: 'delete', facts: {} };
  await revokeEndpoints(world.ports, { request, endpointIds: [id], reason: 'gone' });
  await world.ports.store.transact(async ({ endpoints }) => {
    await endpoints.rename([database.id], 'The Database');
    await endpoints.setTags([{ id: database.id, tags: ['vip', 'eu'] }]);
  });
  world.ports.clock.advance(hour);
  await enrolMachine(world.ports, { hostName: 'app-1', platform: 'windows', addresses: ['192.0.2.40'], users: [] });
});

afterAll(() => world[Symbol.asyncDispose]());

const everyone = ['app-1', 'db-1', 'mac-1', 'old-1', 'web-1'];

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
    ['hostname', 'neq', () => ['APP-1', 'db-1'], ['mac-1', 'old-1', 'web-1']],
    ['endpoint_id_list', 'neq', () => world.web.endpoint.id, ['app-1', 'db-1', 'mac-1', 'old-1']],
    ['endpoint_id_list', 'neq', () => 'unknown', everyone],
    ['endpoint_id_list', 'IN', () => [world.web.endpoint.id, 'unknown'], ['web-1']],
    ['endpoint_id_list', 'in', () => [], []],
    ['endpoint_status', 'IN', () => ['connected'], ['app-1']],
    ['endpoint_status', 'in', () => ['LOST'], ['mac-1', 'web-1']],
    ['endpoint_status', 'in', () => ['disconnected', 'connected'], ['app-1', 'db-1']],
    ['endpoint_status', 'in', () => ['uninstalled'], ['old-1']],
    ['endpoint_status', 'in', () => ['CONNECTED', 'UNINSTALLED'], ['app-1', 'old-1']],
    ['endpoint_status', 'neq', () => 'connected', ['db-1', 'mac-1', 'old-1', 'web-1']],
    ['platform', 'in', () => ['macos'], ['mac-1']],
    ['platform', 'in', () => ['AGENT_OS_LINUX', 'AGENT_OS_MAC'], ['db-1', 'mac-1', 'old-1', 'web-1']],
    ['platform', 'neq', () => 'linux', ['app-1', 'mac-1']],
    ['platform', 'in', () => 'android', []],
    ['ip_list', 'in', () => ['192.0.2.30'], ['db-1']],
    ['ip_list', 'neq', () => '192.0.2.30', ['app-1', 'mac-1', 'old-1', 'web-1']],
    ['username', 'in', () => ['ana', 'ben'], ['mac-1', 'web-1']],
    ['username', 'contains', () => ['EM', 'zz'], ['db-1']],
    ['alias', 'in', () => ['a name'], []],
    ['alias', 'in', () => ['the DATABASE'], ['db-1']],
    ['alias_name', 'eq', () => 'the database', ['db-1']],
    ['alias', 'contains', () => 'base', ['db-1']],
    ['alias', 'neq', () => 'the database', ['app-1', 'mac-1', 'old-1', 'web-1']],
    ['tags', 'in', () => ['vip', 'nobody'], ['db-1']],
    ['server_tags', 'eq', () => 'vip', ['db-1']],
    ['tags', 'neq', () => 'vip', ['app-1', 'mac-1', 'old-1', 'web-1']],
    ['isolate', 'in', () => ['unisolated'], everyone],
    ['isolate', 'in', () => 'AGENT_ISOLATED', []],
    ['isolate', 'neq', () => 'isolated', everyone],
    ['isolate', 'neq', () => 'unisolated', []],
    ['scan_status', 'in', () => ['none', 'success'], everyone],
    ['scan_status', 'neq', () => 'SCAN_STATUS_NONE', []],
    ['first_seen', 'lte', () => start, ['mac-1', 'web-1']],
    ['first_seen', 'gte', () => start + 1, ['app-1', 'db-1', 'old-1']],
    ['first_seen', 'eq', () => start, ['mac-1', 'web-1']],
    ['first_seen', 'neq', () => start, ['app-1', 'db-1', 'old-1']],
    ['last_seen', 'gte', () => String(start + 40 * day), ['app-1', 'db-1', 'old-1']],
    ['last_seen', 'lte', () => start, ['mac-1', 'web-1']],
    ['group_name', 'in', () => ['Servers'], []],
    ['dist_name', 'contains', () => 'x', []],
    ['public_ip_list', 'IN', () => ['198.51.100.1'], []],
    ['cloud_provider', 'in', () => ['AWS'], []],
    ['cloud_region', 'in', () => ['eu'], []],
    ['cloud_provider_account_id', 'in', () => ['1'], []],
    ['cloud_instance_id', 'in', () => ['i-1'], []],
    ['cloud_id', 'eq', () => '1', []],
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

describe('Get Endpoint refuses', () => {
  const table: readonly (readonly [string, { field: string; operator: string; value: Json }, string])[] = [
    ['a field that the vendor does not have', { field: 'colour', operator: 'in', value: 'red' }, 'the field colour'],
    ['to leave out a group', { field: 'group_name', operator: 'neq', value: ['a'] }, 'the operator neq'],
    ['two times', { field: 'first_seen', operator: 'gte', value: [1, 2] }, 'must be one time'],
    ['a time that is none', { field: 'first_seen', operator: 'lte', value: 'soon' }, 'must be one time'],
    ['an operator for numbers on names', { field: 'hostname', operator: 'gte', value: 'a' }, 'the operator gte'],
    ['a part of a platform', { field: 'platform', operator: 'contains', value: 'lin' }, 'the operator contains'],
    ['a name that is no text', { field: 'cloud_id', operator: 'in', value: [1] }, 'must be a string'],
    ['an operator that there is not', { field: 'hostname', operator: 'like', value: 'a' }, 'must be one of'],
  ];
  for (const [name, filter, words] of table) {
    test(name, async () => {
      const answer = await world.call('endpoints/get_endpoint', { filters: [filter] });
      expect(answer).toMatchObject({ status: 500, reply: { err_extra: expect.stringContaining(words) } });
    });
  }

  test('filters without end', async () => {
    const filters = Array.from({ length: 51 }, () => ({ field: 'hostname', operator: 'in', value: 'a' }));
    expect((await world.call('endpoints/get_endpoint', { filters })).status).toBe(500);
    expect((await world.call('endpoints/get_endpoint', { filters: filters.slice(1) })).status).toBe(200);
  });
});

describe('Get Endpoint pages', () => {
  test('everyone where nothing is asked, in whatever way it is not asked', async () => {
    for (const fields of [{}, { filters: [] }, { filters: 'all' }, { limit: 1 }, { filters: null, sort: null }]) {
      expect((await ask(fields)).names.toSorted()).toEqual(everyone);
    }
  });

  test('as they enrolled where no order is asked', async () => {
    expect((await ask({})).names).toEqual(['web-1', 'mac-1', 'db-1', 'old-1', 'app-1']);
  });

  test('in the order of the sort, in either case', async () => {
    const sort = (keyword: string) => ({ field: 'last_seen', keyword });
    expect((await ask({ sort: sort('DESC'), search_to: 1 })).names).toEqual(['app-1']);
    expect((await ask({ sort: sort('asc'), search_from: 4 })).names).toEqual(['app-1']);
    const first = { field: 'first_seen', keyword: 'desc' };
    expect((await ask({ sort: first, search_from: 0, search_to: 1 })).names).toEqual(['app-1']);
    const ids = [world.web.endpoint, world.mac.endpoint].toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const filters = [{ field: 'hostname', operator: 'in', value: ['web-1', 'mac-1'] }];
    expect((await ask({ filters, sort: { field: 'endpoint_id' } })).names).toEqual(ids.map((each) => each.hostName));
  });

  test('nothing behind the end, with the total all the same', async () => {
    expect(await ask({ search_from: 5, search_to: 105 })).toEqual({ total: 5, names: [] });
    expect(await ask({ search_from: 3, search_to: 3 })).toEqual({ total: 5, names: [] });
    expect(await ask({ search_from: 100, search_to: 5 })).toEqual({ total: 5, names: [] });
  });
});

test('Get All Endpoints is a plain list, with no body asked', async () => {
  const headers = await world.key('Viewer');
  const response = await world.send({ path: '/public_api/v1/endpoints/get_endpoints', headers });
  const { reply } = (await response.json()) as { reply: readonly { host_name: string }[] };
  expect(reply.map((endpoint) => endpoint.host_name).toSorted()).toEqual(everyone);
  expect<unknown>(reply.find((endpoint) => endpoint.host_name === 'old-1')).toMatchObject({
    agent_status: 'UNINSTALLED',
  });
  expect<unknown>(reply.find((endpoint) => endpoint.host_name === 'db-1')).toEqual({
    agent_id: expect.stringMatching(/^[0-9a-f]{32}$/),
    agent_status: 'DISCONNECTED',
    operational_status: 'PARTIALLY_PROTECTED',
    host_name: 'db-1',
    agent_type: 'AGENT_TYPE_SERVER',
    ip: ['192.0.2.30'],
    last_seen: start + 40 * day,
    tags: { server_tags: ['vip', 'eu'], endpoint_tags: [] },
    users: ['cem'],
  });
});
