import { afterAll, beforeAll, expect, test } from 'bun:test';
import type { Permission } from '#core/access/permission.ts';
import { allows, roles } from '#core/access/role.ts';
import { operations } from '#dialects/cybereason/operations.ts';
import { vendorRoles } from '#dialects/cybereason/vendor-role.ts';
import { openWorld, type World } from './world.ts';

/** The policy of the Cybereason API; `open` needs no session, or looks for it itself. */
const policy: Readonly<Record<string, Permission | 'open'>> = {
  'POST /login.html': 'open',
  'GET /login.html': 'open',
  'GET /': 'open',
  'GET /app.html': 'open',
  'GET /logout': 'open',
  'POST /logout': 'open',
  'POST /rest/visualsearch/query/simple': 'files.read',
  'POST /rest/fetchfile/start': 'files.fetch',
  'GET /rest/fetchfile/downloads/progress': 'actions.read',
  'GET /rest/fetchfile/getfiles/:batchID': 'evidence.download',
  'GET /rest/fetchfile/close/:batchID': 'files.fetch',
};

let world: World;

beforeAll(async () => {
  world = await openWorld();
});

afterAll(() => world[Symbol.asyncDispose]());

const faces = operations
  .filter(({ paths }) => !paths.includes('/rest/*'))
  .map(({ method, paths, access }) => ({
    call: `${method} ${paths[0] ?? ''}`,
    method,
    path: (paths[0] ?? '').replaceAll(/:\w+/g, '5'),
    demand: 'permission' in access ? access.permission : ('open' as const),
  }));

test('the calls of the vendor’s own pages demand what they are for', () => {
  const demanded = new Map(faces.map(({ call, demand }) => [call, demand]));
  for (const [call, demand] of Object.entries(policy)) {
    expect([call, demanded.get(call)]).toEqual([call, demand]);
  }
});

test('nothing but the log-in and its pages is open', () => {
  const open = faces.filter(({ demand }) => demand === 'open').map(({ call }) => call);
  expect(open.toSorted()).toEqual(
    Object.keys(policy)
      .filter((call) => policy[call] === 'open')
      .toSorted(),
  );
});

test.each(roles.map((role) => [role]))(
  'every call lets in %s just where the role may, and says 403 in JSON elsewhere',
  async (role) => {
    const cookie = await world.cookieOf(role, `${role.replace(' ', '.')}@example.com`.toLowerCase());
    for (const { call, method, path, demand } of faces) {
      if (demand === 'open') {
        continue;
      }
      const may = allows(role, demand);
      const body = method === 'GET' ? undefined : '{';
      const answer = await world.send({ method, path, headers: { cookie }, ...(body !== undefined && { body }) });
      expect([call, answer.status === 403]).toEqual([call, !may]);
      if (may) {
        await answer.body?.cancel();
      } else {
        expect(answer.headers.get('content-type')).toBe('application/json');
        expect(await answer.json()).toMatchObject({ status: 'FAILURE', message: expect.stringContaining(demand) });
      }
    }
  },
);

test('without a session every call leads to the log-in page, known or not', async () => {
  for (const { call, method, path, demand } of [
    ...faces,
    { call: 'x', method: 'GET', path: '/rest/nowhere', demand: 'files.read' },
  ]) {
    if (demand !== 'open') {
      const answer = await world.send({ method, path });
      expect([call, answer.status, answer.headers.get('location')]).toEqual([call, 302, '/login.html']);
    }
  }
});

test('whoever may download files is an L3 analyst to the vendor, and whoever may not is none', () => {
  for (const role of roles) {
    expect([role, vendorRoles[role].includes('Analyst L3')]).toEqual([role, allows(role, 'files.fetch')]);
  }
});
