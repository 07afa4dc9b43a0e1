import { expect, test } from 'bun:test';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Of } from '#kit/fleet.ts';
import { unzip } from './unzip.ts';
import { openWorld, post, remoteAddress, type World } from './world.ts';

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
  await using world = await openWorld({ policy: { lifetime: { fetch: 1_000, quarantine: 1_000, restore: 1_000 } } });
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
  expect(await rows(world, cookie)).toMatchObject([{ hash: sha256Of(bytes), sizeInBytes: bytes.length }]);
  const answer = await world.send({ path, headers: { cookie } });
  expect(await unzip(await answer.bytes())).toEqual({ 'calc.bin': 'other bytes than inventory saw' });
});
