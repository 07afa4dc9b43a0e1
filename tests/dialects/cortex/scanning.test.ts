import { afterAll, beforeAll, expect, test } from 'bun:test';
import type { Fault } from '#core/fault.ts';
import { abortScans } from '#core/verbs/abort-scans.ts';
import { startScan } from '#core/verbs/start-scan.ts';
import { administrator } from '#kit/fleet.ts';
import { type Answer, type CortexWorld, openWorld } from './world.ts';

let world: CortexWorld;
let responder: Readonly<Record<string, string>>;

beforeAll(async () => {
  world = await openWorld();
  responder = await world.key('Privileged Responder');
});

afterAll(() => world[Symbol.asyncDispose]());

const named = (...ids: readonly string[]) => [{ field: 'endpoint_id_list', operator: 'in', value: ids }];
const noEndpoint = 'No endpoint was found for creating the requested action';

async function scanStatus(name: 'web' | 'mac'): Promise<unknown> {
  const { reply } = await world.call('endpoints/get_endpoint', { filters: named(world[name].endpoint.id) });
  return (reply['endpoints'] as readonly { scan_status: string }[])[0]?.scan_status;
}

async function statuses({ reply }: Answer): Promise<unknown> {
  const group_action_id = String(reply['action_id']);
  return (await world.call('actions/get_action_status', { group_action_id })).reply['data'];
}

const call = (name: string, filters: unknown) => world.call(name, { filters: filters as never }, responder);

test('a scan of all endpoints goes on until each has said how it ended, and is found by its status', async () => {
  expect(await scanStatus('web')).toBe('SCAN_STATUS_NONE');
  const started = await call('endpoints/scan/', 'all');
  expect(started.reply).toMatchObject({ status: 1, endpoints_count: '2' });
  const [web, mac] = [world.web.endpoint.id, world.mac.endpoint.id];
  expect(await statuses(started)).toEqual({ [web]: 'PENDING', [mac]: 'PENDING' });
  expect(await scanStatus('web')).toBe('SCAN_STATUS_PENDING');
  await world.web.accept();
  expect(await scanStatus('web')).toBe('SCAN_STATUS_IN_PROGRESS');
  const running = { field: 'scan_status', operator: 'in', value: ['in_progress', 'SCAN_STATUS_SUCCESS'] };
  const found = await world.call('endpoints/get_endpoint', { filters: [running] });
  expect(found.reply).toMatchObject({ total_count: 1, endpoints: [{ endpoint_id: web }] });
  await world.work();
  expect(await statuses(started)).toEqual({ [web]: 'COMPLETED_SUCCESSFULLY', [mac]: 'COMPLETED_SUCCESSFULLY' });
  expect(await scanStatus('mac')).toBe('SCAN_STATUS_SUCCESS');
});

test('an aborted scan ends where no agent had it, and is asked back where one has', async () => {
  world.ports.clock.advance(1);
  const started = await call('audits/endpoints/scan/', named(world.mac.endpoint.id, world.web.endpoint.id));
  await world.web.accept();
  const aborted = await call('endpoints/abort_scan/', [
    { field: 'platform', operator: 'in', value: ['linux', 'macos'] },
  ]);
  expect(aborted.reply).toEqual({ ...started.reply });
  const [web, mac] = [world.web.endpoint.id, world.mac.endpoint.id];
  expect(await statuses(started)).toEqual({ [mac]: 'CANCELLED', [web]: 'PENDING_ABORT' });
  expect([await scanStatus('web'), await scanStatus('mac')]).toEqual([
    'SCAN_STATUS_PENDING_CANCELLATION',
    'SCAN_STATUS_CANCELED',
  ]);
  await world.web.abort();
  expect(await scanStatus('web')).toBe('SCAN_STATUS_ABORTED');
  const events = await world.ports.store.read((reader) => reader.events.list({ types: ['action_cancelled'] }, 0, 10));
  expect(events).toMatchObject([{ actionId: started.reply['action_id'], facts: { withdrawn: 1, asked: 1 } }]);
  const again = await call('endpoints/abort_scan', 'all');
  expect(again.status).toBe(500);
  expect(again.text).toContain(noEndpoint);
});

test('a scan that has ended, and what is no scan, are left alone by an abort', async () => {
  world.ports.clock.advance(1);
  await call('endpoints/scan', named(world.web.endpoint.id));
  await world.work();
  await world.call('endpoints/quarantine', {
    filters: named(world.web.endpoint.id),
    file_path: '/srv/x',
    file_hash: '0'.repeat(64),
  });
  const code = await abortScans(world.ports, administrator, 'all').catch((fault: Fault) => fault.code);
  expect(code).toBe('no_target');
  await world.work();
});

test.each([
  ['no filter at all', []],
  ['a word', 'every'],
  ['a field that is none', [{ field: 'nothing', operator: 'in', value: ['x'] }]],
])('%s is refused, and starts nothing', async (_, filters) => {
  const before = await actionsCount();
  const answer = await call('endpoints/scan', filters);
  expect(answer).toMatchObject({ status: 500, reply: { err_extra: expect.stringContaining('filters') } });
  expect(await actionsCount()).toBe(before);
});

test('endpoints that nobody knows, and filters that nobody meets, are no scan', async () => {
  const nobody = [{ field: 'platform', operator: 'in', value: ['windows'] }];
  for (const filters of [named('0'.repeat(32)), named('x'), nobody]) {
    const answer = await call('endpoints/scan', filters);
    expect([answer.status, answer.text.includes(noEndpoint)]).toEqual([500, true]);
  }
});

test('whoever may only respond scans nothing', async () => {
  expect((await world.call('endpoints/scan', { filters: 'all' })).status).toBe(403);
});

test('a removed endpoint is not scanned', async () => {
  const origin = { principal: administrator, dialect: 'native' } as const;
  await world.ports.store.transact(({ endpoints }) => endpoints.revoke([world.mac.endpoint.id], 1));
  const action = await startScan(world.ports, { origin, endpointIds: 'all' });
  expect(action.endpointsCount).toBe(1);
  await world.ports.store.transact(({ endpoints }) => endpoints.byId(world.mac.endpoint.id));
});

async function actionsCount(): Promise<number> {
  return (await world.ports.store.read(({ actions }) => actions.list({}, { offset: 0, limit: 1 }))).total;
}
