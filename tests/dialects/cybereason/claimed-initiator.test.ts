import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { openWorld, post, type World } from './world.ts';

let world: World;
let bo: string;
let ana: string;

beforeAll(async () => {
  world = await openWorld();
  bo = await world.cookieOf('Investigator', 'bo@example.com');
  ana = await world.cookieOf('Instance Administrator', 'ana@example.com');
});

afterAll(() => world[Symbol.asyncDispose]());

function start(cookie: string, initiatorUserName: string): Promise<Response> {
  const elementGuids = [world.web.guidOf('/srv/calc.bin')];
  return world.send(post('/rest/fetchfile/start', cookie, { elementGuids, initiatorUserName }));
}

async function rows(cookie: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const answer = await world.send({ path: '/rest/fetchfile/downloads/progress', headers: { cookie } });
  return ((await answer.json()) as { data: readonly Readonly<Record<string, unknown>>[] }).data;
}

describe('A name in the body that is not the one of the session', () => {
  test('stands in the row as clients expect, with who really asked beside it', async () => {
    await start(bo, 'ana@example.com');
    expect(await rows(bo)).toMatchObject([{ initiatorUserName: 'ana@example.com', startedBy: 'bo@example.com' }]);
  });

  test('is kept as claimed beside the principal, in the action and in its event', async () => {
    const [action, events] = await world.ports.store.read(async (reader) => [
      (await reader.actions.list({}, { offset: 0, limit: 1 })).items[0],
      await reader.events.list({ types: ['action_started'] }, 0, 10),
    ]);
    expect(action).toMatchObject({ claimedInitiator: 'ana@example.com', principal: { name: 'bo@example.com' } });
    expect(events).toMatchObject([
      { actor: { name: 'bo@example.com' }, facts: { claimedInitiator: 'ana@example.com' } },
    ]);
  });

  test('gives nobody the batch: the administrator who was named does not find it among her own', async () => {
    expect(await rows(ana)).toEqual([]);
  });

  test('lets nobody do what the role does not allow', async () => {
    const viewer = await world.cookieOf('Viewer', 'cy@example.com');
    expect((await start(viewer, 'ana@example.com')).status).toBe(403);
  });

  test('closes a batch in the name of whoever closed it', async () => {
    const [row] = await rows(bo);
    await world.send({ path: `/rest/fetchfile/close/${row?.['batchId']}`, headers: { cookie: bo } });
    const events = await world.ports.store.read((reader) => reader.events.list({ types: ['batch_closed'] }, 0, 10));
    expect(events).toMatchObject([{ actor: { name: 'bo@example.com' } }]);
  });
});

test('The own name, however it is written, is no claim', async () => {
  world.ports.clock.advance(1);
  await start(ana, ' Ana@Example.COM');
  const [row] = await rows(ana);
  expect(row).toMatchObject({ initiatorUserName: 'ana@example.com' });
  expect(row).not.toHaveProperty('startedBy');
  const [action] = await world.ports.store.read(
    async ({ actions }) => (await actions.list({}, { offset: 0, limit: 1 })).items,
  );
  expect(action?.claimedInitiator).toBeNull();
});
