import { expect, test } from 'bun:test';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parsePath } from '#core/file/file-path.ts';
import { quarantineFiles } from '#core/verbs/quarantine-files.ts';
import { administrator, sha256Of } from '#kit/fleet.ts';
import { unzip } from './unzip.ts';
import { openWorld, post, remoteAddress, texts, type World } from './world.ts';

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

test('HEAD is refused: it delivers nothing and opens nothing', async () => {
  await using world = await openWorld();
  const cookie = await world.cookieOf('Investigator');
  const answer = await world.send({ method: 'HEAD', path: await fetched(world, cookie), headers: { cookie } });
  expect(answer.status).toBe(405);
  expect(await answer.text()).toBe('');
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
  const lifetime = { fetch: 1_000, quarantine: 1_000, restore: 1_000, purge: 1_000, search: 1_000, logs: 1_000 };
  await using world = await openWorld({ policy: { lifetime } });
  const cookie = await world.cookieOf('Investigator');
  const elementGuids = [world.web.guidOf('/srv/calc.bin')];
  await world.send(post('/rest/fetchfile/start', cookie, { elementGuids, initiatorUserName: 'x' }));
  world.ports.clock.advance(1_000);
  expect(await rows(world, cookie)).toMatchObject([
    { succeeded: false, state: 'Failed', reason: 'The endpoint did not report before the deadline.' },
  ]);
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
    filters: [{ facetName: 'elementDisplayName', values: ['calc'] }],
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
