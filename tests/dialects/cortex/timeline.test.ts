import { expect, test } from 'bun:test';
import type { Json } from '#core/custody/event.ts';
import { parsePath } from '#core/file/file-path.ts';
import { fileGuid, type Guid, machineGuid } from '#core/file/guid.ts';
import { createIncident } from '#core/verbs/create-incident.ts';
import { createUser } from '#core/verbs/create-user.ts';
import { createCybereasonDialect } from '#dialects/cybereason/index.ts';
import { createNativeDialect } from '#dialects/native/index.ts';
import { administrator, fileFacts, inventory } from '#kit/fleet.ts';
import { badHash, type CortexWorld, goodPath, openWorld, quarantineFields, retrievalFields } from './world.ts';

test('an action stands in the timeline of its incident, whether the id is a number, text or misplaced', async () => {
  await using world = await openWorld();
  const { ports, web } = world;
  const { incident } = await createIncident(ports, {
    origin: { principal: administrator, dialect: 'native' },
    ...{ name: 'calc went bad', description: '', severity: 'high', endpointIds: [], files: [], processes: [] },
  });
  const { id } = incident;
  await world.call('endpoints/quarantine', { ...quarantineFields(web), incident_id: Number(id) });
  await world.work();
  await world.call('endpoints/restore', { file_hash: badHash, incident_id: ` 0${id}` });
  await world.work();
  const fields = { ...retrievalFields({ linux: [goodPath] }, web), incident_id: id };
  await world.call('endpoints/file_retrieval', fields);
  await world.call('endpoints/file_retrieval', { ...fields, incident_id: '1' });
  const events = await ports.store.read((reader) => reader.events.list({ incidentId: id }, 0, 100));
  const started = events.filter(({ type }) => type === 'action_started');
  expect(started.map(({ facts }) => [facts['verb'], facts['incidentId']])).toEqual([
    ['quarantine', id],
    ['restore', id],
    ['fetch', id],
  ]);
  expect(events.filter(({ type }) => type === 'task_finished')).toHaveLength(2);
});

test('an incident that nobody knows never stops an action: the id is kept with it as it was given', async () => {
  await using world = await openWorld();
  const given = [null, '', ' ', 302, '302', '0302', 'INC-7', 9_007_199_254_740_993, '9007199254740993000'];
  for (const incident_id of given) {
    expect((await world.call('endpoints/quarantine', { ...quarantineFields(world.web), incident_id })).status).toBe(
      200,
    );
  }
  const { items } = await world.ports.store.read(({ actions }) => actions.list({}, { offset: 0, limit: 10 }));
  expect(items.map((action) => action.incidentId ?? '').toSorted()).toEqual(
    ['', '', '', '302', '302', '302', 'INC-7', '9007199254740992', '9007199254740993000'].toSorted(),
  );
});

test('every kind of action that a connector orders for an incident stands on the timeline that the native API shows', async () => {
  await using world = await openWorld();
  const { ports, web } = world;
  const { incident } = await createIncident(ports, {
    origin: { principal: administrator, dialect: 'native' },
    ...{ name: 'calc went bad', description: '', severity: 'high', endpointIds: [], files: [], processes: [] },
  });
  const { id } = incident;
  const filters = [{ field: 'endpoint_id_list', operator: 'in', value: [web.endpoint.id] }];
  const script = (uid: string, parameters_values: Json): Json => ({
    ...{ script_uid: uid, filters, parameters_values, incident_id: Number(id) },
  });
  const orders: readonly (readonly [string, Json])[] = [
    ['endpoints/quarantine', { ...quarantineFields(web), incident_id: id }],
    ['endpoints/restore', { file_hash: badHash, incident_id: id }],
    ['endpoints/file_retrieval', { ...retrievalFields({ linux: [goodPath] }, web), incident_id: id }],
    ['endpoints/scan', { filters, incident_id: id }],
    ['scripts/run_script', script('414763381b5bfb7b05796c9fe690df46', { path: goodPath })],
    ['scripts/run_script', script('548023b6e4a01ec51a495ba6e5d2a15d', { file_path: goodPath })],
  ];
  const headers = await world.key('Privileged Responder');
  for (const [call, fields] of orders) {
    expect([call, (await world.call(call, fields, headers)).status]).toEqual([call, 200]);
    await world.work();
  }
  expect((await world.call('endpoints/isolate', { endpoint_id: web.endpoint.id, incident_id: id })).status).toBe(500);
  await remediateFor(world, incident.guid);
  const native = createNativeDialect(ports);
  const url = `https://custody.test/api/v1/incidents/${id}/timeline`;
  const response = await native.handle(new Request(url), { remoteAddress: '192.0.2.1', local: true });
  const { items } = (await response.json()) as {
    readonly items: readonly { readonly type: string; readonly facts: Readonly<Record<string, unknown>> }[];
  };
  const ordered = items.filter(({ type }) => type === 'action_started' || type === 'fleet_action_refused');
  expect(ordered.map(({ facts }) => [facts['verb'] ?? facts['name'], facts['dialect'] ?? 'cortex'])).toEqual([
    ['quarantine', 'cortex'],
    ['restore', 'cortex'],
    ['fetch', 'cortex'],
    ['scan', 'cortex'],
    ['search', 'cortex'],
    ['quarantine', 'cortex'],
    ['isolate', 'cortex'],
    ['quarantine', 'cybereason'],
  ]);
  for (const { facts } of ordered) {
    expect(facts['incidentId']).toBe(id);
  }
});

/** As a client of the Cybereason API does: logs in, and quarantines a file of the web server for the MalOp. */
async function remediateFor({ ports, web }: CortexWorld, malopId: Guid): Promise<void> {
  const path = '/srv/second.bin';
  const bytes = new TextEncoder().encode('second');
  web.disk.set(path, bytes);
  await inventory(ports, web.endpoint, [fileFacts(path, bytes)]);
  const dialect = createCybereasonDialect(ports);
  const from = { remoteAddress: '192.0.2.1', local: false };
  const [username, password] = ['ana@example.com', 'correct horse battery staple'];
  await createUser(ports, administrator, { email: username, password, role: 'Responder' });
  const post = (rest: string, body: string, headers: Readonly<Record<string, string>>) =>
    dialect.handle(new Request(`https://custody.test${rest}`, { method: 'POST', body, headers }), from);
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const answer = await post('/login.html', new URLSearchParams({ username, password }).toString(), form);
  const cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const { number } = web.endpoint;
  const target = { targetId: fileGuid(number, parsePath(path)), actionType: 'QUARANTINE_FILE' };
  const order = { malopId, actionsByMachine: { [machineGuid(number)]: [target] } };
  const headers = { 'content-type': 'application/json', cookie };
  expect((await post('/rest/remediate', JSON.stringify(order), headers)).status).toBe(200);
}
