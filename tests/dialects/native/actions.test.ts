import { expect, test } from 'bun:test';
import { displayPath, parsePath } from '#core/file/file-path.ts';
import { fileGuid } from '#core/file/guid.ts';
import { readAction } from '#dialects/native/schemas/action.ts';
import { listEndpoints } from '#dialects/native/schemas/endpoint.ts';
import { findFiles } from '#dialects/native/schemas/file.ts';
import { startAgent } from '#kit/agent.ts';
import { enrolMachine, fileFacts, inventory, sha256Of } from '#kit/fleet.ts';
import { type NativeWorld, openNative } from './world.ts';

const bytes = new TextEncoder().encode('evil bytes');
const sha256 = sha256Of(bytes);
const hostile = '/srv/a"b\\x0a\\x1b[31m;ü.exe';

async function openFleet() {
  const world = await openNative();
  const endpoint = await enrolMachine(world.ports);
  await inventory(world.ports, endpoint, [fileFacts('/srv/evil.bin', bytes), fileFacts(hostile, bytes)]);
  const agent = startAgent(world.ports, endpoint, { '/srv/evil.bin': bytes });
  return { world, endpoint, agent };
}

async function start(world: NativeWorld, path: string, body: unknown) {
  const response = await world.ask(path, { method: 'POST', body });
  expect(response.status).toBe(201);
  return (await response.json()) as { readonly id: string };
}

async function read(world: NativeWorld, id: string) {
  const response = await world.ask(`/actions/${id}`);
  return readAction.reply.parse(await response.json());
}

test('endpoints are listed by filters and pages, in the form of the schema', async () => {
  await using world = await openNative();
  for (const hostName of ['web-1', 'web-2', 'db-1']) {
    await enrolMachine(world.ports, { hostName, platform: hostName === 'db-1' ? 'windows' : 'linux' });
  }
  const ask = async (query: string) => {
    const response = await world.ask(`/endpoints?${query}`);
    const { items, total } = listEndpoints.reply.parse(await response.json());
    return { names: items.map((item) => item.hostName), total };
  };
  expect(await ask('')).toEqual({ names: ['db-1', 'web-1', 'web-2'], total: 3 });
  expect(await ask('hostNameContains=web&limit=1&offset=1')).toEqual({ names: ['web-2'], total: 2 });
  expect(await ask('hostName=web-1&hostName=db-1')).toEqual({ names: ['db-1', 'web-1'], total: 2 });
  expect(await ask('platform=windows')).toEqual({ names: ['db-1'], total: 1 });
  expect(await ask('presence=connected&direction=descending')).toEqual({ names: ['web-2', 'web-1', 'db-1'], total: 3 });
  expect(await ask('presence=lost')).toEqual({ names: [], total: 0 });
});

test('files are found by conditions, hashes in any case, and read by GUID', async () => {
  const { world, endpoint } = await openFleet();
  await using _ = world;
  const find = async (conditions: unknown) => {
    const response = await world.ask('/files/search', { method: 'POST', body: { conditions } });
    return findFiles.reply.parse(await response.json());
  };
  const byHash = await find([{ field: 'sha256', values: [sha256.toUpperCase()] }]);
  expect(byHash.total).toBe(2);
  const byName = await find([{ field: 'name', operator: 'matches_wildcard', values: ['EVIL.*'] }]);
  const guid = fileGuid(endpoint.number, parsePath('/srv/evil.bin'));
  expect(byName.items.map((item) => item.guid)).toEqual([guid]);
  const one = await world.ask(`/files/${guid}`);
  expect(await one.json()).toMatchObject({ path: '/srv/evil.bin', state: 'present', sha256 });
});

test('a fetch by GUID brings the very bytes, as an attachment that no browser shows', async () => {
  const { world, endpoint, agent } = await openFleet();
  await using _ = world;
  const guid = fileGuid(endpoint.number, parsePath('/srv/evil.bin'));
  const response = await world.ask('/actions/fetch', {
    method: 'POST',
    body: { guids: [guid, '1.1'], incidentId: 'INC-1' },
  });
  const { action, unknown } = (await response.json()) as { action: { id: string }; unknown: string[] };
  expect(unknown).toEqual(['1.1']);
  expect(world.ports.rung).toEqual([endpoint.id]);
  expect(await read(world, action.id)).toMatchObject({ status: 'pending', incidentId: 'INC-1' });
  await agent.work();
  const done = await read(world, action.id);
  expect(done.status).toBe('completed_successfully');
  expect(done.tasks[0]).toMatchObject({ hostName: 'web-1', paths: ['/srv/evil.bin'] });
  const download = await world.ask(`/actions/${action.id}/tasks/${done.tasks[0]?.id}/evidence/0`);
  expect(new Uint8Array(await download.arrayBuffer())).toEqual(bytes);
  expect(Object.fromEntries(download.headers)).toMatchObject({
    'content-type': 'application/octet-stream',
    'content-disposition': 'attachment; filename="evil.bin"',
    'content-length': String(bytes.length),
    'content-security-policy': "sandbox; default-src 'none'",
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  });
});

test('a download that was read whole is recorded, and one that broke off is not', async () => {
  const { world, endpoint, agent } = await openFleet();
  await using _ = world;
  const { id } = await start(world, '/actions/retrieve', { endpointIds: [endpoint.id], paths: ['/srv/evil.bin'] });
  await agent.work();
  const deliveries = async () => {
    const response = await world.ask(`/events?type=evidence_delivered&actionId=${id}`);
    return ((await response.json()) as { items: unknown[] }).items;
  };
  const broken = await world.ask(`/actions/${id}/evidence`);
  await broken.body?.cancel();
  expect(await deliveries()).toHaveLength(0);
  const whole = await world.ask(`/actions/${id}/evidence`);
  const zip = new Uint8Array(await whole.arrayBuffer());
  expect(zip.subarray(0, 2)).toEqual(new TextEncoder().encode('PK'));
  expect(whole.headers.get('content-disposition')).toBe(`attachment; filename="custody-${id}.zip"`);
  expect(await deliveries()).toMatchObject([{ facts: { remoteAddress: '192.0.2.1', files: [{ sha256 }] } }]);
  expect((await read(world, id)).tasks[0]?.files[0]?.deliveredAt).not.toBeNull();
});

test('a name from an endpoint cannot break out of a header', async () => {
  const { world, endpoint, agent } = await openFleet();
  await using _ = world;
  agent.disk.set(displayPath(parsePath(hostile)), bytes);
  const { id } = await start(world, '/actions/retrieve', { endpointIds: [endpoint.id], paths: [hostile] });
  await agent.work();
  const { tasks } = await read(world, id);
  const download = await world.ask(`/actions/${id}/tasks/${tasks[0]?.id}/evidence/0`);
  const disposition = download.headers.get('content-disposition') ?? '';
  expect(disposition).toMatch(/^attachment; filename="[ -!#-[\]-~]*"; filename\*=UTF-8''[A-Za-z0-9%._-]+$/);
  await download.body?.cancel();
});

test('what was not fetched is not found', async () => {
  const { world, endpoint, agent } = await openFleet();
  await using _ = world;
  const { id } = await start(world, '/actions/retrieve', { endpointIds: [endpoint.id], paths: ['/srv/none'] });
  await agent.work();
  const { tasks, status } = await read(world, id);
  expect(status).toBe('failed');
  const paths = [
    `/actions/${id}/evidence`,
    `/actions/${id}/tasks/${tasks[0]?.id}/evidence/0`,
    `/actions/${id}/tasks/${tasks[0]?.id}/evidence/9`,
  ];
  for (const path of paths) {
    expect((await world.ask(path)).status).toBe(404);
  }
});

test('a quarantined file is listed as held, and a restore brings it back', async () => {
  const { world, endpoint, agent } = await openFleet();
  await using _ = world;
  const order = { endpointIds: [endpoint.id], path: '/srv/evil.bin', sha256: sha256.toUpperCase() };
  const quarantine = await start(world, '/actions/quarantine', order);
  await agent.work();
  expect(agent.disk.has('/srv/evil.bin')).toBe(false);
  expect((await read(world, quarantine.id)).status).toBe('completed_successfully');
  const held = await world.ask(`/quarantine?state=held&sha256=${sha256}`);
  expect(await held.json()).toMatchObject({ total: 1, items: [{ path: '/srv/evil.bin', actionId: quarantine.id }] });
  const restore = await start(world, '/actions/restore', { sha256 });
  await agent.work();
  expect(agent.disk.get('/srv/evil.bin')).toEqual(bytes);
  const again = await start(world, '/actions/restore', { sha256 });
  await agent.work();
  const { tasks } = await read(world, again.id);
  expect(tasks[0]?.files[0]?.outcome).toBe('already_done');
  const after = await world.ask('/quarantine?state=restored');
  expect(await after.json()).toMatchObject({ total: 1, items: [{ restoredBy: restore.id }] });
});

test('closing a fetch withdraws what no agent has taken; anything else cannot be closed', async () => {
  const { world, endpoint, agent } = await openFleet();
  await using _ = world;
  const fetch = await start(world, '/actions/retrieve', { endpointIds: [endpoint.id], paths: ['/srv/evil.bin'] });
  expect((await world.ask(`/actions/${fetch.id}/close`, { method: 'POST' })).status).toBe(204);
  expect(await read(world, fetch.id)).toMatchObject({ status: 'cancelled' });
  expect((await world.ask(`/actions/${fetch.id}/close`, { method: 'POST' })).status).toBe(404);
  await agent.work();
  expect((await read(world, fetch.id)).status).toBe('cancelled');
  const order = { endpointIds: [endpoint.id], path: '/srv/evil.bin', sha256 };
  const quarantine = await start(world, '/actions/quarantine', order);
  expect((await world.ask(`/actions/${quarantine.id}/close`, { method: 'POST' })).status).toBe(409);
});

test('any action can be cancelled, and the answer says how far', async () => {
  const { world, endpoint, agent } = await openFleet();
  await using _ = world;
  const order = { endpointIds: [endpoint.id], path: '/srv/evil.bin', sha256 };
  const quarantine = await start(world, '/actions/quarantine', order);
  const cancel = () => world.ask(`/actions/${quarantine.id}/cancel`, { method: 'POST' });
  const stop = { standing: 'before_effect', filesDone: 0, filesSpared: 1 };
  expect(await (await cancel()).json()).toMatchObject({
    ...{ withdrawn: 1, asked: 0, tooLate: 0, inverse: null },
    endpoints: [{ endpointId: endpoint.id, stop }],
  });
  expect(await (await cancel()).json()).toMatchObject({ withdrawn: 0, asked: 0, endpoints: [{ stop }] });
  await agent.work();
  expect(await read(world, quarantine.id)).toMatchObject({ status: 'cancelled' });
  expect(agent.disk.has('/srv/evil.bin')).toBe(true);
  expect((await world.ask('/actions/12/cancel', { method: 'POST' })).status).toBe(404);
});

test('actions are listed newest first, by verb and incident', async () => {
  const { world, endpoint } = await openFleet();
  await using _ = world;
  const body = { endpointIds: [endpoint.id], paths: ['/srv/evil.bin'] };
  const first = await start(world, '/actions/retrieve', { ...body, incidentId: 'INC-7' });
  world.ports.clock.advance(1_000);
  const second = await start(world, '/actions/retrieve', body);
  const ids = async (query: string) => {
    const response = await world.ask(`/actions?${query}`);
    return ((await response.json()) as { items: { id: string }[] }).items.map((item) => item.id);
  };
  expect(await ids('')).toEqual([second.id, first.id]);
  expect(await ids('incidentId=INC-7')).toEqual([first.id]);
  expect(await ids('verb=restore')).toEqual([]);
});

test('events come in order, from the first one after a sequence number', async () => {
  const { world } = await openFleet();
  await using _ = world;
  const page = async (after: number) => {
    const response = await world.ask(`/events?limit=2&after=${after}`);
    return ((await response.json()) as { items: { sequence: number; type: string }[] }).items;
  };
  const first = await page(0);
  expect(first.map((event) => event.sequence)).toEqual([1, 2]);
  expect((await page(2)).map((event) => event.sequence)).toEqual([3]);
});
