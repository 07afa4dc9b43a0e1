import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import type { Endpoint } from '#core/endpoint/endpoint.ts';
import { parsePath } from '#core/file/file-path.ts';
import { compactGuid, type Guid, machineGuid, parseGuid, userGuid } from '#core/file/guid.ts';
import type { Incident, ProcessObservation } from '#core/incident/incident.ts';
import { changeIncident } from '#core/verbs/change-incident.ts';
import { createIncident } from '#core/verbs/create-incident.ts';
import { listHashes } from '#core/verbs/list-hashes.ts';
import { readIncident } from '#core/verbs/read-incident.ts';
import { createCybereasonDialect } from '#dialects/cybereason/index.ts';
import { administrator, enrolMachine, fileFacts, inventory, sha256Of } from '#kit/fleet.ts';
import { openWorld, origin, post, texts, type World } from './world.ts';

interface Reference {
  readonly guid: string;
  readonly name: string;
  readonly hasMalops: boolean;
}

interface Shown {
  readonly simpleValues: Readonly<Record<string, { readonly totalValues: number; readonly values: readonly string[] }>>;
  readonly elementValues: Readonly<
    Record<string, { readonly totalValues: number; readonly elementValues: readonly Reference[] }>
  >;
  readonly guidString: string;
  readonly isMalicious: boolean;
  readonly filterData: { readonly sortInGroupValue: string; readonly groupByValue: string };
}

interface Data {
  readonly resultIdToElementDataMap: Readonly<Record<string, Shown>>;
  readonly totalResults: number;
  readonly totalPossibleResults: number;
  readonly paginationToken: string | null;
}

const calc = '/srv/calc.bin';
const unseen = '/opt/never/inventoried.exe';

let world: World;
let cookie: string;
let malop: Incident;
let resolved: Incident;
let processes: readonly ProcessObservation[];

beforeAll(async () => {
  world = await openWorld();
  cookie = await world.cookieOf('Viewer');
  const { web, mail, ports } = world;
  const on = (endpointId: typeof web.endpoint.id, path: string, pid: number) => ({
    ...{ endpointId, path: parsePath(path), pid, startedAt: 1_585_124_888_222, commandLine: `${path} --go` },
    userName: 'EXAMPLE\\ana',
  });
  const observed = {
    endpointIds: [],
    files: [{ endpointId: web.endpoint.id, path: parsePath('/srv/report.txt') }],
    processes: [on(web.endpoint.id, calc, 7), on(mail.endpoint.id, calc, 8), on(web.endpoint.id, unseen, 9)],
  };
  const report = {
    origin: { principal: administrator, dialect: 'native' },
    description: 'seen',
    severity: 'high',
  } as const;
  malop = (await createIncident(ports, { ...report, ...observed, name: 'calc went bad' })).incident;
  const other = { endpointIds: [], files: [], processes: [on(mail.endpoint.id, '/srv/old/report.txt', 1)] };
  resolved = (await createIncident(ports, { ...report, ...other, name: 'false alarm' })).incident;
  await changeIncident(ports, administrator, {
    incident: resolved.id,
    changes: { status: 'resolved_false_positive' },
  });
  processes = (await readIncident(ports, malop.id)).processes;
});

afterAll(() => world[Symbol.asyncDispose]());

async function ask(body: object, more: { readonly search?: string; readonly token?: string } = {}): Promise<Data> {
  const sent = post(`/rest/visualsearch/query/simple${more.search ?? ''}`, cookie, body);
  const headers = { ...sent.headers, ...(more.token !== undefined && { 'pagination-token': more.token }) };
  const answer = (await (await world.send({ ...sent, headers })).json()) as {
    readonly status: string;
    readonly message: string;
    readonly data: Data;
  };
  expect(answer).toMatchObject({ status: 'SUCCESS', message: '' });
  return answer.data;
}

async function guidsOf(queryPath: readonly object[], more: object = {}): Promise<readonly string[]> {
  return Object.keys((await ask({ queryPath, ...more })).resultIdToElementDataMap).sort();
}

const sorted = (...guids: readonly string[]) => guids.toSorted();
const processOf = (pid: number): Guid => {
  const found = processes.find((process) => process.pid === pid);
  if (found === undefined) {
    throw new Error(`There is no process ${pid}.`);
  }
  return found.guid;
};
const link = (elementInstanceType: string, featureName: string) => ({
  connectionFeature: { elementInstanceType, featureName },
});

describe('From a MalOp to files', () => {
  test('the XSOAR connector comes to no file where the MalOp names no program, or is not known', async () => {
    await using other = await openWorld();
    const asker = await other.cookieOf('Viewer');
    const program = { endpointId: other.web.endpoint.id, path: parsePath(calc), pid: 7 };
    const report = {
      origin: { principal: administrator, dialect: 'native' },
      ...{ description: '', severity: 'high' as const, endpointIds: [], name: 'n' },
    } as const;
    await createIncident(other.ports, { ...report, files: [], processes: [program] });
    const ofFiles = await createIncident(other.ports, { ...report, files: [program], processes: [] });
    const found = async (queryPath: readonly object[]) => {
      const answer = await other.send(post('/rest/visualsearch/query/simple', asker, { queryPath }));
      return Object.keys(((await answer.json()) as { data: Data }).data.resultIdToElementDataMap);
    };
    for (const guidList of [[ofFiles.incident.guid], ['11.-1234567890123456789']]) {
      const malops = { requestedType: 'MalopProcess', filters: [], guidList, ...link('MalopProcess', 'suspects') };
      const suspects = await found([malops, { requestedType: 'Process', filters: [], isResult: true }]);
      expect(suspects).toEqual([]);
      expect(await found([{ requestedType: 'Process', guidList: suspects, result: true }])).toEqual([]);
    }
  });

  test('whoever lists MalOps with an empty list of GUIDs gets all of them', async () => {
    const queryPath = [{ requestedType: 'MalopProcess', guidList: [], result: true }];
    const answer = await world.send(post('/rest/crimes/unified', cookie, { queryPath, templateContext: 'MALOP' }));
    const { data } = (await answer.json()) as { data: Data };
    expect(Object.keys(data.resultIdToElementDataMap)).toContain(malop.guid);
  });

  test('the XSOAR connector comes to every file GUID: suspects first, then their image files, none missing', async () => {
    const first = await ask({
      queryPath: [
        { requestedType: 'MalopProcess', filters: [], guidList: [malop.guid], ...link('MalopProcess', 'suspects') },
        { requestedType: 'Process', filters: [], isResult: true },
      ],
      templateContext: 'DETAILS',
    });
    const suspects = Object.keys(first.resultIdToElementDataMap);
    expect(suspects.toSorted()).toEqual(sorted(...processes.map(({ guid }) => guid)));
    const second = await ask({
      queryPath: [{ requestedType: 'Process', guidList: suspects, result: true }],
      customFields: xsoarFields,
      templateContext: 'DETAILS',
    });
    const images = Object.values(second.resultIdToElementDataMap).map(
      ({ elementValues }) => elementValues['imageFile']?.elementValues[0],
    );
    const files = images.map((image) => [image?.name, image?.guid]);
    expect(files.toSorted()).toEqual(
      [
        ['calc.bin', world.web.guidOf(calc)],
        ['calc.bin', world.mail.guidOf(calc)],
        ['inventoried.exe', world.web.guidOf(unseen)],
      ].toSorted(),
    );
    const calcOnWeb = second.resultIdToElementDataMap[processOf(7)];
    expect(calcOnWeb?.simpleValues).toMatchObject({
      commandLine: { totalValues: 1, values: [`${calc} --go`] },
      creationTime: { totalValues: 1, values: ['1585124888222'] },
      'ownerMachine.isActiveProbeConnected': { totalValues: 1, values: ['true'] },
    });
    expect(second.resultIdToElementDataMap[processOf(9)]?.simpleValues).not.toHaveProperty('imageFile.sha1String');
  });

  test('a whole chain from the MalOp to the files, or back from a file to its MalOp', async () => {
    const chain = [
      { requestedType: 'MalopProcess', filters: [], ...link('MalopProcess', 'suspects') },
      { requestedType: 'Process', filters: [], ...link('Process', 'imageFile') },
      { requestedType: 'File', filters: [{ facetName: 'elementDisplayName', values: ['calc.bin'] }] },
    ];
    expect(await guidsOf(chain)).toEqual(sorted(world.web.guidOf(calc), world.mail.guidOf(calc)));
    const [first, ...rest] = chain;
    expect(await guidsOf([{ ...first, isResult: true }, ...rest])).toEqual([malop.guid]);
    const reversed = [
      { requestedType: 'File', guidList: [world.mail.guidOf(calc)] },
      { requestedType: 'Process', isReversed: true, result: 'true', ...link('Process', 'imageFile') },
    ];
    expect(await guidsOf(reversed)).toEqual([processOf(8)]);
    expect(
      await guidsOf([
        { requestedType: 'MalopProcess', guidList: [malop.guid], ...link('MalopProcess', 'primaryRootCauseElements') },
        { requestedType: 'File', isResult: true },
      ]),
    ).toEqual([world.web.guidOf('/srv/report.txt')]);
  });

  test('Splunk goes on to the machines', async () => {
    const chain = (facetName: string, values: readonly string[]) => [
      { requestedType: 'MalopProcess', guidList: [malop.guid], filters: [], ...link('MalopProcess', 'suspects') },
      {
        requestedType: 'Process',
        filters: [{ facetName, values, filterType: 'ContainsIgnoreCase' }],
        ...link('Process', 'ownerMachine'),
      },
      { requestedType: 'Machine', filters: [], isResult: true },
    ];
    expect(await guidsOf(chain('elementDisplayName', ['calc']))).toEqual(sorted(world.web.guid, world.mail.guid));
    expect(await guidsOf(chain('pid', ['9']))).toEqual([world.web.guid]);
    expect(await guidsOf(chain('pid', ['404']))).toEqual([]);
  });
});

describe('Elements of incidents', () => {
  test('a MalOp leads to what was observed of it', async () => {
    const { resultIdToElementDataMap } = await ask({
      queryPath: [{ requestedType: 'MalopProcess', filters: [], result: true }],
      templateContext: 'MALOP',
    });
    expect(Object.keys(resultIdToElementDataMap).toSorted()).toEqual(sorted(malop.guid, resolved.guid));
    const shown = resultIdToElementDataMap[malop.guid];
    expect(shown?.simpleValues).toMatchObject({
      elementDisplayName: { totalValues: 1, values: ['calc went bad'] },
      managementStatus: { totalValues: 1, values: ['UNREAD'] },
      rootCauseElementNames: { totalValues: 1, values: ['report.txt'] },
    });
    expect(shown?.elementValues['affectedMachines']?.elementValues.map(({ name }) => name).toSorted()).toEqual([
      'mail-1',
      'web-1',
    ]);
  });

  test('what an open incident names has MalOps; what a resolved one named has none', async () => {
    const { resultIdToElementDataMap: files } = await ask({
      queryPath: [{ requestedType: 'File', filters: [{ facetName: 'hasMalops', values: [true] }] }],
    });
    expect(Object.keys(files)).toEqual([world.web.guidOf('/srv/report.txt')]);
    const { resultIdToElementDataMap: machines } = await ask({ queryPath: [{ requestedType: 'Machine' }] });
    expect(machines[world.web.guid]?.simpleValues['hasMalops']?.values).toEqual(['true']);
    expect(machines[world.web.guid]?.elementValues['processes']?.totalValues).toBe(2);
    const { resultIdToElementDataMap: all } = await ask({
      queryPath: [{ requestedType: 'Process', filters: [{ facetName: 'hasMalops', values: ['false'] }] }],
    });
    expect(Object.values(all).map(({ simpleValues }) => simpleValues['pid']?.values)).toEqual([['1']]);
  });

  test('processes of a machine, and those of its user', async () => {
    const machine = { requestedType: 'Machine', guidList: [world.web.guid], ...link('Machine', 'processes') };
    expect(await guidsOf([machine, { requestedType: 'Process', isResult: true }])).toEqual(
      sorted(processOf(7), processOf(9)),
    );
    const ofUser = { requestedType: 'Process', filters: [{ facetName: 'user', values: ['example\\ANA'] }] };
    expect(await guidsOf([ofUser])).toHaveLength(4);
  });

  test('users are those that agents told of, with their machines', async () => {
    const { resultIdToElementDataMap } = await ask({ queryPath: [{ requestedType: 'User', filters: [] }] });
    expect(Object.keys(resultIdToElementDataMap)).toEqual([userGuid('ana')]);
    expect(resultIdToElementDataMap[userGuid('ANA')]?.elementValues['ownerMachine']?.totalValues).toBe(2);
    expect(
      await guidsOf([
        { requestedType: 'Machine', filters: [{ facetName: 'elementDisplayName', values: ['web-1'] }] },
        { requestedType: 'User', isResult: true },
      ]),
    ).toEqual([userGuid('ana')]);
  });

  test('a blocked file is malicious, an allowed one is not', async () => {
    await using other = await openWorld();
    const session = await other.cookieOf('Viewer');
    const file = await other.ports.store.read(({ files }) => files.byGuids([other.web.guidOf(calc)]));
    const md5 = file[0]?.md5 ?? '';
    const by = { principal: administrator, dialect: 'native' } as const;
    const look = async () => {
      const body = { queryPath: [{ requestedType: 'File', guidList: [other.web.guidOf(calc)] }] };
      const answer = await other.send(post('/rest/visualsearch/query/simple', session, body));
      const { data } = (await answer.json()) as { readonly data: Data };
      const [shown] = Object.values(data.resultIdToElementDataMap);
      return [shown?.isMalicious, shown?.simpleValues['maliciousClassificationType']?.values[0]];
    };
    expect(await look()).toEqual([false, undefined]);
    await listHashes(other.ports, { origin: by, hashes: [md5], list: 'block', prevent: false });
    expect(await look()).toEqual([true, 'blacklist']);
    await listHashes(other.ports, { origin: by, hashes: [file[0]?.sha256 ?? ''], list: 'allow', prevent: false });
    expect(await look()).toEqual([false, 'whitelist']);
  });
});

describe('Pages', () => {
  const query = { queryPath: [{ requestedType: 'File', filters: [] }], totalResultLimit: 10_000 };

  test('by number, by how many to skip, by address, and by token: every file once', async () => {
    const first = await ask({ ...query, pagination: { pageSize: 5 } });
    expect(first).toMatchObject({ totalResults: 12, totalPossibleResults: 12 });
    expect(Object.keys(first.resultIdToElementDataMap)).toHaveLength(5);
    const seen = [...Object.keys(first.resultIdToElementDataMap)];
    const token = first.paginationToken;
    for (const page of [2, 3]) {
      const next = await ask({ ...query, pagination: { pageSize: 5, page, paginationToken: token } });
      seen.push(...Object.keys(next.resultIdToElementDataMap));
      expect(next.paginationToken === null).toBe(page === 3);
    }
    expect(new Set(seen).size).toBe(12);
    const byAddress = await ask(query, { search: '?page=1&itemsPerPage=5' });
    expect(Object.keys(byAddress.resultIdToElementDataMap)).toEqual(seen.slice(5, 10));
    const bySkip = await ask({ ...query, pagination: { pageSize: 2, skip: 10 } });
    expect(Object.keys(bySkip.resultIdToElementDataMap)).toEqual(seen.slice(10));
    const byHeader = await ask({ ...query, pagination: { pageSize: 5 } }, { token: token ?? '' });
    expect(Object.keys(byHeader.resultIdToElementDataMap)).toEqual(seen.slice(5, 10));
    const beyond = await ask({ ...query, pagination: { pageSize: 5, page: 99 } });
    expect(beyond).toMatchObject({ resultIdToElementDataMap: {}, paginationToken: null, totalResults: 12 });
    expect((await ask(query)).paginationToken).toBeNull();
  });

  test('hold together no more than the client wanted, and are reckoned by that', async () => {
    const limited = { ...query, totalResultLimit: 7 };
    const first = await ask({ ...limited, pagination: { pageSize: 5 } }, { search: '?page=0&itemsPerPage=5' });
    expect(first).toMatchObject({ totalResults: 7, totalPossibleResults: 12 });
    const second = await ask(limited, { search: '?page=1&itemsPerPage=5' });
    expect(Object.keys(second.resultIdToElementDataMap)).toHaveLength(2);
    expect(second).toMatchObject({ totalResults: 7, paginationToken: null });
    const beyond = await ask(limited, { search: '?page=2&itemsPerPage=5' });
    expect(Object.keys(beyond.resultIdToElementDataMap)).toEqual([]);
    expect(beyond).toMatchObject({ totalResults: 7, paginationToken: null });
  });

  test('a token that is none, or of another query, is refused', async () => {
    const { paginationToken } = await ask({ ...query, pagination: { pageSize: 5 } });
    for (const [token, body] of [
      ['nonsense', query],
      [paginationToken, { queryPath: [{ requestedType: 'Machine' }] }],
    ] as const) {
      const sent = { ...body, pagination: { pageSize: 5, paginationToken: token } };
      const answer = await world.send(post('/rest/visualsearch/query/simple', cookie, sent));
      expect(await answer.json()).toMatchObject({
        status: 'FAILURE',
        message: expect.stringContaining('paginationToken'),
        expectedResults: 0,
      });
    }
  });
});

describe('A time range', () => {
  const inRange = (requestedType: string, timeRange: unknown) => guidsOf([{ requestedType, timeRange }]);
  const began = 1_585_124_888_222;
  const life = { startFeatureId: 'creationTime', endFeatureId: 'endTime' };

  test('holds what began before its end and had not ended before its start', async () => {
    const everything = await guidsOf([{ requestedType: 'Process' }]);
    expect(everything).toHaveLength(4);
    for (const [startTime, endTime, isWithin] of [
      [began + 1, began + 2, true],
      [began - 2, began, true],
      [began - 2, began - 1, false],
    ] as const) {
      const expected = isWithin ? everything : [];
      expect(await inRange('Process', { ...life, startTime, endTime })).toEqual(expected);
    }
    expect(await inRange('Process', { startFeatureId: 'creationTime', startTime: String(began) })).toEqual(everything);
    expect(await inRange('Process', { startFeatureId: 'creationTime', startTime: began + 1 })).toEqual([]);
    expect(await inRange('Process', null)).toEqual(everything);
  });

  test('is refused where it cannot be understood: nothing would look as if it had happened at any time', async () => {
    for (const [timeRange, part] of [
      [{ startTime: 1, endTime: 2 }, 'startFeatureId'],
      [{ ...life, startTime: 'yesterday' }, 'startTime'],
      [{ startFeatureId: 'colour', startTime: 1 }, 'colour is not a feature'],
      ['today', 'timeRange'],
    ] as const) {
      const queryPath = [{ requestedType: 'Process', timeRange }];
      const answer = await world.send(post('/rest/visualsearch/query/simple', cookie, { queryPath }));
      expect(await answer.json()).toMatchObject({ status: 'FAILURE', message: expect.stringContaining(part) });
    }
  });
});

test('a feature gives no more references than the limit, and says how many there are', async () => {
  const { resultIdToElementDataMap } = await ask({
    queryPath: [{ requestedType: 'MalopProcess', guidList: [malop.guid] }],
    perFeatureLimit: 1,
  });
  const suspects = resultIdToElementDataMap[malop.guid]?.elementValues['suspects'];
  expect(suspects).toMatchObject({ totalValues: 3 });
  expect(suspects?.elementValues).toHaveLength(1);
});

test('with the compact spelling every GUID of an answer is compact, and leads back to what it names', async () => {
  const { cybereason } = world.ports.policy;
  const policy = { ...world.ports.policy, cybereason: { ...cybereason, guidSpelling: 'compact' } as const };
  const dialect = createCybereasonDialect({ ...world.ports, policy });
  const body = {
    queryPath: [{ requestedType: 'Process', guidList: [compactGuid(processOf(7)), processOf(8)] }],
    customFields: ['imageFile', 'ownerMachine'],
  };
  const { headers, ...rest } = post('/rest/visualsearch/query/simple', cookie, body);
  const request = new Request(`${origin}${rest.path}`, { method: 'POST', headers, body: rest.body });
  const answer = await dialect.handle(request, { remoteAddress: '', local: false });
  const { data } = (await answer.json()) as { readonly data: Data };
  expect(Object.keys(data.resultIdToElementDataMap).toSorted()).toEqual(
    sorted(compactGuid(processOf(7)), compactGuid(processOf(8))),
  );
  expect(JSON.stringify(data)).not.toMatch(/-?\d{9,10}\.-?\d{10,}/);
  for (const [key, shown] of Object.entries(data.resultIdToElementDataMap)) {
    expect(shown.guidString).toBe(key);
    expect(shown.filterData.sortInGroupValue).toBe(key);
    const machine = shown.elementValues['ownerMachine']?.elementValues[0]?.guid ?? '';
    expect(machine).toEndWith('Ci55eyTiwX');
    expect(parseGuid(machine)).toBe(
      machineGuid(key === compactGuid(processOf(7)) ? world.web.endpoint.number : world.mail.endpoint.number),
    );
  }
});

test('a process that another file took the place of does not have its hash', async () => {
  const path = parsePath('/srv/reports.txt.bak');
  const on = { endpointId: world.mail.endpoint.id, path, pid: 70, startedAt: 1 };
  const observed = [
    { ...on, sha256: sha256Of(new TextEncoder().encode('what ran there')) },
    { ...on, pid: 71, sha256: sha256Of(new TextEncoder().encode(texts['/srv/reports.txt.bak'])) },
  ];
  const { incident } = await createIncident(world.ports, {
    origin: { principal: administrator, dialect: 'native' },
    ...{ name: 'replaced', description: '', severity: 'low', endpointIds: [], files: [], processes: observed },
  });
  const { resultIdToElementDataMap } = await ask({
    queryPath: [{ requestedType: 'MalopProcess', guidList: [incident.guid] }, { requestedType: 'Process' }],
    customFields: ['pid', 'imageFileHash', 'imageFile.sha1String', 'imageFile'],
  });
  const shown = Object.values(resultIdToElementDataMap).map(({ simpleValues, elementValues }) => [
    simpleValues['pid']?.values[0],
    simpleValues['imageFileHash'] !== undefined,
    simpleValues['imageFile.sha1String'] !== undefined,
    elementValues['imageFile']?.elementValues[0]?.guid,
  ]);
  const image = world.mail.guidOf('/srv/reports.txt.bak');
  expect(shown).toEqual([
    ['70', false, true, image],
    ['71', true, true, image],
  ]);
  await changeIncident(world.ports, administrator, {
    incident: incident.id,
    changes: { status: 'resolved_true_positive' },
  });
});

test('the image of a process is classified as its file is', async () => {
  await using other = await openWorld();
  const session = await other.cookieOf('Viewer');
  const by = { principal: administrator, dialect: 'native' } as const;
  await createIncident(other.ports, {
    ...{ origin: by, name: 'x', description: '', severity: 'low', endpointIds: [], files: [] },
    processes: [{ endpointId: other.web.endpoint.id, path: parsePath(calc) }],
  });
  const md5 = createHash('md5')
    .update(texts[calc] ?? '')
    .digest('hex');
  await listHashes(other.ports, { origin: by, hashes: [md5], list: 'block', prevent: false });
  const feature = 'imageFile.maliciousClassificationType';
  const body = {
    queryPath: [{ requestedType: 'Process', filters: [{ facetName: feature, values: ['blacklist'] }] }],
    customFields: [feature],
  };
  const answer = await other.send(post('/rest/visualsearch/query/simple', session, body));
  const { data } = (await answer.json()) as { readonly data: Data };
  expect(Object.values(data.resultIdToElementDataMap).map(({ simpleValues }) => simpleValues[feature]?.values)).toEqual(
    [['blacklist']],
  );
});

describe('Features', () => {
  const ask7 = (facetName: string, values: readonly unknown[]) =>
    guidsOf([{ requestedType: 'Process', filters: [{ facetName, values }] }]);

  test('a number is no part of another one, whatever it is called', async () => {
    expect(await ask7('pid', [7])).toEqual([processOf(7)]);
    expect(await ask7('applicablePid', ['7.0'])).toEqual([]);
    expect(await ask7('applicablePid', ['8'])).toEqual([processOf(8)]);
  });

  test.each([
    ['Process', 'parentProcess'],
    ['Process', 'isMaliciousByHashEvidence'],
    ['Process', 'connectingToBadReputationAddressSuspicion'],
    ['Process', 'imageFile.isSigned'],
    ['File', 'temporaryFolderEvidence'],
    ['File', 'fileIsQuarantinedVersion'],
    ['File', 'ownerMachine.deviceModel'],
    ['Machine', 'timezoneUTCOffsetMinutes'],
    ['User', 'adLogonName'],
    ['MalopProcess', 'totalNumOfIncomingConnections'],
  ])('%s has %s, of which nothing is known', async (requestedType, facetName) => {
    expect(await guidsOf([{ requestedType, filters: [{ facetName, values: [1] }] }])).toEqual([]);
  });

  test.each([
    ['Process', 'hostUser', 'User'],
    ['Process', 'children', 'Process'],
    ['MalopProcess', 'affectedUsers', 'User'],
  ])('%s leads by %s nowhere, and says so', async (requestedType, featureName, to) => {
    const path = [{ requestedType, ...link(requestedType, featureName) }, { requestedType: to }];
    expect(await guidsOf(path)).toEqual([]);
  });

  test('the owner of a file is a user', async () => {
    const { resultIdToElementDataMap } = await ask({
      queryPath: [{ requestedType: 'File', filters: [{ facetName: 'ownerUser', values: ['root'] }] }],
    });
    const [shown] = Object.values(resultIdToElementDataMap);
    expect(shown?.elementValues['ownerUser']?.elementValues).toMatchObject([{ name: 'root', guid: userGuid('root') }]);
  });
});

test('the feature that leads to the next element is not taken for the one before', async () => {
  const path = [
    { requestedType: 'File', guidList: [world.web.guidOf(calc)] },
    { requestedType: 'Process', ...link('Process', 'ownerMachine') },
    { requestedType: 'Machine', result: true },
  ];
  expect(await guidsOf(path)).toEqual([world.web.guid]);
});

test('a machine leads to its processes, whether their MalOps are open or not', async () => {
  const [old] = (await readIncident(world.ports, resolved.id)).processes;
  const ofMail = { requestedType: 'Machine', guidList: [world.mail.guid], ...link('Machine', 'processes') };
  expect(await guidsOf([ofMail, { requestedType: 'Process', filters: [{ facetName: 'pid', values: [1] }] }])).toEqual([
    old?.guid ?? '',
  ]);
  const { resultIdToElementDataMap } = await ask({ queryPath: [{ ...ofMail, connectionFeature: null }] });
  const shown = resultIdToElementDataMap[world.mail.guid]?.elementValues['processes']?.elementValues;
  expect(shown?.map(({ guid }) => guid)).toContain(old?.guid ?? '');
});

describe('With more files than can be looked at one by one', () => {
  const many = 10_001;
  let full: Endpoint;
  const inMany = {
    requestedType: 'File',
    filters: [{ facetName: 'path', values: ['/many/'], filterType: 'ContainsIgnoreCase' }],
  };

  beforeAll(async () => {
    const bytes = new TextEncoder().encode(texts[calc] ?? '');
    full = await enrolMachine(world.ports, { hostName: 'full' });
    const names = Array.from({ length: many }, (_, number) => fileFacts(`/many/${number}`, bytes));
    await inventory(world.ports, full, names);
  });

  test('a chain that lets too much through is refused as crossing a limit', async () => {
    const sent = {
      queryPath: [inMany, { requestedType: 'Process', isResult: true, ...link('Process', 'imageFile') }],
    };
    const answer = await world.send(post('/rest/visualsearch/query/simple', cookie, sent));
    const reply = (await answer.json()) as object;
    expect(reply).toMatchObject({ status: 'QUERY_LIMIT_CROSSED', message: expect.stringContaining('narrow') });
    expect(reply).not.toHaveProperty('data');
  });

  test('their machines are found, however many files there are on them', async () => {
    expect(await guidsOf([inMany, { requestedType: 'Machine', isResult: true }])).toEqual([machineGuid(full.number)]);
  });

  test('the most selective element narrows an end that is too wide by itself', async () => {
    const malopOf = { requestedType: 'MalopProcess', guidList: [malop.guid], ...link('MalopProcess', 'suspects') };
    const program = { requestedType: 'Process', result: true, ...link('Process', 'imageFile') };
    const anyFile = {
      requestedType: 'File',
      filters: [{ facetName: 'path', values: ['/'], filterType: 'ContainsIgnoreCase' }],
    };
    const onWeb = sorted(processOf(7));
    expect(await guidsOf([{ ...program, guidList: [processOf(7), processOf(9)] }, anyFile])).toEqual(onWeb);
    expect(await guidsOf([malopOf, program, anyFile])).toEqual(sorted(processOf(7), processOf(8)));
    const named = { ...program, filters: [{ facetName: 'pid', values: [7] }] };
    expect(await guidsOf([anyFile, { ...named, result: true, isReversed: true }])).toEqual(onWeb);
  });

  test('pages far on are reached, and read nothing that comes before', async () => {
    const far = { pageSize: 10, page: 1_001 };
    const { resultIdToElementDataMap, ...more } = await ask({
      queryPath: [
        { requestedType: 'File', filters: [{ facetName: 'path', filterType: 'MatchesWildcard', values: ['/many/*'] }] },
      ],
      pagination: far,
      customFields: ['path'],
    });
    expect(Object.values(resultIdToElementDataMap).map(({ simpleValues }) => simpleValues['path']?.values)).toEqual([
      ['/many/9999'],
    ]);
    expect(more).toMatchObject({ totalResults: many, paginationToken: null, queryTerminated: false });
  });

  test('a filter that is decided file by file is counted to its end when pages are asked for', async () => {
    const sized = { requestedType: 'File', filters: [...inMany.filters, { facetName: 'size', values: [27] }] };
    const paged = await ask({ queryPath: [sized], pagination: { pageSize: 2 } });
    expect(paged).toMatchObject({ totalResults: many, queryTerminated: false });
    expect(paged.paginationToken).toBeString();
    // Without pages it stops as soon as it may, and says that there may be more.
    expect(await ask({ queryPath: [sized], totalResultLimit: 2 })).toMatchObject({ queryTerminated: true });
  });
});

const xsoarFields: readonly string[] = [
  'ownerMachine calculatedUser parentProcess children childrenCreatedByThread connections externalConnections',
  'listeningConnections internalConnections dnsQueries hostUser fileAccessEvents registryEvents hostedChildren',
  'detectionEvents hookedFunctions originalInjector creatorProcess creatorThread openFiles loadedModules',
  'imageFile imageFile.maliciousClassificationType imageFile.productType imageFile.companyName imageFile.productName',
  'imageFile.md5String imageFile.sha1String imageFile.extensionType imageFile.correctedPath imageFile.fileDescription',
  'service service.startType logonSession elementDisplayName applicablePid tid creationTime endTime firstSeenTime',
  'lastSeenTime commandLine decodedCommandLine isImageFileSignedAndVerified executionPrevented isWhiteListClassification',
  'matchedWhiteListRuleIds isAggregate isDotNetProtected hasMalops hasSuspicions relatedToMalop multipleSizeForHashEvidence',
  'isImageFileVerified knownMaliciousToolSuspicion knownMalwareSuspicion knownUnwantedSuspicion isMaliciousByHashEvidence',
  'imageFileMultipleCompanyNamesEvidence multipleHashForUnsignedPeInfoEvidence multipleNameForHashEvidence',
  'unknownEvidence rareHasPeMismatchEvidence hasRareInternalConnectionEvidence imageFileHash pid user integrity',
  'ownerMachine.isActiveProbeConnected ownerMachine.osType ownerMachine.osVersionType ownerMachine.deviceModel hasVisibleWindows',
].flatMap((line) => line.split(' '));
