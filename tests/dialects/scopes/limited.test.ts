import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import type { Json } from '#core/custody/event.ts';
import { createKey } from '#core/verbs/create-key.ts';
import { createUser } from '#core/verbs/create-user.ts';
import { logIn } from '#core/verbs/log-in.ts';
import { tagEndpoints } from '#core/verbs/tag-endpoints.ts';
import { createCybereasonDialect } from '#dialects/cybereason/index.ts';
import { createNativeDialect } from '#dialects/native/index.ts';
import { administrator } from '#kit/fleet.ts';
import {
  badHash,
  badPath,
  type CortexWorld,
  goodPath,
  openWorld,
  quarantineFields,
  retrievalFields,
  standard,
} from '../cortex/world.ts';

/** web-1 bears the tag `web`, mac-1 the tag `mac`; the key is limited to `web`. */
let world: CortexWorld;
let mine: Readonly<Record<string, string>>;
let everyones: Readonly<Record<string, string>>;

const scope = { kind: 'tags', tags: ['web'] } as const;

beforeEach(async () => {
  world = await openWorld();
  const { ports, web, mac } = world;
  for (const [agent, tag] of [
    [web, 'web'],
    [mac, 'mac'],
  ] as const) {
    await tagEndpoints(ports, { by: administrator, endpointIds: [agent.endpoint.id], add: [tag], remove: [] });
  }
  mine = await keyOf('Instance Administrator');
  everyones = await world.key('Instance Administrator');
});

afterEach(() => world[Symbol.asyncDispose]());

async function keyOf(role: string): Promise<Readonly<Record<string, string>>> {
  const request = { name: 'limited', role, scope, level: 'standard', expiresAt: null } as const;
  return standard(await createKey(world.ports, administrator, request));
}

/** A call of the native API: `GET /path`. */
async function native(
  headers: Readonly<Record<string, string>>,
  call: string,
  body?: Json,
): Promise<{ readonly status: number; readonly json: Readonly<Record<string, unknown>> }> {
  const [method = '', path = ''] = call.split(' ');
  const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
  const request = new Request(`https://custody.test/api/v1${path}`, init);
  const answer = await createNativeDialect(world.ports).handle(request, { remoteAddress: '192.0.2.9', local: false });
  const text = await answer.text();
  return { status: answer.status, json: text === '' ? {} : JSON.parse(text) };
}

async function quarantineBoth(): Promise<string> {
  const { reply } = await world.call('endpoints/quarantine', quarantineFields(world.web, world.mac), everyones);
  return String(reply['action_id']);
}

describe('a key that is limited to the endpoints with a tag', () => {
  test('sees those alone, in lists and counts', async () => {
    const { reply } = await world.call('endpoints/get_endpoint', {}, mine);
    expect(reply).toMatchObject({ total_count: 1, endpoints: [{ endpoint_id: world.web.endpoint.id }] });
    const files = await native(mine, 'POST /files/search', { conditions: [{ field: 'sha256', values: [badHash] }] });
    expect(files.json['total']).toBe(0);
    const me = await native(mine, 'GET /me');
    expect(me.json).toMatchObject({ tags: ['web'], role: 'Instance Administrator' });
    expect(me.json['permissions']).not.toContain('access.manage');
    expect((await native(everyones, 'GET /me')).json).toMatchObject({ tags: null });
  });

  test('orders for those alone: one that it may not see is left out as one that nobody knows', async () => {
    const { web, mac } = world;
    const { reply } = await world.call('endpoints/quarantine', quarantineFields(web, mac), mine);
    expect(reply).toMatchObject({ status: 1, endpoints_count: '1' });
    await world.work();
    expect([web.disk.has(badPath), mac.disk.has(badPath)]).toEqual([false, true]);
  });

  test('is refused an order for others in the very words that are said of an endpoint that does not exist', async () => {
    const nobody = { ...quarantineFields(world.mac) };
    const unknown = [{ field: 'endpoint_id_list', operator: 'in', value: ['0'.repeat(32)] }];
    const hidden = await world.call('endpoints/quarantine', nobody, mine);
    const missing = await world.call('endpoints/quarantine', { ...nobody, filters: unknown }, mine);
    expect([hidden.status, hidden.text]).toEqual([missing.status, missing.text]);
    const one = await native(mine, `GET /endpoints/${world.mac.endpoint.id}`);
    const none = await native(mine, `GET /endpoints/${'0'.repeat(32)}`);
    expect(JSON.stringify(one).replaceAll(world.mac.endpoint.id, '')).toBe(
      JSON.stringify(none).replaceAll('0'.repeat(32), ''),
    );
  });

  test('restores a hash on those alone, and is not told of the others that hold it', async () => {
    const { web, mac } = world;
    await quarantineBoth();
    await world.work();
    const { reply } = await world.call('endpoints/restore', { file_hash: badHash }, mine);
    expect(reply).toMatchObject({ endpoints_count: '1' });
    await world.work();
    expect([web.disk.has(badPath), mac.disk.has(badPath)]).toEqual([true, false]);
    const held = await native(mine, 'GET /quarantine');
    expect(held.json).toMatchObject({ total: 1, items: [{ endpointId: web.endpoint.id, state: 'restored' }] });
  });

  test('supersedes what was ordered for those alone', async () => {
    const { web, mac } = world;
    const id = await quarantineBoth();
    await world.call('endpoints/restore', { file_hash: badHash }, mine);
    const { reply } = await world.call('actions/get_action_status', { group_action_id: Number(id) }, everyones);
    expect(reply['data']).toEqual({ [web.endpoint.id]: 'CANCELLED', [mac.endpoint.id]: 'PENDING' });
  });

  test('searches those alone where all are asked', async () => {
    const asked = { endpointIds: 'all', pattern: { by: 'path', path: badPath } };
    expect((await native(mine, 'POST /actions/search', asked)).json).toMatchObject({ endpointsCount: 1 });
    await native(everyones, 'POST /actions/search', asked);
    const listed = await native(mine, 'GET /actions');
    expect(listed.json).toMatchObject({ total: 2, items: [{ endpointsCount: 1 }, { endpointsCount: 1 }] });
  });
});

describe('of what is about more endpoints, such a key', () => {
  test('sees its part of what was ordered for more, and may stop no more than that', async () => {
    const { web } = world;
    const id = await quarantineBoth();
    const { reply } = await world.call('actions/get_action_status', { group_action_id: Number(id) }, mine);
    expect(reply['data']).toEqual({ [web.endpoint.id]: 'PENDING' });
    expect(await native(mine, `POST /actions/${id}/cancel`)).toMatchObject({ json: { withdrawn: 1, asked: 0 } });
    await world.work();
    expect([world.web.disk.has(badPath), world.mac.disk.has(badPath)]).toEqual([true, false]);
  });

  test('may not close a batch that is for more, and nothing of it ends', async () => {
    const paths = { linux: [goodPath], macos: [badPath] };
    const { reply } = await world.call(
      'endpoints/file_retrieval',
      retrievalFields(paths, world.web, world.mac),
      everyones,
    );
    const id = String(reply['action_id']);
    const refused = await native(mine, `POST /actions/${id}/close`);
    expect(refused).toMatchObject({ status: 403, json: { detail: expect.stringContaining('beyond your tags') } });
    await world.work();
    const details = await world.call('actions/file_retrieval_details', { group_action_id: Number(id) }, mine);
    expect(Object.keys(Object(details.reply['data']))).toEqual([world.web.endpoint.id]);
    const all = await world.call('actions/file_retrieval_details', { group_action_id: Number(id) }, everyones);
    const link = String(Object(all.reply['data'])[world.mac.endpoint.id]);
    const path = new URL(link).pathname;
    const [own, other] = [mine, everyones].map((headers) => world.send({ method: 'GET', path, headers }));
    expect([(await own)?.status, (await other)?.status]).toEqual([404, 200]);
  });

  test('loses an endpoint with its tag, at once, and may not change tags itself', async () => {
    const { ports, web } = world;
    const endpointIds = [web.endpoint.id];
    const tagging = { endpointIds, add: ['x'], remove: ['web'] };
    expect(await native(mine, 'POST /endpoints/tag', tagging)).toMatchObject({
      status: 403,
      json: { detail: expect.stringContaining('limited to endpoints with one of these tags: web') },
    });
    await tagEndpoints(ports, { by: administrator, ...tagging });
    expect((await world.call('endpoints/get_endpoint', {}, mine)).reply).toMatchObject({ total_count: 0 });
  });

  test('sees of an incident that is about more what is about its own endpoints', async () => {
    const { web, mac } = world;
    const both = [web.endpoint.id, mac.endpoint.id];
    const files = both.map((endpointId) => ({ endpointId, path: badPath }));
    const opened = await native(everyones, 'POST /incidents', { name: 'bad', endpointIds: both, files });
    const { id } = Object(opened.json['incident']);
    const seen = await native(mine, `GET /incidents/${id}`);
    expect(seen.json).toMatchObject({ id, endpointIds: [web.endpoint.id], files: [{ endpointId: web.endpoint.id }] });
    expect((await native(mine, `GET /incidents/${id}/timeline`)).json).toEqual({ items: [] });
    const only = await native(everyones, 'POST /incidents', { name: 'other', endpointIds: [mac.endpoint.id] });
    const hidden = await native(mine, `GET /incidents/${Object(only.json['incident']).id}`);
    expect(hidden.status).toBe(404);
  });

  test('sees what it opened itself before any endpoint is named, and nothing of an alert about others', async () => {
    const opened = await native(mine, 'POST /incidents', { name: 'mine' });
    const { id } = Object(opened.json['incident']);
    expect((await native(mine, `GET /incidents/${id}`)).status).toBe(200);
    await native(everyones, `POST /incidents/${id}/observations`, { endpointIds: [world.mac.endpoint.id] });
    expect((await native(mine, `GET /incidents/${id}`)).status).toBe(404);
  });
});

describe('of what is about the whole fleet, such a key', () => {
  test('is told why where the whole fleet is concerned, by every API', async () => {
    const why = 'limited to endpoints with one of these tags: web';
    for (const name of ['hash_exceptions/blocklist', 'api_keys/get_api_keys', 'system/get_tenant_info']) {
      const answer = await world.call(name, { hash_list: [badHash] }, mine);
      expect([name, answer.status, answer.text.includes(why)]).toEqual([name, 403, true]);
    }
    const expiry = 'configurations/agent/action_center_expiration';
    expect((await world.call(expiry, {}, mine)).status).toBe(403);
    for (const [method, path, body] of [
      ['GET', '/keys', undefined],
      ['GET', '/users', undefined],
      ['GET', '/hashes', undefined],
      ['POST', '/keys', { role: 'Viewer', level: 'standard' }],
      ['POST', '/enrolment-tokens', { uses: 1, lifetimeSeconds: 60, tags: ['web'] }],
      ['POST', '/actions/restore', { sha256: badHash, allow: true }],
    ] as const) {
      const answer = await native(mine, `${method} ${path}`, body);
      const allowed = path === '/actions/restore';
      expect([path, answer.status === 403 || allowed]).toEqual([path, true]);
    }
    const cookie = await cookieOf('Instance Administrator');
    const dialect = createCybereasonDialect(world.ports);
    const request = new Request('https://custody.test/rest/classification/download', { headers: { cookie } });
    const answer = await dialect.handle(request, { remoteAddress: '192.0.2.9', local: false });
    expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining(why)]);
    const refusals = await native(everyones, 'GET /events?type=permission_refused');
    expect(Array.isArray(refusals.json['items']) && refusals.json['items'].length).toBeGreaterThan(5);
  });
});

async function cookieOf(role: string): Promise<string> {
  const login = { email: 'limited@example.com', password: 'a long password' };
  await createUser(world.ports, administrator, { ...login, role, scope });
  const { token } = await logIn(world.ports, { ...login, remoteAddress: '', dialect: 'cybereason' });
  return `JSESSIONID=${token}`;
}

test('a user that is limited sees those endpoints alone over the Cybereason API', async () => {
  const cookie = await cookieOf('Viewer');
  const dialect = createCybereasonDialect(world.ports);
  const body = JSON.stringify({ limit: 10, offset: 0, filters: [], sortDirection: 'ASC' });
  const headers = { cookie, 'content-type': 'application/json' };
  const request = new Request('https://custody.test/rest/sensors/query', { method: 'POST', headers, body });
  const answer = await dialect.handle(request, { remoteAddress: '192.0.2.9', local: false });
  expect(await answer.json()).toMatchObject({ totalResults: 1, sensors: [{ machineName: 'web-1' }] });
});
