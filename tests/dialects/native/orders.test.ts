import { expect, test } from 'bun:test';
import { parsePath } from '#core/file/file-path.ts';
import { fileGuid } from '#core/file/guid.ts';
import { readAction } from '#dialects/native/schemas/action.ts';
import { listQuarantine, listQuarantinedHashes } from '#dialects/native/schemas/quarantine.ts';
import { startAgent, type TestAgent } from '#kit/agent.ts';
import { enrolMachine, fileFacts, inventory, sha256Of } from '#kit/fleet.ts';
import { openNative } from './world.ts';

const bytes = new TextEncoder().encode('evil bytes');
const others = new TextEncoder().encode('other bytes');
const sha256 = sha256Of(bytes);
const paths = ['/srv/evil.bin', '/srv/twin.bin'];

/** Machines with two copies of one file each. */
async function openFleet(machines = 1) {
  const world = await openNative();
  const agents: TestAgent[] = [];
  for (let number = 1; number <= machines; number += 1) {
    const endpoint = await enrolMachine(world.ports, { hostName: `web-${number}` });
    const files = paths.map((path) => fileFacts(path, bytes));
    await inventory(world.ports, endpoint, files);
    agents.push(startAgent(world.ports, endpoint, Object.fromEntries(paths.map((path) => [path, bytes]))));
  }
  const endpointIds = agents.map((agent) => agent.endpoint.id);
  const post = (path: string, body: object, headers: Readonly<Record<string, string>> = {}) =>
    world.ask(`/actions/${path}`, { method: 'POST', body, headers });
  const work = () => Promise.all(agents.map((agent) => agent.work()));
  return {
    world,
    agents,
    endpointIds,
    post,
    /** Starts an action, has it done, and reads it. */
    async done(path: string, body: object) {
      const response = await post(path, body);
      expect(response.status).toBe(201);
      const started = (await response.json()) as { id?: string; action?: { id: string } };
      await work();
      const action = await world.ask(`/actions/${started.id ?? started.action?.id}`);
      return readAction.reply.parse(await action.json());
    },
    async records(query = '') {
      return listQuarantine.reply.parse(await (await world.ask(`/quarantine?${query}`)).json()).items;
    },
  };
}

test('a quarantine by hash takes every copy on the named endpoints', async () => {
  const { world, agents, endpointIds, done, post, records } = await openFleet(2);
  await using _ = world;
  expect((await post('quarantine', { endpointIds, sha256 })).status).toBe(400);
  const action = await done('quarantine', { endpointIds: endpointIds.slice(0, 1), path: null, sha256 });
  expect(action).toMatchObject({ status: 'completed_successfully', endpointsCount: 1 });
  expect(action.tasks[0]).toMatchObject({ paths: [], sha256, files: [{ effect: 'taken' }, { effect: 'taken' }] });
  expect(agents.map((agent) => agent.disk.size)).toEqual([0, 2]);
  const held = await records('state=held');
  expect(held.map((record) => record.path).toSorted()).toEqual(paths);
  const [one] = held;
  expect(await records(`vaultObject=${one?.vaultObject}`)).toEqual([one ?? expect.unreachable()]);
});

test('quarantined files are listed with the names of their endpoints, by action and part of a path, and counted by hash', async () => {
  const { world, endpointIds, done, records } = await openFleet(2);
  await using _ = world;
  const { id } = await done('quarantine', { endpointIds, path: null, sha256 });
  const restore = await done('restore', { sha256, endpointId: endpointIds[0] });
  const found = await records('pathContains=TWIN');
  expect(found.map(({ path, hostName }) => `${hostName}:${path}`).toSorted()).toEqual([
    'web-1:/srv/twin.bin',
    'web-2:/srv/twin.bin',
  ]);
  const hashes = async (query: string) =>
    listQuarantinedHashes.reply.parse(await (await world.ask(`/quarantine/hashes?${query}`)).json());
  const counted = { sha256, held: 2, restored: 2, purged: 0, lost: 0, damaged: 0, endpointsCount: 2, pathsCount: 2 };
  expect(await hashes('')).toMatchObject({ total: 1, items: [counted] });
  expect(await hashes('state=held&pathContains=twin')).toMatchObject({
    items: [{ held: 1, restored: 0, endpointsCount: 1, pathsCount: 1, path: '/srv/twin.bin' }],
  });
  expect(await hashes('state=purged')).toEqual({ items: [], total: 0 });
  // What an action brought back it did not take.
  expect(await records(`actionId=${restore.id}`)).toEqual([]);
  expect(await records(`actionId=${id}&actionId=${restore.id}&state=held`)).toHaveLength(2);
  expect((await hashes(`actionId=${id}`)).items).toMatchObject([counted]);
});

test('one vault object is restored to another place; what stands there is swapped into the vault', async () => {
  const { world, agents, endpointIds, done, post, records } = await openFleet();
  await using _ = world;
  await done('quarantine', { endpointIds, path: null, sha256 });
  const to = '/srv/elsewhere';
  const several = await post('restore', { sha256, to });
  expect(several.status).toBe(400);
  expect(await several.json()).toMatchObject({ code: 'invalid_request', details: { field: 'to' } });
  const object = (await records())[0] ?? expect.unreachable();
  const wrong = await post('restore', { sha256: sha256Of(others), vaultObject: object.vaultObject });
  expect(await wrong.json()).toMatchObject({ code: 'invalid_request', details: { field: 'vaultObject' } });
  agents[0]?.disk.set(to, others);
  const order = { sha256, vaultObject: object.vaultObject, to };
  expect((await done('restore', order)).tasks[0]).toMatchObject({ status: 'failed', paths: [to] });
  const swapped = await done('restore', { ...order, ifOccupied: 'swap' });
  expect(swapped.tasks[0]?.files).toMatchObject([
    { outcome: 'done', path: to, effect: 'returned', details: { originalPath: object.path } },
    { outcome: 'done', path: to, effect: 'taken', sha256: sha256Of(others) },
  ]);
  expect(agents[0]?.disk.get(to)).toEqual(bytes);
  expect((await records('state=held')).map((record) => record.sha256).toSorted()).toEqual(
    [sha256, sha256Of(others)].toSorted(),
  );
});

test('files of several endpoints are not restored to one path', async () => {
  const { world, endpointIds, done, post } = await openFleet(2);
  await using _ = world;
  await done('quarantine', { endpointIds, path: paths[0], sha256 });
  const refused = await post('restore', { sha256, to: '/srv/x' });
  expect(refused.status).toBe(400);
  expect(((await refused.json()) as { detail: string }).detail).toContain('2 endpoints');
  expect((await post('restore', { sha256, to: '/srv/x', endpointId: endpointIds[1] })).status).toBe(201);
});

test('what is purged cannot be restored or fetched any more; endpoints that hold nothing are left out', async () => {
  const { world, endpointIds, done, post, records } = await openFleet(2);
  await using _ = world;
  await done('quarantine', { endpointIds: endpointIds.slice(0, 1), path: null, sha256 });
  const [first, second] = await records();
  const one = await done('purge', { endpointIds, sha256, vaultObject: first?.vaultObject });
  expect(one).toMatchObject({ verb: 'purge', status: 'completed_successfully', endpointsCount: 1 });
  expect(await records('state=held')).toEqual([second ?? expect.unreachable()]);
  await done('purge', { endpointIds, sha256 });
  expect((await records()).map((record) => record.state)).toEqual(['purged', 'purged']);
  for (const path of ['purge', 'restore']) {
    const again = await post(path, path === 'purge' ? { endpointIds, sha256 } : { sha256 });
    expect(await again.json()).toMatchObject({ code: 'no_target' });
  }
  expect(await (await post('fetch', { guids: [first?.quarantineGuid] })).json()).toMatchObject({ code: 'no_target' });
});

test('a quarantined file is fetched out of the vault by either GUID', async () => {
  const { world, agents, endpointIds, done, records } = await openFleet();
  await using _ = world;
  await done('quarantine', { endpointIds, path: paths[0], sha256 });
  const [record] = await records();
  const guid = fileGuid(agents[0]?.endpoint.number ?? expect.unreachable(), parsePath(paths[0] ?? ''));
  expect(record?.guid).toBe(guid);
  for (const each of [guid, record?.quarantineGuid]) {
    const fetched = await done('fetch', { guids: [each] });
    expect(fetched.tasks[0]?.files).toMatchObject([{ outcome: 'done', details: { fromVault: record?.vaultObject } }]);
    const download = await world.ask(`/actions/${fetched.id}/tasks/${fetched.tasks[0]?.id}/evidence/0`);
    expect(new Uint8Array(await download.arrayBuffer())).toEqual(bytes);
  }
});

test('a search lists what each endpoint finds, and what was searched for', async () => {
  const { world, endpointIds, done, post } = await openFleet(2);
  await using _ = world;
  const found = await done('search', { endpointIds: 'all', pattern: { by: 'sha256', sha256 } });
  expect(found).toMatchObject({ verb: 'search', status: 'completed_successfully', endpointsCount: 2 });
  expect(found.tasks[0]).toMatchObject({ pattern: { by: 'sha256', sha256 }, sha256: null });
  expect(found.tasks.flatMap((task) => task.files.map((file) => file.path))).toEqual([...paths, ...paths]);
  const pattern = { by: 'path', path: '/srv/none' };
  const nothing = await done('search', { endpointIds, pattern, live: true, under: '/srv' });
  expect(nothing.tasks[0]).toMatchObject({ pattern, paths: ['/srv'] });
  expect(nothing.tasks[0]?.files).toMatchObject([{ outcome: 'done', path: null, message: 'No file matches.' }]);
  for (const bad of [
    { pattern: { by: 'regex', regex: '(' } },
    { pattern: { by: 'glob', glob: '/srv/[' } },
    { pattern: { by: 'path', path: '/srv' }, under: '/srv' },
    { pattern: { by: 'name', name: 'x' } },
    { pattern: { by: 'path', path: '/srv' }, limit: 0 },
  ]) {
    expect((await post('search', { endpointIds, ...bad })).status).toBe(400);
  }
});

test('who may search, purge and override protection is settled per role, and an override is told', async () => {
  const { world, endpointIds, post } = await openFleet();
  await using _ = world;
  const allowed: Readonly<Record<string, readonly string[]>> = {
    search: ['Investigator', 'Privileged Investigator', 'Responder', 'Privileged Responder', 'Instance Administrator'],
    purge: ['Privileged Responder', 'Instance Administrator'],
    override: ['Instance Administrator'],
  };
  const orders: Readonly<Record<string, readonly [string, object]>> = {
    search: ['search', { endpointIds, pattern: { by: 'sha256', sha256 } }],
    purge: ['purge', { endpointIds, sha256 }],
    override: ['quarantine', { endpointIds, path: paths[0], sha256, overrideProtection: true }],
  };
  const roles: readonly string[] = [...(allowed['search'] ?? []), 'Viewer'];
  for (const role of roles) {
    const headers = { authorization: await world.authorizationOf(role) };
    for (const [name, [path, body]] of Object.entries(orders)) {
      const { status } = await post(path, body, headers);
      expect({ role, name, refused: status === 403 }).toEqual({ role, name, refused: !allowed[name]?.includes(role) });
    }
  }
  const events = await world.ports.store.read((reader) => reader.events.list({ types: ['action_started'] }, 0, 99));
  const overrides = events.filter(({ facts }) => facts['overrideProtection'] === true);
  expect(overrides.map(({ actor }) => actor.name)).toEqual(['Instance Administrator']);
});

test('copies that were counted are purged and restored, and no other; where one has left its vault, nothing is ordered', async () => {
  const { world, endpointIds, done, post, records } = await openFleet(3);
  await using _ = world;
  await done('quarantine', { endpointIds, path: null, sha256 });
  const counted = (await records()).map(({ vaultObject }) => vaultObject);
  const heldOn = async (index: number) => {
    const held = await records(`state=held&endpointId=${endpointIds[index]}`);
    return held.map(({ vaultObject }) => vaultObject);
  };
  const [both, [one = expect.unreachable()], last] = [await heldOn(0), await heldOn(1), await heldOn(2)];

  // Both copies of the first endpoint, one of the two of the second: none of the third, which is named all the same.
  const purged = await done('purge', { endpointIds, sha256, vaultObjects: [...both, one] });
  expect(purged).toMatchObject({ verb: 'purge', status: 'completed_successfully', endpointsCount: 2 });
  expect(purged.tasks.map(({ options }) => options).toSorted((a) => (a.vaultObjects ? -1 : 1))).toEqual([
    { vaultObjects: expect.arrayContaining(both) },
    { vaultObject: one },
  ]);
  expect([await heldOn(0), (await heldOn(1)).length, await heldOn(2)]).toEqual([[], 1, last]);

  for (const path of ['purge', 'restore']) {
    const order = path === 'purge' ? { endpointIds, sha256 } : { sha256 };
    const refused = await post(path, { ...order, vaultObjects: counted });
    expect([path, refused.status]).toEqual([path, 409]);
    expect(((await refused.json()) as { detail: string }).detail).toContain(
      '3 of the 6 copies are in no vault any more.',
    );
    const twice = await post(path, { ...order, vaultObjects: last, vaultObject: last[0] });
    expect([path, twice.status]).toEqual([path, 400]);
    const wrong = await post(path, { ...order, sha256: sha256Of(others), vaultObjects: last });
    expect([path, wrong.status]).toEqual([path, 400]);
  }
  const elsewhere = await post('purge', { endpointIds: endpointIds.slice(0, 1), sha256, vaultObjects: last });
  expect(await elsewhere.json()).toMatchObject({ code: 'invalid_request', details: { field: 'vaultObjects' } });
  expect([(await heldOn(1)).length, await heldOn(2)]).toEqual([1, last]);

  const single = await done('restore', { sha256, vaultObjects: last.slice(0, 1) });
  expect(single).toMatchObject({ verb: 'restore', status: 'completed_successfully', endpointsCount: 1 });
  expect([(await heldOn(1)).length, await heldOn(2)]).toEqual([1, last.slice(1)]);
  const rest = [...(await heldOn(1)), ...(await heldOn(2))];
  const several = await done('restore', { sha256, vaultObjects: rest });
  expect(several).toMatchObject({ verb: 'restore_objects', status: 'completed_successfully', endpointsCount: 2 });
  expect(await records('state=held')).toEqual([]);
});
