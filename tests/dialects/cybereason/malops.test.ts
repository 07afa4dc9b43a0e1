import { expect, test } from 'bun:test';
import { parsePath } from '#core/file/file-path.ts';
import { compactGuid } from '#core/file/guid.ts';
import { createIncident } from '#core/verbs/create-incident.ts';
import { quarantineFiles } from '#core/verbs/quarantine-files.ts';
import { administrator, fileFacts, inventory, sha256Of } from '#kit/fleet.ts';
import { openWorld, post, texts } from './world.ts';

const calc = '/srv/calc.bin';

async function openMalop(role: 'Investigator' | 'Viewer' = 'Investigator') {
  const world = await openWorld();
  const cookie = await world.cookieOf(role, 'ana@example.com');
  const on = { endpointId: world.web.endpoint.id, path: parsePath(calc) };
  const { incident } = await createIncident(world.ports, {
    origin: { principal: administrator, dialect: 'native' },
    ...{ name: 'calc went bad', description: 'seen', severity: 'critical', endpointIds: [] },
    files: [on],
    processes: [{ ...on, pid: 7, startedAt: 1_000, commandLine: 'calc --go' }],
  });
  const send = (path: string, body: unknown) => world.send(post(path, cookie, body));
  return {
    ...{ world, cookie, incident, send },
    raw: (path: string, body: string, method = 'POST') =>
      world.send({ method, path, headers: { cookie, 'content-type': 'application/json' }, body }),
    async statusNow() {
      const now = await world.ports.store.read(({ incidents }) => incidents.byId(incident.id));
      return now?.status;
    },
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

test('crimes/unified answers as a query does, for MalOps and for log-on sessions', async () => {
  await using malop = await openMalop('Viewer');
  const { incident, world } = malop;
  const body = (requestedType: string) => ({
    ...{ totalResultLimit: 10_000, perGroupLimit: 10_000, perFeatureLimit: 100, templateContext: 'OVERVIEW' },
    customFields: [],
    queryPath: [{ requestedType, result: true, filters: null }],
  });
  const answer = await (await malop.send('/rest/crimes/unified', body('MalopProcess'))).json();
  expect(answer).toMatchObject({
    status: 'SUCCESS',
    data: {
      resultIdToElementDataMap: {
        [incident.guid]: {
          simpleValues: { elementDisplayName: { totalValues: 1, values: ['calc went bad'] } },
          elementValues: {
            affectedMachines: { totalValues: 1, elementValues: [{ guid: world.web.guid, name: 'web-1' }] },
            primaryRootCauseElements: { elementValues: [{ elementType: 'File', guid: world.web.guidOf(calc) }] },
          },
        },
      },
    },
  });
  const none = await (await malop.send('/rest/crimes/unified', body('MalopLogonSession'))).json();
  expect(none).toMatchObject({ status: 'SUCCESS', data: { resultIdToElementDataMap: {}, totalResults: 0 } });
});

test('a range without an end is one, whatever number stands for it', async () => {
  await using malop = await openMalop('Viewer');
  for (const range of [{ from: -1e308, to: 1e308 }, { from: 0.5, to: 2 ** 60 }, { from: null }]) {
    const answer = await malop.send('/rest/mmng/v2/malops', { range });
    expect(await answer.json()).toMatchObject({ status: 'SUCCESS', data: { totalHits: 1 } });
  }
});

test('the inbox holds the MalOps of its time, with their machines', async () => {
  await using malop = await openMalop('Viewer');
  const at = malop.incident.createdAt;
  const inbox = await (await malop.send('/rest/detection/inbox', { startTime: at, endTime: at, groupIds: [] })).json();
  expect(inbox).toMatchObject({
    malops: [
      {
        guid: malop.incident.guid,
        displayName: 'calc went bad',
        status: 'Active',
        severity: 'High',
        machines: [{ guid: malop.world.web.guid, displayName: 'web-1', connected: true }],
      },
    ],
  });
  const before = await malop.send('/rest/detection/inbox', { startTime: 0, endTime: at - 1 });
  expect(await before.json()).toEqual({ malops: [] });
  expect((await malop.send('/rest/detection/inbox', { startTime: 'now' })).status).toBe(400);
});

test('details lead to the GUIDs of files and programs, and say what is quarantined', async () => {
  await using malop = await openMalop();
  const { world, incident } = malop;
  const details = async () =>
    (await malop.send('/rest/detection/details', { malopGuid: compactGuid(incident.guid) })).json();
  const file = { guid: world.web.guidOf(calc), elementDisplayName: 'calc.bin', quarantined: false };
  expect(await details()).toMatchObject({
    fileSuspects: [file],
    files: [file],
    processSuspects: [{ elementDisplayName: 'calc.bin', imageFileGuid: world.web.guidOf(calc), pid: 7 }],
    machines: [{ guid: world.web.guid }],
  });
  const sha256 = sha256Of(new TextEncoder().encode(texts[calc] ?? ''));
  const origin = { principal: administrator, dialect: 'native' } as const;
  await quarantineFiles(world.ports, { origin, endpointIds: [world.web.endpoint.id], path: parsePath(calc), sha256 });
  await world.web.agent.work();
  expect(await details()).toMatchObject({ files: [{ ...file, quarantined: true }] });
  expect((await malop.send('/rest/detection/details', { malopGuid: '11.5' })).status).toBe(400);
});

test('the newer list pages by MalOps and searches by GUID; one MalOp has its metadata', async () => {
  await using malop = await openMalop('Viewer');
  const { incident, world, cookie } = malop;
  const list = async (body: object) => (await malop.send('/rest/mmng/v2/malops', body)).json();
  const found = { data: { totalHits: 1, offset: 0, pageSize: 1, data: [{ guid: incident.guid }] } };
  const page = { pagination: { pageSize: 1, offset: 0 }, federation: { groups: [] }, sort: [], search: {}, filter: {} };
  expect(await list(page)).toMatchObject(found);
  expect(await list({ ...page, search: { malop: { guid: incident.guid } } })).toMatchObject(found);
  expect(await list({ ...page, search: { malop: { guid: '11.5' } } })).toMatchObject({
    data: { data: [], totalHits: 0 },
  });
  expect(await list({ ...page, range: { from: 0, to: 1 } })).toMatchObject({ data: { totalHits: 0 } });
  expect(await list({ ...page, pagination: { pageSize: 1, offset: 1 } })).toMatchObject({ data: { data: [] } });
  const metadata = await world.send({ path: `/rest/mmng/v2/malops/metadata/${incident.guid}`, headers: { cookie } });
  expect(await metadata.json()).toMatchObject({ status: 'SUCCESS', data: { guid: incident.guid } });
});

test('a status is set for one or several, all of them or none; a client’s own spelling counts too', async () => {
  await using malop = await openMalop();
  const { incident } = malop;
  const set = (body: object) => malop.send('/rest/crimes/status', body);
  expect(await (await set({ [incident.guid]: 'CLOSE' })).json()).toMatchObject({ status: 'SUCCESS' });
  expect(await malop.statusNow()).toBe('resolved_true_positive');
  await set({ [compactGuid(incident.guid)]: 'FP' });
  expect(await malop.statusNow()).toBe('resolved_false_positive');
  // The newer list has one word for both.
  const closed = await malop.send('/rest/mmng/v2/malops', { filter: { malop: { investigationStatus: 'Closed' } } });
  expect(await closed.json()).toMatchObject({ data: { totalHits: 1, data: [{ investigationStatus: 'Closed' }] } });
  expect((await set({ [incident.guid]: 'OPEN', '11.5': 'OPEN' })).status).toBe(400);
  expect(await (await set({ [incident.guid]: 'SOLVED' })).json()).toMatchObject({ status: 'FAILURE' });
  expect(await (await set({})).json()).toMatchObject({ status: 'FAILURE' });
  expect(await malop.statusNow()).toBe('resolved_false_positive');
  const put = await malop.raw(
    `/rest/mmng/v2/malops/${incident.guid}`,
    '{"investigationStatus":"UnderInvestigation"}',
    'PUT',
  );
  expect(put.status).toBe(200);
  expect(await malop.statusNow()).toBe('under_investigation');
});

test('a comment is the body as it stands, whatever its type says; they are listed with their authors', async () => {
  await using malop = await openMalop();
  const { incident } = malop;
  const words = 'Not JSON: <b>ünïcode</b> & {';
  const said = await malop.raw(`/rest/crimes/comment/${encodeURIComponent(incident.guid)}`, words);
  expect(said.status).toBe(200);
  const listed = await (await malop.raw('/rest/crimes/get-comments', incident.guid)).json();
  expect(listed).toMatchObject([
    { message: 'Not JSON: &lt;b&gt;ünïcode&lt;/b&gt; &amp; {', username: 'ana@example.com' },
  ]);
  expect(await (await malop.raw('/rest/crimes/get-comments', `"${incident.guid}"`)).json()).toEqual(listed);
  expect((await malop.raw('/rest/crimes/comment/11.5', 'x')).status).toBe(400);
  const empty = await malop.raw(`/rest/crimes/comment/${incident.guid}`, '');
  expect(await empty.json()).toMatchObject({ status: 'FAILURE', message: expect.stringContaining('empty') });
  // Its clients look at nothing but the status.
  expect(empty.status).toBe(400);
});

test('malware is what was taken into vaults, and says so', async () => {
  await using malop = await openMalop();
  const { world } = malop;
  const query = async (body: object) => (await malop.send('/rest/malware/query', body)).json();
  expect(await query({ filters: [], limit: 50, offset: 0 })).toMatchObject({
    status: 'SUCCESS',
    data: { malwares: [], totalResults: 0, hasMoreResults: false },
  });
  const sha256 = sha256Of(new TextEncoder().encode(texts[calc] ?? ''));
  const origin = { principal: administrator, dialect: 'native' } as const;
  await quarantineFiles(world.ports, { origin, endpointIds: [world.web.endpoint.id], path: parsePath(calc), sha256 });
  await world.web.agent.work();
  const filters = [{ fieldName: 'machineName', operator: 'Equals', values: ['web-1'] }];
  expect(
    await query({ filters, sortingFieldName: 'timestamp', sortDirection: 'DESC', limit: 50, offset: 0 }),
  ).toMatchObject({
    data: { malwares: [{ name: 'calc.bin', status: 'Quarantined', filePath: calc }], totalResults: 1 },
  });
  expect(await query({ filters: [{ fieldName: 'colour', values: ['x'] }] })).toMatchObject({ status: 'FAILURE' });
});

test('a Viewer changes nothing', async () => {
  await using malop = await openMalop('Viewer');
  const { incident } = malop;
  expect((await malop.send('/rest/crimes/status', { [incident.guid]: 'CLOSED' })).status).toBe(403);
  expect((await malop.raw(`/rest/crimes/comment/${incident.guid}`, 'x')).status).toBe(403);
  expect(await malop.statusNow()).toBe('new');
});

test('a MalOp shows the hash of what it is about, not of what took its place, and whether a vault holds it', async () => {
  await using malop = await openMalop('Investigator');
  const { world, incident } = malop;
  const { ports, web } = world;
  const bytes = new TextEncoder().encode(texts[calc]);
  const before = fileFacts(calc, bytes);
  const shown = async () => {
    const inbox = await malop.send('/rest/detection/inbox', { startTime: 0, endTime: incident.createdAt });
    const newer = await malop.send('/rest/mmng/v2/malops', {});
    const details = await malop.send('/rest/detection/details', { malopGuid: incident.guid });
    const { files } = (await details.json()) as { files: readonly Record<string, unknown>[] };
    const [file] = files;
    return {
      hashes: [
        ((await inbox.json()) as { malops: readonly Record<string, unknown>[] }).malops[0]?.['rootCauseElementHashes'],
        ((await newer.json()) as { data: { data: readonly Record<string, unknown>[] } }).data.data[0]?.[
          'rootCauseElementHashes'
        ],
      ],
      file: [file?.['sha256String'], file?.['sha1String'], file?.['md5String'], file?.['quarantined']],
    };
  };
  expect(await shown()).toEqual({
    hashes: [before.sha1, [before.sha1]],
    file: [before.sha256, before.sha1, before.md5, false],
  });
  const origin = { principal: administrator, dialect: 'native' } as const;
  const order = { origin, endpointIds: [web.endpoint.id], path: parsePath(calc), sha256: before.sha256 };
  await quarantineFiles(ports, order);
  await web.agent.work();
  await inventory(ports, web.endpoint, [fileFacts(calc, new TextEncoder().encode('an innocent file'))]);
  expect(await shown()).toEqual({
    hashes: [before.sha256, [before.sha256]],
    file: [before.sha256, null, null, true],
  });
});
