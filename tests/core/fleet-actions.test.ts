import { expect, test } from 'bun:test';
import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import { parsePath } from '#core/file/file-path.ts';
import { hour, minute } from '#core/time.ts';
import { archiveEndpoints } from '#core/verbs/archive-endpoints.ts';
import { cancelFleetAction } from '#core/verbs/cancel-fleet-action.ts';
import { connectEndpoint } from '#core/verbs/connect-endpoint.ts';
import { describeAction } from '#core/verbs/describe-action.ts';
import { fetchLogs } from '#core/verbs/fetch-logs.ts';
import { quarantineFiles } from '#core/verbs/quarantine-files.ts';
import { refuseFleetAction } from '#core/verbs/refuse-fleet-action.ts';
import { revokeEndpoints } from '#core/verbs/revoke-endpoints.ts';
import { startSearch } from '#core/verbs/start-search.ts';
import { takeDeliverable } from '#core/verbs/take-deliverable.ts';
import { unarchiveEndpoints } from '#core/verbs/unarchive-endpoints.ts';
import { startAgent } from '#kit/agent.ts';
import { administrator, enrolMachine, sha256Of } from '#kit/fleet.ts';
import { openPorts, type TestPorts } from '#kit/ports.ts';

const origin = { principal: administrator, dialect: 'native' } as const;
const request = (name: string) => ({ principal: administrator, name, facts: {} });
const reason = 'no longer in use';
const evil = new TextEncoder().encode('evil');

function readEndpoint(ports: TestPorts, id: EndpointId) {
  return ports.store.read(({ endpoints }) => endpoints.byId(id));
}

async function eventsOf(ports: TestPorts, endpointId: EndpointId) {
  const all = await ports.store.read(({ events }) => events.list({ endpointId }, 0, 100));
  return all.map(({ type }) => type);
}

function rowsOf(ports: TestPorts, { batchNumber }: Awaited<ReturnType<typeof archiveEndpoints>>) {
  return ports.store.read(({ fleetActions }) => fleetActions.rows(batchNumber, { offset: 0, limit: 10 }));
}

test('an archived endpoint stays until it is brought back or connects again, each told once', async () => {
  await using ports = await openPorts();
  const { id, ...endpoint } = await enrolMachine(ports);
  await archiveEndpoints(ports, { request: request('archive'), endpointIds: [id], reason });
  expect(await readEndpoint(ports, id)).toMatchObject({ archivedAt: ports.clock.now(), archiveReason: reason });
  const again = await archiveEndpoints(ports, { request: request('archive'), endpointIds: [id], reason: 'x' });
  expect((await rowsOf(ports, again)).items).toMatchObject([{ done: true, message: 'It was archived already.' }]);
  await unarchiveEndpoints(ports, { request: request('unarchive'), endpointIds: [id], reason: 'back' });
  expect(await readEndpoint(ports, id)).toMatchObject({ archivedAt: null, archiveReason: 'back' });
  await archiveEndpoints(ports, { request: request('archive'), endpointIds: [id], reason });
  const connectedUntil = ports.clock.now() + minute;
  const connecting = { endpointId: id, facts: endpoint, vaultRecipient: endpoint.vaultRecipient, connectedUntil };
  expect(await connectEndpoint(ports, connecting)).toMatchObject({ archivedAt: null });
  expect(await readEndpoint(ports, id)).toMatchObject({ archivedAt: null });
  const told = (await eventsOf(ports, id)).filter((type) => type.includes('archived'));
  expect(told).toEqual(['endpoint_archived', 'endpoint_unarchived', 'endpoint_archived', 'endpoint_unarchived']);
});

test('a removed endpoint is refused from then on, and everything that was ordered of it ends', async () => {
  await using ports = await openPorts();
  const { id, ...endpoint } = await enrolMachine(ports);
  const search = () =>
    startSearch(ports, { origin, endpointIds: [id], pattern: { by: 'path', path: parsePath('/srv/a') } });
  const sent = await search();
  await takeDeliverable(ports, { endpointIds: [id] });
  const pending = await search();
  ports.rung.length = 0;
  await revokeEndpoints(ports, { request: request('delete'), endpointIds: [id], reason });
  expect(ports.rung).toEqual([id]);
  expect(await readEndpoint(ports, id)).toMatchObject({ revokedAt: ports.clock.now(), connectedUntil: null });
  const ends = await Promise.all([sent, pending].map((action) => describeAction(ports, action.id)));
  expect(ends.map(({ tasks }) => [tasks[0]?.task.state, tasks[0]?.outcomes[0]?.outcome])).toEqual([
    ['finished', 'interrupted'],
    ['cancelled', 'cancelled'],
  ]);
  const connecting = { endpointId: id, facts: endpoint, vaultRecipient: 'x', connectedUntil: ports.clock.now() + hour };
  expect(connectEndpoint(ports, connecting)).rejects.toMatchObject({ code: 'unauthenticated' });
  expect(await eventsOf(ports, id)).toContain('endpoint_revoked');
});

test('an endpoint is not removed while its vault holds files, or may come to hold one', async () => {
  await using ports = await openPorts();
  const endpoint = await enrolMachine(ports);
  const { id } = endpoint;
  const agent = startAgent(ports, endpoint, { '/srv/evil': evil });
  const order = { origin, endpointIds: [id], path: parsePath('/srv/evil'), sha256: sha256Of(evil) };
  await quarantineFiles(ports, order);
  await agent.accept();
  const remove = () => revokeEndpoints(ports, { request: request('delete'), endpointIds: [id], reason });
  const atWork = await rowsOf(ports, await remove());
  expect(atWork.items).toMatchObject([{ done: false, message: expect.stringContaining('has an order about') }]);
  await agent.work();
  const holding = await rowsOf(ports, await remove());
  expect(holding.items).toMatchObject([{ done: false, message: expect.stringContaining('holds quarantined files') }]);
  expect(await readEndpoint(ports, id)).toMatchObject({ revokedAt: null });
});

test('what nothing here can do fails on every endpoint, and is on record', async () => {
  await using ports = await openPorts();
  const { id } = await enrolMachine(ports);
  const refused = await refuseFleetAction(ports, request('uninstall'), [id]);
  expect((await rowsOf(ports, refused)).items).toMatchObject([{ endpointId: id, done: false }]);
  const told = await ports.store.read(({ events }) => events.list({ types: ['fleet_action_refused'] }, 0, 9));
  expect(told).toMatchObject([{ facts: { name: 'uninstall', endpointsCount: 1, batchNumber: refused.batchNumber } }]);
});

test('logs are asked for under a number of the fetch batches’ space, and can be cancelled with who did it', async () => {
  await using ports = await openPorts();
  const { id } = await enrolMachine(ports);
  const asked = await fetchLogs(ports, { request: request('fetchLogs'), dialect: 'cybereason', endpointIds: [id] });
  expect(ports.rung).toContain(id);
  const tally = () =>
    ports.store.read(({ tasks }) => tasks.tally(asked.actionId === null ? [] : [asked.actionId], ports.clock.now()));
  expect(await tally()).toMatchObject([{ count: 1, standing: { state: 'pending', outcome: null, isOverdue: false } }]);
  await cancelFleetAction(ports, administrator, asked);
  expect(await tally()).toMatchObject([
    { count: 1, standing: { state: 'cancelled', outcome: 'cancelled', reason: 'withdrawn' } },
  ]);
  const read = () => ports.store.read(({ fleetActions }) => fleetActions.byBatchNumber(asked.batchNumber));
  expect(await read()).toMatchObject({ cancelledAt: ports.clock.now(), cancelledBy: 'test' });
});
