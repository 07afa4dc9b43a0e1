import { expect, test } from 'bun:test';
import { openWorld, password, post, type World } from './world.ts';

const ana = 'ana@example.com';

async function read(world: World, cookie: string, path: string): Promise<readonly [number, unknown]> {
  const answer = await world.send({ path, headers: { cookie } });
  return [answer.status, await answer.json()];
}

test('everyone learns who they are, and who may manage access learns who else there is', async () => {
  await using world = await openWorld();
  const [admin, viewer] = [
    await world.cookieOf('Instance Administrator', ana),
    await world.cookieOf('Viewer', 'eve@example.com'),
  ];
  const eve = { username: 'eve@example.com', roles: ['Analyst L1', 'Sensor Viewer'], locked: false };
  expect(await read(world, viewer, '/rest/users/current')).toMatchObject([200, eve]);
  expect(await read(world, admin, '/rest/users')).toMatchObject([
    200,
    expect.arrayContaining([expect.objectContaining({ username: ana }), expect.objectContaining(eve)]),
  ]);
  for (const spelling of ['eve@example.com', 'eve%40example.com', 'EVE@example.com']) {
    expect(await read(world, admin, `/rest/users/${spelling}`)).toMatchObject([200, eve]);
  }
  expect(await read(world, admin, '/rest/users/mallory@example.com')).toMatchObject([404, { status: 'FAILURE' }]);
  expect((await read(world, viewer, '/rest/users'))[0]).toBe(403);
  expect((await read(world, viewer, `/rest/users/${ana}`))[0]).toBe(403);
});

test('people change their own password; a wrong old one is told by one text, whatever else is wrong by the status', async () => {
  await using world = await openWorld();
  const cookie = await world.cookieOf('Viewer', ana);
  const change = async (body: unknown) => {
    const answer = await world.send({ ...post('/rest/users/reset', cookie, body), method: 'PUT' });
    return [answer.status, await answer.json()];
  };
  const isIn = async (secret: string) => {
    const body = new URLSearchParams({ username: ana, password: secret }).toString();
    const answer = await world.send({ method: 'POST', path: '/login.html', body });
    return !answer.headers.get('location')?.includes('error');
  };
  expect(await change(['wrong', 'another good password'])).toEqual([200, 'incorrectPassword']);
  for (const body of [[password, 'short'], [password, password], [password], { old: password }, 'x']) {
    expect(await change(body)).toMatchObject([400, { status: 'FAILURE' }]);
  }
  expect(await isIn(password)).toBe(true);
  expect(await change([password, 'another good password'])).toEqual([200, 'success']);
  expect([await isIn(password), await isIn('another good password')]).toEqual([false, true]);
  expect((await read(world, cookie, '/rest/users/current'))[0]).toBe(200);
});

test('there are no policies and no labels', async () => {
  await using world = await openWorld();
  const cookie = await world.cookieOf('Viewer', ana);
  expect(await read(world, cookie, '/rest/policies?filter=%7B%7D')).toEqual([
    200,
    { policies: [], totalResults: 0, hasMoreResults: false },
  ]);
  for (const body of [[], ['11.5']]) {
    expect(await (await world.send(post('/rest/detection/labels', cookie, body))).json()).toEqual([]);
  }
});
