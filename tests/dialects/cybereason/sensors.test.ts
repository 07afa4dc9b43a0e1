import { expect, test } from 'bun:test';
import fc from 'fast-check';
import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import { compactGuid } from '#core/file/guid.ts';
import { day, minute } from '#core/time.ts';
import { pylumId } from '#dialects/cybereason/pylum-id.ts';
import { sensorId, serverIdOf } from '#dialects/cybereason/sensor-id.ts';
import { enrolMachine } from '#kit/fleet.ts';
import type { TestPortsOptions } from '#kit/ports.ts';
import { openWorld, post, type World } from './world.ts';

interface Sensors {
  readonly sensors: readonly Readonly<Record<string, unknown>>[];
  readonly totalResults: number;
  readonly hasMoreResults: boolean;
  readonly sensorsStatus: Readonly<Record<string, unknown>>;
}

async function openSensors(options: TestPortsOptions = {}, role = 'Privileged Responder') {
  const world = await openWorld(options);
  const cookie = await world.cookieOf(role);
  const serverId = await world.ports.store.read(serverIdOf);
  const ask = async (path: string, body: unknown) => {
    const answer = await world.send(post(path, cookie, body));
    const text = await answer.text();
    return { status: answer.status, json: text === '' ? undefined : JSON.parse(text) };
  };
  const query = async (body: unknown): Promise<Sensors> => (await ask('/rest/sensors/query', body)).json;
  const names = async (body: unknown) => (await query(body)).sensors.map(({ machineName }) => machineName);
  const get = (path: string) => world.send({ path, headers: { cookie } });
  const idOf = (name: 'web' | 'mail') => sensorId(serverId, world[name].endpoint);
  return { world, ask, query, names, get, idOf, cookie };
}

function equals(fieldName: string, ...values: readonly unknown[]) {
  return { filters: [{ fieldName, operator: 'Equals', values }] };
}

async function statsOf(json: { readonly globalStats: { readonly stats: Record<string, number> } }) {
  return Object.fromEntries(Object.entries(json.globalStats.stats).filter(([, count]) => count > 0));
}

test('every leniency of the body is taken, and what is no body is 400', async () => {
  const { world, ask, names } = await openSensors();
  await using _ = world;
  for (const body of [
    {},
    { filters: null },
    { filters: [] },
    { limit: '100', offset: '0' },
    { limit: null, offset: null },
  ]) {
    expect(await names(body)).toEqual(['mail-1', 'web-1']);
  }
  expect(await names({ batchId: null, sortDirection: 'DESC', sortingFieldName: 'machineName' })).toEqual([
    'web-1',
    'mail-1',
  ]);
  const wrong = [
    [],
    7,
    { limit: -1 },
    { limit: 'many' },
    { offset: 1.5 },
    { filters: 7 },
    { filters: [7] },
    { filters: [{}] },
  ];
  const odd = [
    { filters: [{ fieldName: 'status', operator: 'Resembles', values: ['x'] }] },
    { filters: [{ fieldName: '__proto__', values: ['x'] }] },
    { filters: [{ fieldName: 'status', operator: 'constructor', values: ['x'] }] },
    { filters: [{ fieldName: 'status', values: [{}] }] },
  ];
  for (const body of [...wrong, ...odd]) {
    expect({ body, status: (await ask('/rest/sensors/query', body)).status }).toEqual({ body, status: 400 });
  }
});

test('offset counts pages or rows, as the installation chose', async () => {
  for (const [sensorOffset, expected] of [
    ['page', [['a-1', 'a-2'], ['a-3', 'mail-1'], ['web-1'], []]],
    [
      'row',
      [
        ['a-1', 'a-2'],
        ['a-2', 'a-3'],
        ['a-3', 'mail-1'],
        ['mail-1', 'web-1'],
      ],
    ],
  ] as const) {
    const cybereason = {
      guidSpelling: 'numeric',
      sensorOffset,
      honestUnauthorized: false,
      directFetchPatience: 0,
    } as const;
    const { world, names, query } = await openSensors({ policy: { cybereason } });
    await using _ = world;
    for (const hostName of ['a-1', 'a-2', 'a-3']) {
      await enrolMachine(world.ports, { hostName });
    }
    const pages: unknown[] = [];
    for (const offset of [0, 1, 2, 3]) {
      pages.push(await names({ limit: 2, offset }));
      // By the store and by hand, the same.
      expect(await names({ limit: 2, offset, sortingFieldName: 'fqdn' })).toEqual((pages.at(-1) ?? []) as unknown[]);
    }
    expect(pages).toEqual(expected.map((page) => [...page]));
    expect((await query({ limit: 2, offset: 0 })).hasMoreResults).toBe(true);
    expect((await query({ limit: 3, offset: sensorOffset === 'page' ? 1 : 3 })).hasMoreResults).toBe(false);
  }
});

test('filters hold, each and together, and several addresses of a machine count', async () => {
  const { world, names, idOf } = await openSensors();
  await using _ = world;
  await enrolMachine(world.ports, { hostName: 'WIN', platform: 'windows', addresses: ['10.0.0.5', '198.51.100.7'] });
  const is = (fieldName: string, operator: string, ...values: readonly unknown[]) => ({
    filters: [{ fieldName, operator, values }],
  });
  const { web } = world;
  for (const [filters, expected] of [
    [is('machineName', 'Equals', 'web-1'), ['web-1']],
    [is('machineName', 'Equals', 'WEB-1'), []],
    [is('machineName', 'EqualsIgnoreCase', 'WEB-1'), ['web-1']],
    [is('machineName', 'ContainsIgnoreCase', 'B-', 'IN'), ['web-1', 'WIN']],
    [is('machineName', 'NotContainsIgnoreCase', 'win'), ['mail-1', 'web-1']],
    [is('machineName', 'NotEquals', 'web-1'), ['mail-1', 'WIN']],
    [is('osType', 'Is', 'WINDOWS'), ['WIN']],
    [is('internalIpAddress', 'Equals', '198.51.100.7'), ['WIN']],
    [is('externalIpAddress', 'Equals', '198.51.100.7'), ['WIN']],
    [is('externalIpAddress', 'Equals', '10.0.0.5'), []],
    [is('guid', 'Equals', web.guid), ['web-1']],
    [is('guid', 'Equals', compactGuid(web.guid)), ['web-1']],
    [is('sensorId', 'Equals', idOf('web')), ['web-1']],
    [is('pylumId', 'ContainsIgnoreCase', pylumId(web.endpoint).toLowerCase()), ['web-1']],
    [is('isolated', 'Equals', true), []],
    [is('status', 'Is', 'Online'), ['mail-1', 'web-1', 'WIN']],
    [is('status', 'NotEquals', 'Online'), []],
    [{ filters: [...is('status', 'Is', 'Online').filters, ...is('status', 'Is', 'Stale').filters] }, []],
    [
      { filters: [...is('osType', 'Is', 'LINUX').filters, ...is('machineName', 'ContainsIgnoreCase', 'web').filters] },
      ['web-1'],
    ],
  ] as const) {
    expect({ filters, names: await names(filters) }).toEqual({ filters, names: [...expected] });
  }
});

test('archived sensors are listed, and found by name or status; a deleted one is gone', async () => {
  const { world, ask, names, query, idOf } = await openSensors();
  await using _ = world;
  const archived = await ask('/rest/sensors/action/archive', { sensorsIds: [idOf('web')], argument: 'broken\n\u202e' });
  expect(await statsOf(archived.json)).toEqual({ Succeeded: 1 });
  expect(await names({})).toEqual(['mail-1', 'web-1']);
  const [web] = (await query(equals('machineName', 'web-1'))).sensors;
  const now = world.ports.clock.now();
  expect(web).toMatchObject({ status: 'Archived', archiveTimeMs: now, archivedOrUnarchiveComment: 'broken  ' });
  expect(await names(equals('status', 'Archived'))).toEqual(['web-1']);
  expect((await query(equals('status', 'Archived', 'Online'))).sensorsStatus).toMatchObject({
    onlineCount: 1,
    archivedCount: 1,
  });
  await ask('/rest/sensors/action/unarchive', { sensorsIds: [idOf('web')], argument: 'mended' });
  expect(await names({})).toEqual(['mail-1', 'web-1']);
  const deleted = await ask('/rest/sensors/action/delete', { sensorsIds: [idOf('web'), idOf('web'), 'no such'] });
  expect(await statsOf(deleted.json)).toEqual({ Succeeded: 1, UnknownProbe: 1 });
  expect(await names(equals('machineName', 'web-1'))).toEqual([]);
  expect((await ask('/rest/sensors/action/delete', { sensorsIds: [idOf('web')] })).status).toBe(204);
});

test('states follow from when a sensor was heard, and times are numbers everywhere', async () => {
  const { world, query } = await openSensors();
  await using _ = world;
  world.ports.clock.advance(5 * minute);
  expect((await query({})).sensors.map(({ status, serviceStatus }) => [status, serviceStatus])).toEqual([
    ['Offline', 'Down'],
    ['Offline', 'Down'],
  ]);
  const [first] = (await query({})).sensors;
  const times = Object.entries(first ?? {}).filter(([name]) => /time|MS$|Ms$/i.test(name) && !/State/.test(name));
  expect(times.filter(([, value]) => typeof value !== 'number')).toEqual([]);
  expect(Object.values(first ?? {})).not.toContain(null);
  world.ports.clock.advance(31 * day);
  const cookie = await world.cookieOf('Viewer');
  const answer = await world.send(post('/rest/sensors/query', cookie, equals('status', 'Stale')));
  expect(await answer.json()).toMatchObject({ totalResults: 2, sensorsStatus: { staleCount: 2, onlineCount: 0 } });
});

test('a sensor action must name its sensors; ids of another server name none of ours', async () => {
  const { world, ask, idOf } = await openSensors();
  await using _ = world;
  for (const name of ['archive', 'delete', 'restart', 'fetchLogs']) {
    for (const body of [{}, { filters: [] }, { sensorsIds: null, filters: null }, { sensorsIds: 'x' }]) {
      expect((await ask(`/rest/sensors/action/${name}`, body)).status).toBe(400);
    }
    const others = { sensorsIds: [idOf('web').replace(/^.{24}/, '0'.repeat(24)), 'x', ''] };
    expect((await ask(`/rest/sensors/action/${name}`, others)).status).toBe(204);
    expect((await ask(`/rest/sensors/action/${name}`, { sensorsIds: [] })).status).toBe(204);
    const both = { sensorsIds: [idOf('web')], filters: equals('machineName', 'mail-1').filters };
    expect((await ask(`/rest/sensors/action/${name}`, both)).status).toBe(204);
  }
  const bogus = { filters: [{ fieldName: 'machinename', values: ['web-1'] }] };
  expect((await ask('/rest/sensors/action/delete', bogus)).status).toBe(400);
});

test('what nothing here can do has failed on each sensor, never succeeded', async () => {
  const { world, ask, idOf } = await openSensors();
  await using _ = world;
  for (const name of [
    'restart',
    'upgrade',
    'schedulerScan',
    'addToGroup',
    'setPreventionMode',
    'uninstall',
    'purgeSensors',
  ]) {
    const { json } = await ask(`/rest/sensors/action/${name}`, { sensorsIds: [idOf('web'), idOf('mail')] });
    expect(await statsOf(json)).toEqual({ Failed: 2 });
    expect(json).toMatchObject({ finalState: true, totalNumberOfProbes: 2 });
    const listed = await ask(`/rest/sensors/query/sensorsOfAction/${json.batchId}`, { limit: 1, offset: 1 });
    expect(listed.json).toMatchObject({
      totalResults: 2,
      sensors: [{ machineName: 'mail-1', actionStatus: 'Failed' }],
    });
  }
});

test('roles: who may list, act, search, abort', async () => {
  const allowed: Readonly<Record<string, readonly string[]>> = {
    '/rest/sensors/query': ['Viewer', 'Investigator', 'Responder', 'Privileged Responder'],
    '/rest/sensors/action/restart': ['Privileged Responder'],
    '/rest/sensors/action/fileSearch': ['Investigator', 'Responder', 'Privileged Responder'],
  };
  for (const role of ['Viewer', 'Investigator', 'Responder', 'Privileged Responder'] as const) {
    const { world, ask, get } = await openSensors({}, role);
    await using _ = world;
    for (const [path, roles] of Object.entries(allowed)) {
      expect([role, path, (await ask(path, {})).status !== 403]).toEqual([role, path, roles.includes(role)]);
    }
    // Who may stop which is decided by what it is, and by who started it.
    expect((await get('/rest/sensors/abort/1')).status).toBe(400);
    expect((await get('/rest/sensors/action/download-logs/1')).status).toBe(
      role === 'Privileged Responder' ? 400 : 403,
    );
  }
});

test('isolation is never said to have worked, whatever the list of machines', async () => {
  const { world, ask } = await openSensors();
  await using _ = world;
  const id = pylumId(world.web.endpoint);
  const renamed = id.replace('WEB-1', 'OLD_NAME');
  for (const path of ['isolate', 'un-isolate']) {
    const answer = await ask(`/rest/monitor/global/commands/${path}`, {
      pylumIds: [id, renamed, 'x', id],
      malopId: null,
    });
    expect(answer).toEqual({ status: 200, json: { [id]: 'Failed', [renamed]: 'Failed', x: 'UnknownProbe' } });
    expect(await ask(`/rest/monitor/global/commands/${path}`, { pylumIds: [] })).toEqual({ status: 200, json: {} });
    expect((await ask(`/rest/monitor/global/commands/${path}`, {})).status).toBe(400);
  }
});

test('logs: nothing until they are there, then a ZIP that says whose are missing; 500 when there will be none', async () => {
  const { world, ask, get, idOf } = await openSensors();
  await using _ = world;
  const fetch = async () =>
    (await ask('/rest/sensors/action/fetchLogs', { sensorsIds: [idOf('web'), idOf('mail')] })).json.batchId;
  const batch = await fetch();
  const download = async (id: number) => {
    const answer = await get(`/rest/sensors/action/download-logs/${id}`);
    return { status: answer.status, bytes: await answer.bytes() };
  };
  expect((await download(batch)).bytes).toHaveLength(0);
  await world.web.agent.work();
  expect((await download(batch)).bytes).toHaveLength(0);
  world.ports.clock.advance(3 * minute);
  const partly = await download(batch);
  expect(Buffer.from(partly.bytes).toString('latin1')).toContain('logs-not-included.txt');
  await world.mail.agent.work();
  expect(Buffer.from((await download(batch)).bytes).toString('latin1')).not.toContain('logs-not-included.txt');
  const failing = await fetch();
  await get(`/rest/sensors/abort/${failing}`);
  expect((await download(failing)).status).toBe(500);
  const restarted = await ask('/rest/sensors/action/restart', { sensorsIds: [idOf('web')] });
  expect((await download(restarted.json.batchId)).status).toBe(400);
  expect((await get(`/rest/fetchfile/getfiles/${batch}`)).status).toBe(500);
});

test('whatever JSON comes, the answer is never a failure of the server', async () => {
  const { world, ask, idOf } = await openSensors({}, 'Instance Administrator');
  await using _ = world;
  const keys = [
    'filters',
    'fileFilters',
    'sensorsIds',
    'pylumIds',
    'limit',
    'offset',
    'fieldName',
    'operator',
    'values',
    'argument',
  ];
  const words = [
    'machineName',
    'status',
    'guid',
    'fileName',
    'folder',
    'size',
    'Equals',
    'Between',
    'ContainsIgnoreCase',
    idOf('web'),
  ];
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<unknown>(...words, '/', '\0', '__proto__', '%', -1, 1e308, 2 ** 53, null, true),
      fc.string({ unit: 'binary' }),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.oneof(fc.constantFrom(...keys), fc.string()), tie('value'), { maxKeys: 5 }),
    ),
  }));
  const filter = fc.record({ fieldName: value, operator: value, values: fc.array(value, { maxLength: 3 }) });
  const likely = fc.record({
    filters: fc.array(filter, { maxLength: 2 }),
    fileFilters: fc.array(filter, { maxLength: 2 }),
    limit: value,
  });
  const paths = ['query', 'action/archive', 'action/restart', 'action/fileSearch', 'query/sensorsOfAction/7'];
  const isolate = '/rest/monitor/global/commands/isolate';
  const all = [isolate, ...paths.map((path) => `/rest/sensors/${path}`)];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...all), fc.oneof(value, likely), async (path, body) => {
      expect((await ask(path, body)).status).toBeLessThan(500);
    }),
    { numRuns: 1_000 },
  );
  const many = { filters: [{ fieldName: 'machineName', operator: 'NotEquals', values: Array(1_001).fill('x') }] };
  expect((await ask('/rest/sensors/query', many)).status).toBe(400);
  const ids = Array.from({ length: 100_000 }, (_, number) => `x${number}`);
  expect((await ask('/rest/sensors/action/archive', { sensorsIds: ids })).status).toBe(204);
}, 60_000);

test('a server is known by the same number for ever, and another by another', async () => {
  await using one = await openWorld();
  await using other = await openWorld({ now: Date.UTC(2027, 1, 1) });
  const before = await one.ports.store.read(serverIdOf);
  await one.cookieOf('Viewer');
  expect(await one.ports.store.read(serverIdOf)).toBe(before);
  expect(before).toMatch(/^[0-9a-f]{24}$/);
  expect(await other.ports.store.read(serverIdOf)).not.toBe(before);
});

test('10,000 sensors are listed, filtered and counted without a query for each', async () => {
  const { world, query } = await openSensors();
  await using _ = world;
  await plantFleet(world, 10_000);
  const started = performance.now();
  const page = await query({ limit: 50, offset: 100 });
  const byAll = await query({ limit: 50, offset: 3, sortingFieldName: 'fqdn', sortDirection: 'DESC' });
  const odd = await query({ filters: [{ fieldName: 'version', operator: 'NotEquals', values: ['0.1.0'] }] });
  const took = performance.now() - started;
  expect([page.totalResults, page.sensors.length, page.hasMoreResults]).toEqual([10_002, 50, true]);
  expect([byAll.totalResults, byAll.sensors.length]).toEqual([10_002, 50]);
  expect([odd.totalResults, odd.sensors.length]).toEqual([10_000, 1_000]);
  expect(page.sensorsStatus).toMatchObject({ onlineCount: 2, offlineCount: 10_000 });
  expect(took).toBeLessThan(5_000);
}, 60_000);

async function plantFleet({ ports, web }: World, size: number): Promise<void> {
  await ports.store.transact(
    async ({ endpoints }) => {
      for (let number = 0; number < size; number += 1) {
        const id = number.toString(16).padStart(32, '0') as EndpointId;
        const hostName = `host-${String(number).padStart(5, '0')}`;
        const more = {
          id,
          hostName,
          number: (200_000_000 + number) as typeof web.endpoint.number,
          agentVersion: '0.0.9',
        };
        await endpoints.insert({ ...web.endpoint, ...more, connectedUntil: null });
      }
    },
    { deadline: 60_000 },
  );
}
