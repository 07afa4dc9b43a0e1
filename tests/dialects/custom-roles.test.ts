import { expect, test } from 'bun:test';
import { createRole } from '#core/verbs/create-role.ts';
import { createCybereasonDialect } from '#dialects/cybereason/index.ts';
import { administrator } from '#kit/fleet.ts';
import { newPerson, somePassword } from '#kit/people.ts';
import { openWorld } from './cortex/world.ts';

/** As the Responder, but for restores, and with events. */
const permissions = [
  ...([
    'endpoints.read',
    'files.read',
    'files.search',
    'files.fetch',
    'files.quarantine',
    'evidence.download',
  ] as const),
  ...(['actions.read', 'actions.cancel', 'incidents.read', 'incidents.manage', 'lists.read'] as const),
  ...(['lists.manage', 'events.read', 'access.manage'] as const),
];

async function openDesk() {
  const world = await openWorld();
  await createRole(world.ports, administrator, { name: 'Night desk', permissions });
  await createRole(world.ports, administrator, { name: 'Door', permissions: ['access.manage'] });
  await newPerson(world.ports, 'ana', 'Night desk');
  world.ports.clock.advance(1);
  await newPerson(world.ports, 'ben', 'Door');
  return world;
}

test('clients of the Cortex XDR API see a custom role under its own name, and make keys of it', async () => {
  await using world = await openDesk();
  const headers = await world.key('Instance Administrator');
  const made = await world.call('api_keys/generate', { roles: ['NIGHT desk'], security_level: 'standard' }, headers);
  expect(made.status).toBe(200);
  const filters = [{ field: 'roles', operator: 'in', value: ['night desk'] }];
  const keys = await world.call('api_keys/get_api_keys', { filters }, headers);
  expect(keys.reply).toMatchObject({ FILTER_COUNT: 1, DATA: [{ roles: ['Night desk'] }] });
  const users = await world.call('rbac/get_users', {}, headers);
  expect(users.reply).toMatchObject([{ role_name: 'Night desk' }, { role_name: 'Door' }]);
  const found = await world.call('rbac/get_roles', { role_names: ['Night Desk', 'night desk', 'viewer'] }, headers);
  expect(found.reply).toMatchObject([
    [
      {
        ...{ pretty_name: 'Night desk', permissions: [...permissions], users: ['ana@example.org'] },
        ...{ created_by: 'test', insert_time: world.ports.clock.now() - 1, update_time: world.ports.clock.now() - 1 },
      },
    ],
    [{ pretty_name: 'Viewer', created_by: null, users: [] }],
  ]);
  const key = await world.key('Night desk');
  expect(
    (await world.call('api_keys/generate', { roles: ['Responder'], security_level: 'standard' }, key)).status,
  ).toBe(403);
  // Of several, the one that includes the others.
  const both = { roles: ['Door', 'night desk'], security_level: 'standard' };
  expect((await world.call('api_keys/generate', both, key)).status).toBe(200);
});

test('clients of the Cybereason API see the names of the widest built-in role that a custom one includes', async () => {
  await using world = await openDesk();
  const dialect = createCybereasonDialect(world.ports);
  const send = (path: string, init: RequestInit = {}) =>
    dialect.handle(new Request(`https://custody.test:8443${path}`, init), { remoteAddress: '192.0.2.1', local: false });
  const form = new URLSearchParams({ username: 'ana@example.org', password: somePassword });
  const opened = await send('/login.html', { method: 'POST', body: form });
  const cookie = opened.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const ana = {
    email: 'ana@example.org',
    roles: ['System Viewer', 'Analyst L2', 'Responder L1'],
    custodyRole: 'Night desk',
  };
  expect(await (await send('/rest/users/current', { headers: { cookie } })).json()).toMatchObject(ana);
  const listed = await send('/rest/users', { headers: { cookie } });
  expect(await listed.json()).toMatchObject([ana, { email: 'ben@example.org', roles: [], custodyRole: 'Door' }]);
});
