import { afterAll, beforeAll, expect, test } from 'bun:test';
import { type Permission, permissions } from '#core/access/permission.ts';
import { type BuiltInRole, builtInRole, roles } from '#core/access/role.ts';
import { operations } from '#dialects/cybereason/operations.ts';
import { vendorRoles, vendorRolesOf } from '#dialects/cybereason/vendor-role.ts';
import { customRole } from '#kit/custom-roles.ts';
import { openWorld, type World } from './world.ts';

/** The policy of the Cybereason API, by the first path of each call; `open` needs no session, or looks for it itself. */
const policy: Readonly<Record<string, Permission | 'open'>> = {
  'POST /login.html': 'open',
  'GET /login.html': 'open',
  'GET /': 'open',
  'GET /app.html': 'open',
  'GET /logout': 'open',
  'POST /logout': 'open',
  'POST /rest/visualsearch/query/simple': 'files.read',
  'POST /rest/fetchfile/start': 'files.fetch',
  'GET /rest/fetchfile/downloads/progress': 'files.fetch',
  'GET /rest/fetchfile/getfiles/:batchID': 'evidence.download',
  'GET /rest/fetchfile/close/:batchID': 'files.fetch',
  'POST /rest/file-search/fetch-direct': 'evidence.download',
  'POST /rest/classification/update': 'lists.manage',
  'GET /rest/classification/download': 'lists.read',
  'POST /rest/classification/reputations/list': 'lists.read',
  'GET /rest/classification/classify/:key': 'lists.read',
  'GET /rest/dynamic/v1/ti-reputation/api/v1/entity/lists/default': 'lists.read',
  'POST /rest/dynamic/v1/ti-reputation/api/v1/lists/:list/reputations/search': 'lists.read',
  'PUT /rest/dynamic/v1/ti-reputation/api/v1/lists/:list/reputations/:id': 'lists.manage',
  'POST /rest/crimes/unified': 'incidents.read',
  'POST /rest/detection/inbox': 'incidents.read',
  'POST /rest/detection/details': 'incidents.read',
  'POST /rest/mmng/v2/malops': 'incidents.read',
  'GET /rest/mmng/v2/malops/metadata/:guid': 'incidents.read',
  'PUT /rest/mmng/v2/malops/:guid': 'incidents.manage',
  'POST /rest/crimes/status': 'incidents.manage',
  'POST /rest/crimes/comment/:guid': 'incidents.manage',
  'POST /rest/crimes/get-comments': 'incidents.read',
  'POST /rest/malware/query': 'files.read',
  'POST /rest/remediate': 'files.quarantine',
  'GET /rest/remediate/progress/:username/:malopId/:remediationId': 'actions.read',
  'GET /rest/remediate/status/:malopId': 'actions.read',
  'POST /rest/remediate/abort/:malopId/:remediationId': 'files.quarantine',
  'POST /rest/remediate/has-history': 'actions.read',
  'POST /rest/detection/custom-remediation': 'incidents.read',
  'POST /rest/detection/remediate-custom-actions': 'files.quarantine',
  'GET /rest/monitor/global/reg-server/status': 'endpoints.read',
  'GET /rest/monitor/global/server/version/all': 'endpoints.read',
  'GET /rest/settings/configurations': 'endpoints.read',
  'GET /rest/settings/get-detection-servers': 'endpoints.read',
  'GET /rest/groups': 'endpoints.read',
  'GET /rest/users/current': 'endpoints.read',
  'GET /rest/users': 'access.manage',
  'GET /rest/users/:username': 'access.manage',
  'PUT /rest/users/reset': 'endpoints.read',
  'GET /rest/policies': 'endpoints.read',
  'POST /rest/detection/labels': 'incidents.read',
  'GET /rest/ping': 'endpoints.read',
  'GET /rest/translate/features/all': 'endpoints.read',
  'GET /rest/monitor/global/userAuditLog': 'events.read',
  'POST /rest/sensors/query': 'endpoints.read',
  'GET /rest/sensors/overview': 'endpoints.read',
  'POST /rest/sensors/query/sensorsOfAction/:batchId': 'actions.read',
  'GET /rest/sensors/action/download-logs/:batchId': 'endpoints.manage',
  'POST /rest/sensors/action/fileSearch': 'files.search',
  'GET /rest/sensors/action/fileSearch/results/:batchId': 'files.search',
  'GET /rest/sensors/action/fileSearch/results/:batchId/csv': 'files.search',
  'POST /rest/sensors/action/:name': 'endpoints.manage',
  'GET /rest/sensors/allActions': 'actions.read',
  'GET /rest/sensors/actions/fileSearchRequestsAll': 'actions.read',
  'GET /rest/sensors/actions/fileSearchRequests': 'actions.read',
  'GET /rest/sensors/abort/:batchID': 'actions.read',
  'POST /rest/monitor/global/commands/isolate': 'endpoints.read',
};

/** As people were promised it, and not as the program has it. */
const reading: readonly Permission[] = ['endpoints.read', 'files.read', 'actions.read', 'incidents.read', 'lists.read'];
const investigating: readonly Permission[] = [
  ...reading,
  ...(['files.search', 'files.fetch', 'evidence.download', 'incidents.manage'] as const),
];
const responding: readonly Permission[] = [
  ...investigating,
  ...(['files.quarantine', 'files.restore', 'actions.cancel', 'lists.manage'] as const),
];
const granted: Record<BuiltInRole, readonly Permission[] | 'all'> = {
  'Instance Administrator': 'all',
  'Privileged Responder': [...responding, 'files.purge', 'events.read', 'endpoints.enrol', 'endpoints.manage'],
  Responder: responding,
  'Privileged Investigator': [...investigating, 'events.read'],
  Investigator: investigating,
  Viewer: reading,
};

function isPromised(role: BuiltInRole, permission: Permission): boolean {
  const held = granted[role];
  return held === 'all' || held.includes(permission);
}

let world: World;

beforeAll(async () => {
  world = await openWorld();
});

afterAll(() => world[Symbol.asyncDispose]());

/** Every call by each of its paths, and what the policy has for it. */
const faces = operations
  .filter(({ paths }) => !paths.includes('/rest/*'))
  .flatMap(({ method, paths }) => {
    const call = `${method} ${paths[0] ?? ''}`;
    const demand = policy[call];
    return paths.map((path) => ({ call, method, path: path.replaceAll(/:\w+/g, '5'), demand }));
  });

test('the policy names every call and nothing else, and every call demands what it says', () => {
  const demanded = operations
    .filter(({ paths }) => !paths.includes('/rest/*'))
    .map(({ method, paths, access }) => [
      `${method} ${paths[0] ?? ''}`,
      'permission' in access ? access.permission : 'open',
    ]);
  expect(Object.fromEntries(demanded)).toEqual(policy);
});

test.each(roles.map((role) => [role]))(
  'every call lets in %s just where the role may, and says 403 in JSON elsewhere',
  async (role) => {
    const cookie = await world.cookieOf(role, `${role.replace(' ', '.')}@example.com`.toLowerCase());
    for (const { call, method, path, demand } of faces) {
      if (demand === 'open' || demand === undefined) {
        continue;
      }
      const may = isPromised(role, demand);
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

/** It fetches and downloads in one. */
const doubly = {
  call: 'POST /rest/file-search/fetch-direct',
  path: '/rest/file-search/fetch-direct',
  demands: ['evidence.download', 'files.fetch'],
} as const;

test('the call that does two things lets in whoever may do both', async () => {
  const cookie = await world.cookieOf(await customRole(world.ports, doubly.demands), 'both@example.com');
  const answer = await world.send({ method: 'POST', path: doubly.path, headers: { cookie }, body: '{' });
  expect(answer.status).not.toBe(403);
  await answer.body?.cancel();
});

test.each(permissions.map((permission) => [permission]))(
  'a custom role that allows %s alone is let in exactly where a call demands that',
  async (permission) => {
    const role = await customRole(world.ports, [permission]);
    const cookie = await world.cookieOf(role, `${permission}@example.com`);
    for (const { call, method, path, demand } of faces) {
      if (demand === 'open' || demand === undefined) {
        continue;
      }
      const body = method === 'GET' ? undefined : '{';
      const answer = await world.send({ method, path, headers: { cookie }, ...(body !== undefined && { body }) });
      await answer.body?.cancel();
      const isEnough = demand === permission && call !== doubly.call;
      expect([call, answer.status !== 403]).toEqual([call, isEnough]);
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

test('a custom role goes by the names of the widest built-in one that it includes, and by none that promises more', () => {
  const role = (permissions: readonly Permission[]) => ({ name: 'Night desk', permissions });
  const responding = builtInRole('Responder').permissions;
  expect(vendorRolesOf(role([...responding, 'events.read']))).toEqual(vendorRoles['Responder']);
  expect(vendorRolesOf(role(responding.filter((each) => each !== 'files.restore')))).toEqual(
    vendorRoles['Investigator'],
  );
  expect(vendorRolesOf(role(permissions))).toEqual(vendorRoles['Instance Administrator']);
  expect(vendorRolesOf(role(permissions.filter((each) => each !== 'files.override')))).toEqual(
    vendorRoles['Privileged Responder'],
  );
  expect(vendorRolesOf(role(['access.manage', 'files.read']))).toEqual([]);
});

test('whoever may remediate is an L3 analyst to the vendor, and whoever may fetch files is that or a responder', () => {
  for (const role of roles) {
    const names = vendorRoles[role];
    expect([role, names.includes('Analyst L3')]).toEqual([role, isPromised(role, 'files.quarantine')]);
    expect([role, names.some((name) => name.startsWith('Responder'))]).toEqual([role, isPromised(role, 'files.fetch')]);
    expect([role, names.includes('User Admin')]).toEqual([role, isPromised(role, 'access.manage')]);
  }
});
