import { afterAll, beforeEach, describe, expect, test } from 'bun:test';
import type { EventType, Json } from '#core/custody/event.ts';
import { minute } from '#core/time.ts';
import { connectEndpoint } from '#core/verbs/connect-endpoint.ts';
import { renewPresence } from '#core/verbs/renew-presence.ts';
import { enrolMachine } from '#kit/fleet.ts';
import { type Answer, badHash, badPath, type CortexWorld, openWorld, quarantineFields } from './world.ts';

const worlds: CortexWorld[] = [];
let world: CortexWorld;
let manager: Readonly<Record<string, string>>;

beforeEach(async () => {
  world = await openWorld();
  worlds.push(world);
  manager = await world.key('Privileged Responder');
});

afterAll(async () => {
  for (const each of worlds) {
    await each[Symbol.asyncDispose]();
  }
});

const change = (name: string, fields: Json): Promise<Answer> => world.call(name, fields, manager);
const named = (...ids: readonly string[]): Json => [{ field: 'endpoint_id_list', operator: 'in', value: ids }];

async function find(filters: Json): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { reply } = await world.call('endpoints/get_endpoint', { filters });
  return reply['endpoints'] as readonly Readonly<Record<string, unknown>>[];
}

async function happened(type: EventType): Promise<readonly unknown[]> {
  const found = await world.ports.store.read(({ events }) => events.list({ types: [type] }, 0, 2_000));
  return found.map(({ endpointId, facts }) => ({ endpointId, facts }));
}

/** What the agent of web does when it comes back. */
async function comeBack(): Promise<void> {
  const { endpoint } = world.web;
  const connectedUntil = world.ports.clock.now() + minute;
  const { vaultRecipient } = endpoint;
  await connectEndpoint(world.ports, { endpointId: endpoint.id, facts: endpoint, vaultRecipient, connectedUntil });
}

async function goAway(): Promise<void> {
  await renewPresence(world.ports, { endpointIds: [world.web.endpoint.id], connectedUntil: null });
}

describe('Delete Endpoints', () => {
  test('puts aside whoever is away, and the agent that connects again brings its endpoint back', async () => {
    const { id } = world.web.endpoint;
    await goAway();
    expect(await change('endpoints/delete', { filters: named(id) })).toMatchObject({ status: 200, reply: true });
    expect(await find(named(id))).toMatchObject([{ endpoint_status: 'UNINSTALLED' }]);
    const status = (value: string): Json => [{ field: 'endpoint_status', operator: 'in', value: [value] }];
    expect(await find(status('uninstalled'))).toMatchObject([{ endpoint_id: id }]);
    expect(await find(status('disconnected'))).toEqual([]);
    await comeBack();
    expect(await find(named(id))).toMatchObject([{ endpoint_status: 'CONNECTED' }]);
    expect(await find(status('uninstalled'))).toEqual([]);
  });

  test('never hides an endpoint that is connected', async () => {
    const { id } = world.web.endpoint;
    await comeBack();
    await change('endpoints/delete', { filters: named(id) });
    expect(await find(named(id))).toMatchObject([{ endpoint_status: 'CONNECTED' }]);
    await goAway();
    expect(await find(named(id))).toMatchObject([{ endpoint_status: 'UNINSTALLED' }]);
  });

  test('leaves what the vault holds within reach', async () => {
    await world.call('endpoints/quarantine', quarantineFields(world.web));
    await world.work();
    const { id } = world.web.endpoint;
    await change('endpoints/delete', { filters: named(id) });
    const files = [{ endpoint_id: id, file_path: badPath, file_hash: badHash }];
    expect(await world.call('quarantine/status', { files })).toMatchObject({ reply: [{ status: true }] });
    await world.call('endpoints/restore', { file_hash: badHash, endpoint_id: id });
    await world.work();
    expect(await world.call('quarantine/status', { files })).toMatchObject({ reply: [{ status: false }] });
  });

  test('deletes nobody who was not asked for', async () => {
    expect((await change('endpoints/delete', { filters: [] })).status).toBe(500);
    expect((await change('endpoints/delete', { filters: 'all' })).status).toBe(500);
    expect((await change('endpoints/delete', {})).status).toBe(500);
    expect((await change('endpoints/delete', { filters: named('0'.repeat(32)) })).status).toBe(500);
    const viewer = await world.key('Responder');
    expect((await world.call('endpoints/delete', { filters: named(world.web.endpoint.id) }, viewer)).status).toBe(403);
    expect(await happened('endpoint_archived')).toEqual([]);
    const filters = [
      { field: 'hostname', operator: 'contains', value: '-1' },
      { field: 'platform', operator: 'neq', value: 'macos' },
    ];
    await change('audits/endpoints/delete/', { filters });
    expect(await happened('endpoint_archived')).toMatchObject([{ endpointId: world.web.endpoint.id }]);
  });

  test('takes a thousand endpoints at once, and not one more', async () => {
    for (let count = 2; count < 1_001; count += 1) {
      await enrolMachine(world.ports);
    }
    const filters = [{ field: 'first_seen', operator: 'gte', value: 0 }];
    expect((await change('endpoints/delete', { filters })).status).toBe(500);
    expect(await happened('endpoint_archived')).toEqual([]);
    const others = [...filters, { field: 'endpoint_id_list', operator: 'neq', value: world.mac.endpoint.id }];
    expect((await change('endpoints/delete', { filters: others })).status).toBe(200);
  }, 60_000);
});

describe('Set an Endpoint Alias', () => {
  test('names, renames and unnames, and says so once', async () => {
    const { id } = world.web.endpoint;
    const rename = (alias: string) => change('endpoints/update_agent_name', { filters: named(id), alias });
    expect(await rename(' The Käse ')).toMatchObject({ status: 200, reply: true });
    await rename('The Käse');
    expect(await find([{ field: 'alias', operator: 'in', value: ['the käse'] }])).toMatchObject([
      { endpoint_id: id, endpoint_name: 'web-1', alias: 'The Käse' },
    ]);
    expect(await happened('endpoint_renamed')).toEqual([{ endpointId: id, facts: { alias: 'The Käse' } }]);
    await rename('');
    expect(await find(named(id))).toMatchObject([{ alias: '' }]);
  });

  test('is true where nothing matches, and refuses what is no name', async () => {
    const filters = named('0'.repeat(32));
    expect(await change('endpoints/update_agent_name', { filters, alias: 'a' })).toMatchObject({ reply: true });
    for (const alias of ['a\nb', '\u202eexe', 'a'.repeat(256), '\ud800', 7, null]) {
      const answer = await change('endpoints/update_agent_name', { filters: named(world.web.endpoint.id), alias });
      expect(answer).toMatchObject({ status: 500, reply: { err_extra: expect.stringContaining('alias') } });
    }
    expect(await happened('endpoint_renamed')).toEqual([]);
  });
});

describe('Tags', () => {
  test('are assigned and removed, each said once', async () => {
    const [web, mac] = [world.web.endpoint.id, world.mac.endpoint.id];
    const assign = (tag: Json, ...ids: string[]) => change('tags/agents/assign/', { filters: named(...ids), tag });
    expect(await assign('vip', web)).toMatchObject({ status: 200, reply: true });
    expect(await assign('eu', web, mac)).toMatchObject({ status: 200, reply: true });
    await assign('vip', web);
    expect(await find(named(web, mac))).toMatchObject([{ endpointTags: 'vip,eu' }, { endpointTags: 'eu' }]);
    await change('tags/agents/remove', { filters: named(web, mac), tag: 'vip' });
    expect(await find([{ field: 'tags', operator: 'in', value: ['vip'] }])).toEqual([]);
    expect(await happened('endpoint_tagged')).toHaveLength(4);
  });

  test('are refused where nobody would have them, where they are no text, and beyond a hundred', async () => {
    const filters = named(world.web.endpoint.id);
    expect((await change('tags/agents/assign', { filters: named('0'.repeat(32)), tag: 'a' })).status).toBe(500);
    expect((await change('tags/agents/remove', { filters: named('0'.repeat(32)), tag: 'a' })).status).toBe(500);
    for (const tag of ['', '  ', 'a\0', 'a'.repeat(101), ['a'], null]) {
      expect((await change('tags/agents/assign', { filters, tag })).status).toBe(500);
    }
    for (let count = 0; count < 100; count += 1) {
      expect((await change('tags/agents/assign', { filters, tag: `tag ${count}` })).status).toBe(200);
    }
    expect((await change('tags/agents/assign', { filters, tag: 'one more' })).status).toBe(500);
    expect((await change('tags/agents/assign', { filters, tag: 'tag 7' })).status).toBe(200);
  });
});

test('Get Policy makes none up, and knows nobody who is not there', async () => {
  const known = await world.call('endpoints/get_policy', { endpoint_id: world.web.endpoint.id.toUpperCase() });
  expect(known).toMatchObject({ status: 200, reply: { policy_name: '' } });
  expect((await world.call('endpoints/get_policy/', { endpoint_id: 'x' })).status).toBe(500);
  expect((await world.call('endpoints/get_policy', {})).status).toBe(500);
});
