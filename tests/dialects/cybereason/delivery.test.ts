import { expect, test } from 'bun:test';
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parsePath } from '#core/file/file-path.ts';
import { deleteEvidence } from '#core/verbs/delete-evidence.ts';
import { quarantineFiles } from '#core/verbs/quarantine-files.ts';
import { administrator, fileFacts, inventory, sha256Of } from '#kit/fleet.ts';
import { unzip } from '#kit/unzip.ts';
import { openWorld, password, post, remoteAddress, texts, type World } from './world.ts';

async function fetched(world: World, cookie: string): Promise<string> {
  const elementGuids = [world.web.guidOf('/srv/calc.bin')];
  await world.send(post('/rest/fetchfile/start', cookie, { elementGuids, initiatorUserName: 'x' }));
  await world.web.agent.work();
  const [row] = await rows(world, cookie);
  return `/rest/fetchfile/getfiles/${row?.batchId}`;
}

async function rows(world: World, cookie: string): Promise<readonly { readonly batchId: number }[]> {
  const answer = await world.send({ path: '/rest/fetchfile/downloads/progress', headers: { cookie } });
  return ((await answer.json()) as { data: readonly { readonly batchId: number }[] }).data;
}

test('A download that breaks off leaves the file on the list; a whole one records who got it, and from where', async () => {
  await using world = await openWorld();
  const cookie = await world.cookieOf('Investigator', 'ana@example.com');
  const path = await fetched(world, cookie);
  const deliveries = () =>
    world.ports.store.read(({ events }) => events.list({ types: ['evidence_delivered'] }, 0, 10));

  const broken = await world.send({ path, headers: { cookie } });
  const reader = broken.body?.getReader();
  await reader?.read();
  await reader?.cancel();
  expect(await rows(world, cookie)).toHaveLength(1);
  expect(await deliveries()).toEqual([]);

  await (await world.send({ path, headers: { cookie } })).bytes();
  expect(await rows(world, cookie)).toEqual([]);
  expect(await deliveries()).toMatchObject([
    { actor: { kind: 'user', name: 'ana@example.com' }, facts: { remoteAddress } },
  ]);
});

test('A file whose bytes were deleted has failed for its list, and its batch says when and why', async () => {
  await using world = await openWorld();
  const cookie = await world.cookieOf('Investigator', 'ana@example.com');
  const path = await fetched(world, cookie);
  const sha256 = sha256Of(world.web.agent.disk.get('/srv/calc.bin') ?? expect.unreachable());
  await deleteEvidence(world.ports, administrator, { sha256, reason: 'Private.' });
  expect(await rows(world, cookie)).toMatchObject([
    { succeeded: false, state: 'Failed', reason: expect.stringContaining('deleted at') },
  ]);
  const answer = await world.send({ path, headers: { cookie } });
  expect(answer.status).toBe(500);
  expect(await answer.text()).toContain('Private');
});

test('A batch of which one file was deleted brings the others, and a text that says so', async () => {
  await using world = await openWorld();
  const cookie = await world.cookieOf('Investigator', 'ana@example.com');
  const { path } = await largeBatch(world, cookie);
  const sha256 = sha256Of(world.web.agent.disk.get('/srv/calc.bin') ?? expect.unreachable());
  await deleteEvidence(world.ports, administrator, { sha256, reason: 'Private.' });
  const files = await unzip(await (await world.send({ path, headers: { cookie } })).bytes());
  expect(Object.keys(files)).toEqual(['report.txt', 'not-included.txt']);
  expect(Buffer.from(files['not-included.txt'] ?? '').toString()).toContain(
    `calc.bin ${sha256}: The bytes were deleted`,
  );
});

/** Two files that do not fit into what is read ahead, so that their download can be held up in its middle. */
async function largeBatch(world: World, cookie: string): Promise<{ readonly path: string; readonly batch: string }> {
  const names = ['/srv/calc.bin', '/srv/report.txt'];
  for (const name of names) {
    world.web.agent.disk.set(name, new Uint8Array(randomBytes(3_000_000)));
  }
  const elementGuids = names.map((name) => world.web.guidOf(name));
  await world.send(post('/rest/fetchfile/start', cookie, { elementGuids, initiatorUserName: 'x' }));
  await world.web.agent.work();
  const [row] = await rows(world, cookie);
  return { path: `/rest/fetchfile/getfiles/${row?.batchId}`, batch: String(row?.batchId) };
}

/** Takes the first bytes, lets something happen, and takes the rest. */
async function interrupted(answer: Response, meanwhile: () => Promise<unknown>): Promise<Uint8Array> {
  const reader = answer.body?.getReader();
  const chunks: Uint8Array[] = [];
  for (let read = await reader?.read(); read?.value !== undefined; read = await reader?.read()) {
    if (chunks.length === 0) {
      await meanwhile();
    }
    chunks.push(read.value);
  }
  return Buffer.concat(chunks);
}

const during: readonly (readonly [string, (world: World, cookie: string, batch: string) => Promise<unknown>])[] = [
  [
    'its batch is closed',
    async (world, cookie, batch) => {
      const answer = await world.send({ path: `/rest/fetchfile/close/${batch}`, headers: { cookie } });
      expect(answer.status).toBe(200);
    },
  ],
  ['its batch expires', async (world) => world.ports.clock.advance(31 * 86_400_000)],
  ['its session ends', (world, cookie) => world.send({ path: '/logout', headers: { cookie } })],
];

test.each(during)('A download that has begun is whole and recorded, though %s meanwhile', async (_name, happens) => {
  await using world = await openWorld();
  const cookie = await world.cookieOf('Investigator', 'ana@example.com');
  const { path, batch } = await largeBatch(world, cookie);
  const answer = await world.send({ path, headers: { cookie } });
  const files = await unzip(await interrupted(answer, () => happens(world, cookie, batch)));
  expect(Object.keys(files)).toEqual(['calc.bin', 'report.txt']);
  const events = await world.ports.store.read((reader) => reader.events.list({ types: ['evidence_delivered'] }, 0, 10));
  expect(events).toMatchObject([{ actor: { name: 'ana@example.com' }, facts: { files: [{}, {}] } }]);
  expect((await world.send({ path, headers: { cookie } })).status).not.toBe(200);
});

test('Two downloads of one batch at once are both whole, and the rows leave once', async () => {
  await using world = await openWorld();
  const cookie = await world.cookieOf('Investigator');
  const { path } = await largeBatch(world, cookie);
  const first = await world.send({ path, headers: { cookie } });
  const second = await world.send({ path, headers: { cookie } });
  const [one, other] = await Promise.all([first.bytes(), second.bytes()]);
  expect(Object.keys(await unzip(one))).toEqual(Object.keys(await unzip(other)));
  expect(await rows(world, cookie)).toEqual([]);
});

test('A batch that has expired is like one that never was, in every call, and its rows are gone', async () => {
  await using world = await openWorld();
  const cookie = await world.cookieOf('Investigator', 'ana@example.com');
  const path = await fetched(world, cookie);
  const close = path.replace('getfiles', 'close');
  world.ports.clock.advance(30 * 86_400_000);
  const body = new URLSearchParams({ username: 'ana@example.com', password }).toString();
  const again = await world.send({ method: 'POST', path: '/login.html', body });
  const headers = { cookie: again.headers.getSetCookie()[0]?.split(';')[0] ?? '' };
  expect(await rows(world, headers.cookie)).toEqual([]);
  for (const each of [path, close]) {
    const expired = await world.send({ path: each, headers });
    const unknown = await world.send({ path: each.replace(/-?\d+$/, '77'), headers });
    expect([expired.status, unknown.status]).toEqual([500, 500]);
    const withoutNumber = async (answer: Response) => (await answer.text()).replace(/batch -?\d+/, '');
    expect(await withoutNumber(expired)).toBe(await withoutNumber(unknown));
  }
});

test('HEAD has the headers of GET and no body: it delivers nothing and opens nothing', async () => {
  await using world = await openWorld();
  const cookie = await world.cookieOf('Investigator');
  const path = await fetched(world, cookie);
  const head = await world.send({ method: 'HEAD', path, headers: { cookie } });
  expect(await head.text()).toBe('');
  expect(await rows(world, cookie)).toHaveLength(1);
  const get = await world.send({ path, headers: { cookie } });
  expect([head.status, Object.fromEntries(head.headers)]).toEqual([200, Object.fromEntries(get.headers)]);
  await get.body?.cancel();
});

test('HEAD of a GET that changes something changes nothing', async () => {
  await using world = await openWorld();
  const cookie = await world.cookieOf('Investigator');
  const path = (await fetched(world, cookie)).replace('getfiles', 'close');
  expect((await world.send({ method: 'HEAD', path, headers: { cookie } })).status).toBe(405);
  expect((await world.send({ method: 'HEAD', path: '/logout', headers: { cookie } })).status).toBe(405);
  expect(await rows(world, cookie)).toHaveLength(1);
});

test('Evidence that cannot be had is 500 before the first byte, never a 200 that a client would save', async () => {
  await using world = await openWorld();
  const cookie = await world.cookieOf('Investigator');
  const path = await fetched(world, cookie);
  await rm(join(world.ports.directory, 'evidence'), { recursive: true });
  const answer = await world.send({ path, headers: { cookie } });
  expect(answer.status).toBe(500);
  expect(await answer.json()).toMatchObject({ data: false, status: 'NO_SERVERS_CONFIGURED' });
});

test('An order that no endpoint took by its deadline is a failed row that says so', async () => {
  const lifetime = {
    fetch: 1_000,
    quarantine: 1_000,
    restore: 1_000,
    restore_objects: 1_000,
    undo: 1_000,
    plan: 1_000,
    purge: 1_000,
    search: 1_000,
    logs: 1_000,
    scan: 1_000,
  };
  await using world = await openWorld({ policy: { lifetime } });
  const cookie = await world.cookieOf('Investigator');
  const elementGuids = [world.web.guidOf('/srv/calc.bin')];
  await world.send(post('/rest/fetchfile/start', cookie, { elementGuids, initiatorUserName: 'x' }));
  world.ports.clock.advance(1_000);
  expect(await rows(world, cookie)).toMatchObject([
    { succeeded: false, state: 'Failed', reason: 'The endpoint did not report before the deadline.' },
  ]);
});

test('A batch for a machine that is away starts, and waits until it is back', async () => {
  await using world = await openWorld();
  const cookie = await world.cookieOf('Investigator');
  world.ports.clock.advance(3_600_000);
  const elementGuids = [world.web.guidOf('/srv/calc.bin'), world.mail.guidOf('/srv/calc.bin')];
  const started = await world.send(post('/rest/fetchfile/start', cookie, { elementGuids, initiatorUserName: 'x' }));
  expect(await started.json()).toMatchObject({ data: true, status: 'SUCCESS' });
  await world.mail.agent.work();
  const [waiting] = (await rows(world, cookie)).filter((row) => Reflect.get(row, 'machineName') === 'web-1');
  expect(waiting).toMatchObject({ succeeded: false, state: 'Pending' });
  const path = `/rest/fetchfile/getfiles/${waiting?.batchId}`;
  await (await world.send({ path, headers: { cookie } })).bytes();
  expect(await rows(world, cookie)).toEqual([expect.objectContaining({ machineName: 'web-1', state: 'Pending' })]);
  world.ports.clock.advance(3_600_000);
  await world.web.agent.work();
  expect(await rows(world, cookie)).toMatchObject([{ machineName: 'web-1', succeeded: true }]);
  const whole = await world.send({ path, headers: { cookie } });
  expect(Object.keys(await unzip(await whole.bytes())).toSorted()).toEqual(['mail-1/calc.bin', 'web-1/calc.bin']);
  expect(await rows(world, cookie)).toEqual([]);
});

test('A file that changed since inventory is listed and delivered as what was really fetched', async () => {
  await using world = await openWorld();
  const cookie = await world.cookieOf('Investigator');
  const bytes = new TextEncoder().encode('other bytes than inventory saw');
  world.web.agent.disk.set('/srv/calc.bin', bytes);
  const path = await fetched(world, cookie);
  const indexedHash = sha256Of(new TextEncoder().encode(texts['/srv/calc.bin']));
  expect(await rows(world, cookie)).toMatchObject([{ hash: sha256Of(bytes), indexedHash, sizeInBytes: bytes.length }]);
  const answer = await world.send({ path, headers: { cookie } });
  expect(await unzip(await answer.bytes())).toEqual({ 'calc.bin': 'other bytes than inventory saw' });
});

interface Reference {
  readonly guid: string;
  readonly name: string;
}

/** What a query for QuarantineFile elements finds, as clients read it. */
async function quarantinedOnes(
  world: World,
  cookie: string,
  { filters = [], guidList = [] }: { readonly filters?: readonly object[]; readonly guidList?: readonly string[] },
): Promise<readonly Reference[]> {
  const queryPath = [{ requestedType: 'QuarantineFile', guidList, filters, isResult: true }];
  const query = { queryPath, totalResultLimit: 10, customFields: ['quarantineFile', 'ownerMachine'] };
  const answer = await world.send(post('/rest/visualsearch/query/simple', cookie, query));
  type Found = { elementValues: { quarantineFile: { elementValues: readonly Reference[] } } };
  const { data } = (await answer.json()) as { data: { resultIdToElementDataMap: Record<string, Found> } };
  return Object.values(data.resultIdToElementDataMap).flatMap((found) =>
    found.elementValues.quarantineFile.elementValues.map(({ guid, name }) => ({ guid, name })),
  );
}

test('A quarantined file is found as a File and as a QuarantineFile, and fetched out of the vault by either GUID', async () => {
  await using world = await openWorld();
  const { ports, web } = world;
  const cookie = await world.cookieOf('Investigator');
  const content = texts['/srv/calc.bin'] ?? '';
  const sha256 = sha256Of(new TextEncoder().encode(content));
  const path = parsePath('/srv/calc.bin');
  const origin = { principal: administrator, dialect: 'native' } as const;
  await quarantineFiles(ports, { origin, endpointIds: [web.endpoint.id], path, sha256 });
  await web.agent.work();
  const guid = web.guidOf('/srv/calc.bin');
  const queryPath = [{ requestedType: 'File', guidList: [guid], filters: [], isResult: true }];
  const query = { queryPath, totalResultLimit: 10, perGroupLimit: 10, perFeatureLimit: 10 };
  const answer = await world.send(post('/rest/visualsearch/query/simple', cookie, query));
  const { data } = (await answer.json()) as { data: { resultIdToElementDataMap: object } };
  expect(Object.keys(data.resultIdToElementDataMap)).toEqual([guid]);
  const quarantined = await quarantinedOnes(world, cookie, {
    filters: [{ facetName: 'elementDisplayName', values: ['calc'], filterType: 'ContainsIgnoreCase' }],
  });
  expect(quarantined).toHaveLength(1);
  expect(quarantined[0]?.name).toBe('calc.bin');
  expect(quarantined[0]?.guid).not.toBe(guid);
  expect(
    await quarantinedOnes(world, cookie, { filters: [{ facetName: 'sha256String', values: ['0'.repeat(64)] }] }),
  ).toEqual([]);
  expect(await quarantinedOnes(world, cookie, { guidList: [quarantined[0]?.guid ?? ''] })).toEqual(quarantined);
  expect(await quarantinedOnes(world, cookie, { guidList: [guid] })).toEqual([]);
  for (const each of [guid, quarantined[0]?.guid]) {
    await world.send(post('/rest/fetchfile/start', cookie, { elementGuids: [each], initiatorUserName: 'x' }));
    await web.agent.work();
    const [row] = await rows(world, cookie);
    expect(row).toMatchObject({ succeeded: true, fileName: 'calc.bin' });
    const download = await world.send({ path: `/rest/fetchfile/getfiles/${row?.batchId}`, headers: { cookie } });
    expect(await unzip(await download.bytes())).toEqual({ 'calc.bin': content });
  }
  expect(web.agent.disk.has('/srv/calc.bin')).toBe(false);
});

interface Shown {
  readonly simpleValues: Readonly<Record<string, { readonly values: readonly string[] }>>;
  readonly elementValues: Readonly<Record<string, { readonly elementValues: readonly Reference[] }>>;
}

test('A quarantined file shows that it is, and its QuarantineFile all its hashes, by which it is found, and the time', async () => {
  await using world = await openWorld();
  const { ports, web } = world;
  const cookie = await world.cookieOf('Investigator');
  const facts = fileFacts('/srv/calc.bin', new TextEncoder().encode(texts['/srv/calc.bin']));
  const origin = { principal: administrator, dialect: 'native' } as const;
  const path = parsePath('/srv/calc.bin');
  await quarantineFiles(ports, { origin, endpointIds: [web.endpoint.id], path, sha256: facts.sha256 });
  await web.agent.work();
  const at = ports.clock.now();
  const find = async (requestedType: string, facetName: string, values: readonly unknown[]) => {
    const queryPath = [{ requestedType, filters: [{ facetName, values }], isResult: true }];
    const answer = await world.send(post('/rest/visualsearch/query/simple', cookie, { queryPath }));
    const { data } = (await answer.json()) as { data: { resultIdToElementDataMap: Record<string, Shown> } };
    return Object.values(data.resultIdToElementDataMap);
  };
  const check = async () => {
    for (const [facetName, value] of [
      ['md5String', facts.md5],
      ['sha1String', facts.sha1],
      ['sha256String', facts.sha256],
    ] as const) {
      const [found, ...others] = await find('QuarantineFile', facetName, [value]);
      expect(others).toEqual([]);
      expect(found?.simpleValues).toMatchObject({
        md5String: { values: [facts.md5] },
        sha1String: { values: [facts.sha1] },
        quarantineTime: { values: [String(at)] },
      });
      expect(await find('QuarantineFile', facetName, ['0'.repeat(value.length)])).toEqual([]);
    }
  };
  await check();
  const [taken, ...more] = await find('File', 'fileIsQuarantined', [true]);
  expect(more).toEqual([]);
  expect(taken?.simpleValues['sha1String']?.values).toEqual([facts.sha1]);
  expect(taken?.simpleValues['fileIsQuarantined']?.values).toEqual(['true']);
  const [quarantined] = await quarantinedOnes(world, cookie, {
    filters: [{ facetName: 'path', values: ['calc'], filterType: 'ContainsIgnoreCase' }],
  });
  expect(taken?.elementValues['quarantineFile']?.elementValues.map(({ guid }) => guid)).toEqual([
    quarantined?.guid ?? 'none',
  ]);
  const present = await find('File', 'fileIsQuarantined', ['false']);
  expect(present).toHaveLength(11);
  expect(present.every(({ elementValues }) => elementValues['quarantineFile'] === undefined)).toBe(true);
  expect(present.every(({ simpleValues }) => simpleValues['fileIsQuarantined']?.values[0] === 'false')).toBe(true);
  // What took its place does not tell its hashes; a copy elsewhere does.
  await inventory(ports, web.endpoint, [fileFacts('/srv/calc.bin', new TextEncoder().encode('another'))]);
  await check();
  expect(await find('File', 'fileIsQuarantined', [true])).toEqual([]);
});
