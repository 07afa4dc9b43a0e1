import { expect, test } from 'bun:test';
import type { Json } from '#core/custody/event.ts';
import { day } from '#core/time.ts';
import { expireOverdue } from '#core/verbs/expire-overdue.ts';
import { retryAction } from '#core/verbs/retry-action.ts';
import { sensorsOfAction } from '#dialects/cybereason/sensors/sensors-of-action.ts';
import { administrator } from '#kit/fleet.ts';
import { unzip } from '#kit/unzip.ts';
import { openWorld, post, texts, type World } from './world.ts';

const origin = { principal: administrator, dialect: 'native' } as const;
const gone = '/srv/on-disk-no-more.bin';

interface Row {
  readonly batchId: number;
  readonly fileName: string;
  readonly state: string;
  readonly succeeded: boolean;
}

async function rows(world: World, cookie: string): Promise<readonly Row[]> {
  const answer = await world.send({ path: '/rest/fetchfile/downloads/progress', headers: { cookie } });
  return ((await answer.json()) as { data: readonly Row[] }).data;
}

const shown = async (world: World, cookie: string) =>
  (await rows(world, cookie)).map(({ fileName, state }) => [fileName, state]);

async function retryNewest(world: World): Promise<void> {
  const { items } = await world.ports.store.read(({ actions }) => actions.list({}, { offset: 0, limit: 1 }));
  await retryAction(world.ports, { origin, actionId: items[0]?.id ?? expect.unreachable() });
}

test('The rows of a batch stay, each once and in their order, and its download is whole after a retry', async () => {
  await using world = await openWorld();
  const cookie = await world.cookieOf('Investigator', 'ana@example.com');
  const names = ['/srv/calc.bin', gone, '/srv/report.txt'];
  const elementGuids = names.map((name) => world.web.guidOf(name));
  await world.send(post('/rest/fetchfile/start', cookie, { elementGuids, initiatorUserName: 'x' }));
  await world.web.agent.work();
  const before = await shown(world, cookie);
  expect(before.toSorted()).toEqual([
    ['calc.bin', 'Succeeded'],
    ['on-disk-no-more.bin', 'Failed'],
    ['report.txt', 'Succeeded'],
  ]);
  await retryNewest(world);
  const during = await shown(world, cookie);
  expect(during.map(([name]) => name)).toEqual(before.map(([name]) => name));
  expect(during.find(([name]) => name === 'on-disk-no-more.bin')).not.toEqual(['on-disk-no-more.bin', 'Failed']);
  world.web.agent.disk.set(gone, new TextEncoder().encode(texts[gone] ?? ''));
  await world.web.agent.work();
  expect(await shown(world, cookie)).toEqual(before.map(([name]) => [name ?? '', 'Succeeded']));

  const batch = (await rows(world, cookie))[0]?.batchId;
  const answer = await world.send({ path: `/rest/fetchfile/getfiles/${batch}`, headers: { cookie } });
  const files = await unzip(await answer.bytes());
  expect(Object.keys(files).toSorted()).toEqual(['calc.bin', 'on-disk-no-more.bin', 'report.txt']);
  expect(await rows(world, cookie)).toEqual([]);
  expect((await world.send({ path: `/rest/fetchfile/close/${batch}`, headers: { cookie } })).status).toBe(200);
});

test('A file search that expired on one sensor and is retried there counts each sensor once', async () => {
  await using world = await openWorld();
  const cookie = await world.cookieOf('Investigator', 'ana@example.com');
  const fileFilters = [{ fieldName: 'fileName', operator: 'Equals', values: ['calc.bin'] }];
  const start = await world.send(post('/rest/sensors/action/fileSearch', cookie, { fileFilters, filters: [] }));
  expect(start.status).toBe(200);
  await world.web.agent.work();
  world.ports.clock.advance(31 * day);
  await expireOverdue(world.ports);
  await retryNewest(world);
  const again = await world.cookieOf('Investigator', 'ben@example.com');
  const stats = async () => {
    const answer = await world.send({ path: '/rest/sensors/allActions', headers: { cookie: again } });
    const [first] = (await answer.json()) as readonly {
      globalStats: { stats: Record<string, Json> };
      finalState: boolean;
    }[];
    return Object.values(first?.globalStats.stats ?? {}).reduce<number>((sum, count) => sum + Number(count), 0);
  };
  expect(await stats()).toBe(2);
  const { items } = await world.ports.store.read(({ fleetActions }) => fleetActions.list({}, { offset: 0, limit: 1 }));
  const sensors = await world.ports.store.read((reader) =>
    sensorsOfAction(reader, items[0] ?? expect.unreachable(), world.ports.clock.now()),
  );
  expect(new Set(sensors.map(({ endpointId }) => endpointId)).size).toBe(sensors.length);
  await world.mail.agent.work();
  expect(await stats()).toBe(2);
});
