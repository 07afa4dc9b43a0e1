import { afterAll, beforeAll, expect, test } from 'bun:test';
import { parsePath } from '#core/file/file-path.ts';
import { compactGuid } from '#core/file/guid.ts';
import { day } from '#core/time.ts';
import { connectEndpoint } from '#core/verbs/connect-endpoint.ts';
import { quarantineFiles } from '#core/verbs/quarantine-files.ts';
import { createCybereasonDialect } from '#dialects/cybereason/index.ts';
import { pylumId } from '#dialects/cybereason/pylum-id.ts';
import { sensorStates } from '#dialects/cybereason/sensors/sensor-stats.ts';
import { administrator, enrolMachine, sha256Of } from '#kit/fleet.ts';
import { type Machine, openWorld, origin, post, remoteAddress, texts, type World } from './world.ts';

interface Sensor {
  readonly [field: string]: unknown;
}

interface SensorAnswer {
  readonly sensors: readonly Sensor[];
  readonly totalResults: number;
  readonly hasMoreResults: boolean;
  readonly sensorsStatus: object;
}

interface ActionAnswer {
  readonly batchId: number;
  readonly actionType: string;
  readonly finalState: boolean;
  readonly totalNumberOfProbes: number;
  readonly globalStats: { readonly stats: Readonly<Record<string, number>> };
}

async function openSession(world: World, email = 'ana@example.com') {
  const cookie = await world.cookieOf('Instance Administrator', email);
  const send = (path: string, body: unknown) => world.send(post(path, cookie, body));
  const get = (path: string) => world.send({ path, headers: { cookie } });
  return {
    send,
    get,
    query: async (body: unknown) => (await (await send('/rest/sensors/query', body)).json()) as SensorAnswer,
    act: async (name: string, body: unknown) => {
      const answer = await send(`/rest/sensors/action/${name}`, body);
      expect(answer.status).toBe(200);
      return (await answer.json()) as ActionAnswer;
    },
    stats: async (batchId: number) => {
      const all = (await (await get('/rest/sensors/allActions')).json()) as readonly ActionAnswer[];
      const found = all.find((action) => action.batchId === batchId);
      return Object.fromEntries(Object.entries(found?.globalStats.stats ?? {}).filter(([, count]) => count > 0));
    },
  };
}

type Session = Awaited<ReturnType<typeof openSession>>;

let world: World;
let session: Session;

beforeAll(async () => {
  world = await openWorld();
  session = await openSession(world);
  await enrolMachine(world.ports, { hostName: 'Alpha', platform: 'windows', addresses: ['192.0.2.77'] });
  world.ports.clock.advance(1_000);
});

afterAll(() => world[Symbol.asyncDispose]());

const names = async (body: object) => (await session.query(body)).sensors.map((sensor) => sensor['machineName']);

test('needs nothing in its body, and answers all that clients index', async () => {
  for (const body of [{}, { filters: null }, { filters: [], batchId: null, limit: '100', offset: '0' }]) {
    const answer = await session.query(body);
    expect(answer).toMatchObject({ totalResults: 3, hasMoreResults: false });
    expect(answer.sensorsStatus).toEqual({
      '@class': '.SensorsStatusOverview',
      onlineCount: 3,
      offlineCount: 0,
      staleCount: 0,
      archivedCount: 0,
    });
    expect(answer.sensors.map((sensor) => sensor['machineName'])).toEqual(['Alpha', 'mail-1', 'web-1']);
  }
  const [alpha] = (await session.query({})).sensors;
  expect(alpha).toMatchObject({
    osType: 'WINDOWS',
    internalIpAddress: '192.0.2.77',
    status: 'Online',
    isolated: false,
  });
  expect(String(alpha?.['sensorId'])).toMatch(/^[0-9a-f]{24}:PYLUMCLIENT_CUSTODY_ALPHA_[0-9A-F]{12}$/);
  expect(String(alpha?.['guid'])).toMatch(/^(-?\d{9,10}\.-?\d{19})$/);
  const times = Object.entries(alpha ?? {}).filter(([field]) => /Time(MS)?$|Timestamp/i.test(field));
  expect(times.filter(([field, value]) => typeof value !== 'number' && field !== 'archiveTimeMs')).toEqual([]);
});

const filters: readonly (readonly [string, string, readonly unknown[], readonly string[]])[] = [
  ['machineName', 'Equals', ['web-1'], ['web-1']],
  ['machineName', 'Equals', ['WEB-1'], []],
  ['machineName', 'EqualsIgnoreCase', ['WEB-1'], ['web-1']],
  ['machineName', 'ContainsIgnoreCase', ['-1'], ['mail-1', 'web-1']],
  ['machineName', 'NotEquals', ['web-1'], ['Alpha', 'mail-1']],
  ['status', 'NotEquals', ['Archived'], ['Alpha', 'mail-1', 'web-1']],
  ['isolated', 'Is', [false], ['Alpha', 'mail-1', 'web-1']],
  ['internalIpAddress', 'Equals', ['192.0.2.77'], ['Alpha']],
  ['externalIpAddress', 'Equals', ['2001:db8::10'], ['mail-1', 'web-1']],
  ['osType', 'Equals', ['WINDOWS'], ['Alpha']],
  ['siteId', 'Equals', [0], ['Alpha', 'mail-1', 'web-1']],
];

test.each(filters)('%s %s %j', async (fieldName, operator, ...[values, expected]) => {
  expect(await names({ filters: [{ fieldName, operator, values }] })).toEqual([...expected]);
});

test('finds a sensor by its ids and by its GUID in either spelling', async () => {
  const [found] = (
    await session.query({ filters: [{ fieldName: 'machineName', operator: 'Equals', values: ['web-1'] }] })
  ).sensors;
  for (const [fieldName, value] of [
    ['pylumId', pylumId(world.web.endpoint)],
    ['sensorId', found?.['sensorId']],
    ['guid', world.web.guid],
    ['guid', compactGuid(world.web.guid)],
  ]) {
    expect(await names({ filters: [{ fieldName, values: [value] }] })).toEqual(['web-1']);
  }
});

test('sorts by any field, and pages by pages or by rows as it is set', async () => {
  expect(await names({ sortingFieldName: 'machineName', sortDirection: 'DESC' })).toEqual(['web-1', 'mail-1', 'Alpha']);
  expect(await names({ limit: 1, offset: 1 })).toEqual(['mail-1']);
  expect(await names({ limit: 2, offset: 1 })).toEqual(['web-1']);
  expect(await session.query({ limit: 2, offset: 0 })).toMatchObject({ totalResults: 3, hasMoreResults: true });
  expect(await names({ limit: 2, offset: 9 })).toEqual([]);
  const { cybereason } = world.ports.policy;
  const policy = { ...world.ports.policy, cybereason: { ...cybereason, sensorOffset: 'row' } as const };
  const dialect = createCybereasonDialect({ ...world.ports, policy });
  const cookie = await world.cookieOf('Viewer', 'row@example.com');
  const sent = post('/rest/sensors/query', cookie, { limit: 2, offset: 1 });
  const request = new Request(`${origin}${sent.path}`, {
    method: 'POST',
    headers: sent.headers ?? {},
    body: sent.body ?? '',
  });
  const answer = await dialect.handle(request, { remoteAddress, local: false });
  const { sensors } = (await answer.json()) as SensorAnswer;
  expect(sensors.map((sensor) => sensor['machineName'])).toEqual(['mail-1', 'web-1']);
});

const refused: readonly (readonly [object, string])[] = [
  [{ filters: [{ fieldName: 'colour', values: ['x'] }] }, 'colour'],
  [{ filters: [{ fieldName: 'status', operator: 'Like', values: ['x'] }] }, 'operator'],
  [{ filters: [{ fieldName: 'status', values: [] }] }, 'values is empty'],
  [{ filters: 'all' }, 'filters'],
  [{ sortingFieldName: 'colour' }, 'sortingFieldName'],
];

test.each(refused)('%j is refused with 400 that says why', async (body, why) => {
  const answer = await session.send('/rest/sensors/query', body);
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ status: 'FAILURE', message: expect.stringContaining(why) });
});

test('an overview counts them', async () => {
  const overview = (await (await session.get('/rest/sensors/overview')).json()) as object;
  expect(overview).toMatchObject({ osTypes: { LINUX: 2, WINDOWS: 1 }, statuses: { Online: 3 } });
});

async function openFleet() {
  const world = await openWorld();
  const session = await openSession(world);
  const { sensors } = await session.query({});
  const idOf = (name: string) => sensors.find((sensor) => sensor['machineName'] === name)?.['sensorId'];
  return { world, session, idOf, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
}

test('archive and bring back; an answer has every counter', async () => {
  await using fleet = await openFleet();
  const { session, idOf } = fleet;
  const action = await session.act('archive', { sensorsIds: [idOf('web-1')], argument: 'not in use' });
  expect(action).toMatchObject({ actionType: 'Archive', finalState: true, totalNumberOfProbes: 1, abortTime: 0 });
  expect(Number.isInteger(action.batchId)).toBe(true);
  expect(Object.keys(action.globalStats.stats).toSorted()).toEqual([...sensorStates].toSorted());
  expect(action.globalStats.stats['Succeeded']).toBe(1);
  const archived = { filters: [{ fieldName: 'status', operator: 'Equals', values: ['Archived'] }] };
  expect((await session.query(archived)).sensors).toMatchObject([
    { machineName: 'web-1', archivedOrUnarchiveComment: 'not in use', archiveTimeMs: fleet.world.ports.clock.now() },
  ]);
  await session.act('unarchive', { sensorsIds: [idOf('web-1')], argument: 'again in use' });
  expect((await session.query(archived)).totalResults).toBe(0);
});

test('no sensor that matches is 204 with no body; no sensor named is refused', async () => {
  await using fleet = await openFleet();
  const { session } = fleet;
  for (const name of ['archive', 'fetchLogs', 'restart']) {
    const answer = await session.send(`/rest/sensors/action/${name}`, { sensorsIds: ['nobody'] });
    expect(answer.status).toBe(204);
    expect(await answer.text()).toBe('');
    expect((await session.send(`/rest/sensors/action/${name}`, {})).status).toBe(400);
    expect((await session.send(`/rest/sensors/action/${name}`, { sensorsIds: [], filters: [] })).status).toBe(400);
  }
  expect(await (await session.get('/rest/sensors/allActions')).json()).toEqual([]);
});

test('what no agent does fails on every sensor, and is kept so', async () => {
  await using fleet = await openFleet();
  const { session, idOf } = fleet;
  const body = { sensorsIds: [idOf('web-1'), idOf('mail-1')], argument: 'FULL' };
  const { batchId, finalState } = await session.act('schedulerScan', body);
  expect(finalState).toBe(true);
  expect(await session.stats(batchId)).toEqual({ NotSupported: 2 });
  const filters = [{ fieldName: 'pylumId', operator: 'ContainsIgnoreCase', values: ['web'] }];
  expect((await session.act('restart', { filters })).totalNumberOfProbes).toBe(1);
});

test('removing refuses an endpoint whose vault holds files, and ends what was ordered of the others', async () => {
  await using fleet = await openFleet();
  const { session, idOf, world } = fleet;
  const path = parsePath('/srv/calc.bin');
  const sha256 = sha256Of(new TextEncoder().encode(texts['/srv/calc.bin'] ?? ''));
  const by = { principal: administrator, dialect: 'native' } as const;
  await quarantineFiles(world.ports, { origin: by, endpointIds: [world.web.endpoint.id], path, sha256 });
  await world.web.agent.work();
  const { action } = await world.ports.store.read(async ({ actions }) => ({
    action: (await actions.list({}, { offset: 0, limit: 1 })).items[0],
  }));
  expect(action?.verb).toBe('quarantine');
  await quarantineFiles(world.ports, { origin: by, endpointIds: [world.mail.endpoint.id], path, sha256 });
  const { batchId } = await session.act('delete', { sensorsIds: [idOf('web-1'), idOf('mail-1')] });
  expect(await session.stats(batchId)).toEqual({ Succeeded: 1, Failed: 1 });
  const of = await session.send(`/rest/sensors/query/sensorsOfAction/${batchId}`, {});
  expect(((await of.json()) as SensorAnswer).sensors).toMatchObject([
    { machineName: 'web-1', actionState: 'Failed', actionMessage: expect.stringContaining('vault') },
  ]);
  expect((await session.query({})).sensors.map((sensor) => sensor['machineName'])).toEqual(['web-1']);
  const again = connectEndpoint(world.ports, {
    endpointId: world.mail.endpoint.id,
    facts: world.mail.endpoint,
    vaultRecipient: 'age1test',
    connectedUntil: 0,
  });
  expect(again).rejects.toMatchObject({ code: 'unauthenticated' });
  const open = await world.ports.store.read(({ tasks }) =>
    tasks.deliverable([world.mail.endpoint.id], world.ports.clock.now()),
  );
  expect(open).toEqual([]);
});

test('abort withdraws what no agent has, under the number; an unknown one is an UNKNOWN BATCH', async () => {
  await using fleet = await openFleet();
  const { session, world } = fleet;
  const { batchId } = await session.act('fileSearch', {
    filters: [],
    fileFilters: [{ fieldName: 'fileName', operator: 'ContainsIgnoreCase', values: ['calc'] }],
  });
  expect(await session.stats(batchId)).toEqual({ Pending: 2 });
  await world.web.agent.accept();
  const aborted = (await (await session.get(`/rest/sensors/abort/${batchId}`)).json()) as object;
  expect(aborted).toMatchObject({ batchId, aborterUser: 'ana@example.com', abortTime: world.ports.clock.now() });
  expect(await session.stats(batchId)).toEqual({ Aborted: 1, Aborting: 1 });
  for (const number of ['5', 'x', '99999999999', String(batchId + 1)]) {
    const answer = await session.get(`/rest/sensors/abort/${number}`);
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('UNKNOWN BATCH');
  }
});

test('roles: a Viewer reads, a Responder aborts, and neither archives', async () => {
  await using fleet = await openFleet();
  const { world, idOf } = fleet;
  const statusOf = async (role: 'Viewer' | 'Responder' | 'Privileged Responder', path: string, body?: object) => {
    const cookie = await world.cookieOf(role, `${role.replace(' ', '')}${path.length}@example.com`);
    const sent = body === undefined ? { path, headers: { cookie } } : post(path, cookie, body);
    return (await world.send(sent)).status;
  };
  const archive = { sensorsIds: [idOf('web-1')] };
  expect(await statusOf('Viewer', '/rest/sensors/query', {})).toBe(200);
  expect(await statusOf('Viewer', '/rest/sensors/action/archive', archive)).toBe(403);
  expect(await statusOf('Responder', '/rest/sensors/action/archive', archive)).toBe(403);
  expect(await statusOf('Privileged Responder', '/rest/sensors/action/archive', archive)).toBe(200);
  expect(await statusOf('Viewer', '/rest/sensors/abort/5')).toBe(403);
});

async function search(fileFilters: readonly object[], work: readonly (keyof Pick<World, 'web' | 'mail'>)[]) {
  const world = await openWorld();
  const session = await openSession(world);
  const begun = await session.act('fileSearch', { filters: [], fileFilters });
  for (const name of work) {
    const machine: Machine = world[name];
    await machine.agent.work();
  }
  const answer = await session.get(`/rest/sensors/action/fileSearch/results/${begun.batchId}`);
  const results = (await answer.json()) as {
    readonly finalState: boolean;
    readonly sensors: readonly { readonly machineName: string; readonly state: string; readonly results: number }[];
    readonly results: readonly {
      readonly machineName: string;
      readonly path: string;
      readonly elementGuid: string;
    }[];
  };
  return { world, session, begun, results, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
}

test('starts over the agents’ disks, and tells what each found, in the end and on the way', async () => {
  await using done = await search(
    [{ fieldName: 'fileName', operator: 'ContainsIgnoreCase', values: ['CALC'] }],
    ['web'],
  );
  const { begun, results, world, session } = done;
  expect(begun).toMatchObject({
    actionType: 'FileSearchStart',
    finalState: false,
    actionArguments: {
      '@class': 'com.cybereason.configuration.models.filesearch.FileSearchParameters',
      filters: [{ fieldName: 'fileName', operator: 'ContainsIgnoreCase', values: ['CALC'] }],
      machines: [],
    },
  });
  expect(results).toMatchObject({ finalState: false });
  expect(results.results).toMatchObject([
    { machineName: 'web-1', path: '/srv/calc.bin', elementGuid: world.web.guidOf('/srv/calc.bin') },
  ]);
  await world.mail.agent.work();
  expect(await session.stats(begun.batchId)).toEqual({ Succeeded: 2 });
  const csv = await (await session.get(`/rest/sensors/action/fileSearch/results/${begun.batchId}/csv`)).text();
  expect(csv.split('\n')).toHaveLength(4);
  const started = await session.send('/rest/fetchfile/start', {
    elementGuids: results.results.map(({ elementGuid }) => elementGuid),
    initiatorUserName: 'ana@example.com',
  });
  expect(await started.json()).toMatchObject({ status: 'SUCCESS' });
  const own = (await (await session.get('/rest/sensors/actions/fileSearchRequests')).json()) as readonly object[];
  expect(own).toHaveLength(1);
});

const tables: readonly (readonly [readonly object[], readonly string[]])[] = [
  [[{ fieldName: 'fileName', operator: 'Equals', values: ['report.txt'] }], ['/srv/old/report.txt', '/srv/report.txt']],
  [
    [
      { fieldName: 'fileName', operator: 'Equals', values: ['report.txt'] },
      { fieldName: 'folder', operator: 'ContainsIgnoreCase', values: ['OLD'] },
    ],
    ['/srv/old/report.txt'],
  ],
  [
    [
      { fieldName: 'fileName', operator: 'ContainsIgnoreCase', values: ['report'] },
      { fieldName: 'fileName', operator: 'NotContainsIgnoreCase', values: ['.bak'] },
      { fieldName: 'folder', operator: 'Equals', values: ['/srv'] },
    ],
    ['/srv/report.txt'],
  ],
  [[{ fieldName: 'size', operator: 'GreaterThan', values: [26] }], ['/srv/calc.bin']],
  [[{ fieldName: 'fileName', operator: 'MatchesWildcard', values: ['*.B?N'] }], ['/srv/calc.bin']],
  [[{ fieldName: 'fileName', operator: 'Equals', values: ['calc+bin'] }], []],
];

test.each(tables)('%j', async (filters, expected) => {
  await using done = await search(filters, ['web']);
  expect(done.results.results.map(({ path }) => path).toSorted()).toEqual([...expected]);
});

test('on the machines that the filters name', async () => {
  await using done = await search(
    [
      { fieldName: 'machineName', operator: 'Equals', values: ['mail-1'] },
      { fieldName: 'fileName', operator: 'ContainsIgnoreCase', values: ['calc'] },
    ],
    ['mail'],
  );
  expect(done.begun.totalNumberOfProbes).toBe(1);
  expect(done.results.results.map(({ machineName }) => machineName)).toEqual(['mail-1']);
});

test('a sensor that never answers has timed out in the end', async () => {
  await using done = await search([{ fieldName: 'fileName', operator: 'ContainsIgnoreCase', values: ['x'] }], ['web']);
  done.world.ports.clock.advance(2 * day);
  const later = await openSession(done.world, 'later@example.com');
  expect(await later.stats(done.begun.batchId)).toEqual({ Succeeded: 1, Timeout: 1 });
});

test('what cannot be searched for is refused, in words', async () => {
  await using world = await openWorld();
  const session = await openSession(world);
  const bodies: readonly (readonly [object, string])[] = [
    [{ filters: [], fileFilters: [] }, 'fileFilters'],
    [{ filters: [] }, 'fileFilters'],
    [{ fileFilters: [{ fieldName: 'colour', values: ['x'] }] }, 'colour'],
    [{ fileFilters: [{ fieldName: 'creationTime', values: [1] }] }, 'creation time'],
    [{ fileFilters: [{ fieldName: 'fileName', values: ['x'] }], yaraName: 'rule' }, 'YARA'],
    [{ fileFilters: [{ fieldName: 'sha256', operator: 'Equals', values: ['zz'] }] }, 'hash'],
    [{ fileFilters: [{ fieldName: 'fileName', values: ['x'] }], filters: [{ fieldName: 'no', values: ['x'] }] }, 'no'],
  ];
  for (const [body, why] of bodies) {
    const answer = await session.send('/rest/sensors/action/fileSearch', body);
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain(why);
  }
  expect(await (await session.get('/rest/sensors/allActions')).json()).toEqual([]);
});

test('isolation is never said to have succeeded: no agent can do it', async () => {
  await using world = await openWorld();
  const session = await openSession(world);
  const id = pylumId(world.web.endpoint);
  for (const command of ['isolate', 'un-isolate']) {
    const path = `/rest/monitor/global/commands/${command}`;
    const answer = await session.send(path, { pylumIds: [id, id, 'nobody'], malopId: null });
    expect(await answer.json()).toEqual({ [id]: 'NotSupported', nobody: 'UnknownProbe' });
    expect(await (await session.send(path, { pylumIds: [] })).json()).toEqual({});
    expect((await session.send(path, { pylumIds: id })).status).toBe(400);
  }
});
