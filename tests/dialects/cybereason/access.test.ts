import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { roles } from '#core/access/role.ts';
import { pylumId } from '#dialects/cybereason/pylum-id.ts';
import { openWorld, post, type World } from './world.ts';

let world: World;

beforeAll(async () => {
  world = await openWorld();
});

afterAll(() => world[Symbol.asyncDispose]());

async function startBatch(cookie: string): Promise<string> {
  const elementGuids = [world.web.guidOf('/srv/calc.bin')];
  await world.send(post('/rest/fetchfile/start', cookie, { elementGuids, initiatorUserName: 'x' }));
  await world.web.agent.work();
  const [first] = await progress(cookie);
  return String(first?.batchId);
}

async function progress(cookie: string): Promise<readonly { readonly batchId: number }[]> {
  const answer = await world.send({ path: '/rest/fetchfile/downloads/progress', headers: { cookie } });
  return ((await answer.json()) as { data: readonly { readonly batchId: number }[] }).data;
}

interface GuardedCall {
  readonly request: (cookie: string) => Parameters<World['send']>[0];
  /** The status for whoever may; an unknown batch is 500. */
  readonly allowed: number;
  readonly viewerMay: boolean;
}

const get = (path: string) => (cookie: string) => ({ path, headers: { cookie } });
const calls: readonly GuardedCall[] = [
  {
    request: (cookie) => post('/rest/visualsearch/query/simple', cookie, { queryPath: [{ requestedType: 'File' }] }),
    allowed: 200,
    viewerMay: true,
  },
  { request: get('/rest/fetchfile/downloads/progress'), allowed: 200, viewerMay: false },
  { request: (cookie) => post('/rest/fetchfile/start', cookie, {}), allowed: 200, viewerMay: false },
  { request: (cookie) => post('/rest/file-search/fetch-direct', cookie, {}), allowed: 400, viewerMay: false },
  { request: get('/rest/fetchfile/getfiles/1'), allowed: 500, viewerMay: false },
  { request: get('/rest/fetchfile/close/1'), allowed: 500, viewerMay: false },
];

describe('What a role may not do is 403, as JSON that says so', () => {
  test.each(roles.map((role) => [role]))('%s', async (role) => {
    const cookie = await world.cookieOf(role);
    for (const { request, allowed, viewerMay } of calls) {
      const status = role === 'Viewer' && !viewerMay ? 403 : allowed;
      const answer = await world.send(request(cookie));
      expect({ path: request(cookie).path, status: answer.status }).toEqual({ path: request(cookie).path, status });
      expect(answer.headers.get('content-type')).toBe('application/json');
    }
  });

  test('the answer names the permission', async () => {
    const cookie = await world.cookieOf('Viewer', 'viewer.two@example.com');
    const answer = await world.send(post('/rest/fetchfile/start', cookie, {}));
    expect(await answer.json()).toMatchObject({
      data: false,
      status: 'FAILURE',
      message: expect.stringContaining('files.fetch'),
    });
  });
});

describe('Batches are per user', () => {
  test('another user neither sees, downloads nor closes one, and cannot tell it from an unknown one', async () => {
    const owner = await world.cookieOf('Responder', 'owner@example.com');
    const batch = await startBatch(owner);
    const other = await world.cookieOf('Privileged Responder', 'other@example.com');
    expect(await progress(other)).toEqual([]);
    for (const call of ['getfiles', 'close']) {
      const answer = await world.send({ path: `/rest/fetchfile/${call}/${batch}`, headers: { cookie: other } });
      const unknown = await world.send({ path: `/rest/fetchfile/${call}/17`, headers: { cookie: other } });
      expect(answer.status).toBe(500);
      expect(await answer.text()).toBe((await unknown.text()).replace('batch 17:', `batch ${batch}:`));
    }
    expect((await progress(owner)).map(({ batchId }) => String(batchId))).toEqual([batch]);
  });

  test('whoever manages the server reaches those of others', async () => {
    const batch = await startBatch(await world.cookieOf('Responder', 'second@example.com'));
    const cookie = await world.cookieOf('Instance Administrator', 'root@example.com');
    const answer = await world.send({ path: `/rest/fetchfile/getfiles/${batch}`, headers: { cookie } });
    expect(answer.status).toBe(200);
    await answer.bytes();
  });
});

test('A name that no store can keep is a wrong name, not a failure of the server', async () => {
  const body = new URLSearchParams({ username: 'ana\0@example.com', password: 'x' }).toString();
  const answer = await world.send({ method: 'POST', path: '/login.html', body });
  expect([answer.status, answer.headers.get('location')]).toEqual([302, '/login.html?error']);
  expect(answer.headers.getSetCookie()).toEqual([]);
});

test('One user holds many sessions at once', async () => {
  const first = await world.cookieOf('Responder', 'many@example.com');
  const body = new URLSearchParams({ username: 'many@example.com', password: 'correct horse battery staple' });
  for (let count = 0; count < 20; count += 1) {
    const answer = await world.send({ method: 'POST', path: '/login.html', body: body.toString() });
    expect(answer.headers.getSetCookie()[0]).toMatch(/^JSESSIONID=[0-9A-F]{32}; /);
  }
  expect(await progress(first)).toEqual([]);
});

describe('Stopping what is under way', () => {
  type Started = { readonly batchId: number };

  test('whoever may search files may stop their own search, and another’s only with actions.cancel beside it', async () => {
    await using world = await openWorld();
    const ana = await world.cookieOf('Investigator', 'ana@example.com');
    const search = post('/rest/sensors/action/fileSearch', ana, {
      filters: [],
      fileFilters: [{ fieldName: 'fileName', operator: 'Equals', values: ['calc.bin'] }],
    });
    const start = async () => ((await (await world.send(search)).json()) as Started).batchId;
    const stop = async (cookie: string, batchId: number) =>
      (await world.send({ path: `/rest/sensors/abort/${batchId}`, headers: { cookie } })).status;
    const others = await start();
    expect(await stop(await world.cookieOf('Viewer', 'vic@example.com'), others)).toBe(403);
    expect(await stop(await world.cookieOf('Privileged Investigator', 'bob@example.com'), others)).toBe(403);
    expect(await stop(await world.cookieOf('Responder', 'eve@example.com'), others)).toBe(200);
    expect(await stop(ana, await start())).toBe(200);
  });

  test('a Responder does not stop logs that only who manages endpoints may ask for', async () => {
    await using world = await openWorld();
    const manages = await world.cookieOf('Privileged Responder', 'ana@example.com');
    const asked = post('/rest/sensors/action/fetchLogs', manages, { sensorsIds: [pylumId(world.web.endpoint)] });
    const { batchId } = (await (await world.send(asked)).json()) as Started;
    const responds = await world.cookieOf('Responder', 'eve@example.com');
    const stop = async (cookie: string) =>
      (await world.send({ path: `/rest/sensors/abort/${batchId}`, headers: { cookie } })).status;
    expect(await stop(responds)).toBe(403);
    expect(await stop(manages)).toBe(200);
  });
});

test('a refusal says which roles would do, and a MalOp that is not known is called one', async () => {
  await using world = await openWorld();
  const looks = await world.cookieOf('Viewer', 'vic@example.com');
  const start = await world.send(post('/rest/fetchfile/start', looks, {}));
  expect(await start.json()).toMatchObject({
    message:
      'The role Viewer does not include the permission files.fetch; these do: Instance Administrator, Privileged Responder, Responder, Privileged Investigator, Investigator.',
  });
  const details = await world.send(post('/rest/detection/details', looks, { malopGuid: '11.1' }));
  expect(await details.json()).toMatchObject({ message: 'There is no MalOp 11.1.' });
  const responds = await world.cookieOf('Responder', 'eve@example.com');
  const row = { actionType: 'QUARANTINE_FILE' };
  const body = { actionsByMachine: { [world.web.guid]: [row] } };
  const answer = (await (await world.send(post('/rest/remediate', responds, body))).json()) as {
    statusLog: readonly { error: { message: string } }[];
  };
  expect(answer.statusLog[0]?.error.message).toBe(
    'The target is missing: name the GUID of a file, or a MalOp that is known.',
  );
});

test('any method without a session leads to the log-in page; with one, OPTIONS says what there is', async () => {
  await using world = await openWorld();
  const cookie = await world.cookieOf('Viewer', 'vic@example.com');
  const paths = ['/rest/fetchfile/close/5', '/rest/ping', '/rest/mmng/v2/malops/11.1', '/rest/nowhere'];
  for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND']) {
    for (const path of paths) {
      const answer = await world.send({ method, path });
      expect([method, path, answer.status, answer.headers.get('location')]).toEqual([method, path, 302, '/login.html']);
      expect(await answer.text()).toBe('');
    }
  }
  const ask = async (method: string, path: string) => {
    const answer = await world.send({ method, path, headers: { cookie } });
    return [answer.status, answer.headers.get('allow')];
  };
  expect(await ask('OPTIONS', '/rest/ping')).toEqual([204, 'GET, HEAD, OPTIONS']);
  expect(await ask('OPTIONS', '/rest/mmng/v2/malops/11.1')).toEqual([204, 'PUT, OPTIONS']);
  expect(await ask('OPTIONS', '/rest/nowhere')).toEqual([404, null]);
  expect(await ask('PROPFIND', '/rest/ping')).toEqual([404, null]);
  expect(await ask('HEAD', '/rest/ping')).toEqual([200, null]);
  expect(await ask('HEAD', '/rest/visualsearch/query/simple')).toEqual([404, null]);
});
