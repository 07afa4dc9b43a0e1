import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { type Permission, permissions } from '#core/access/permission.ts';
import { allows, builtInRole, roles } from '#core/access/role.ts';
import { operations } from '#dialects/cortex/operations.ts';
import { customRole } from '#kit/custom-roles.ts';
import { type CortexWorld, openWorld } from './world.ts';

/** The policy of the vendor's calls about files, keys, the tenant, incidents and audits; `open` looks for the key itself. */
const policy: Readonly<Record<string, Permission | 'open'>> = {
  'POST /public_api/v1/endpoints/quarantine': 'files.quarantine',
  'POST /public_api/v1/endpoints/restore': 'files.restore',
  'POST /public_api/v1/quarantine/status': 'files.read',
  'POST /public_api/v1/actions/get_action_status': 'actions.read',
  'POST /public_api/v1/endpoints/file_retrieval': 'files.fetch',
  'POST /public_api/v1/actions/file_retrieval_details': 'actions.read',
  'GET /public_api/v1/download/:token': 'evidence.download',
  'POST /public_api/v1/download/:token': 'evidence.download',
  'POST /public_api/v1/endpoints/get_endpoints': 'endpoints.read',
  'POST /public_api/v1/endpoints/get_endpoint': 'endpoints.read',
  'POST /api_keys/validate': 'open',
  'GET /public_api/v1/healthcheck': 'open',
  'POST /public_api/v1/api_keys/get_api_keys': 'access.manage',
  'POST /public_api/v1/api_keys/generate': 'access.manage',
  'POST /public_api/v1/api_keys/delete': 'access.manage',
  'POST /public_api/v1/system/get_tenant_info': 'actions.read',
  'POST /public_api/v1/distributions/get_versions': 'endpoints.read',
  'POST /public_api/v1/rbac/get_users': 'access.manage',
  'POST /public_api/v1/rbac/get_roles': 'access.manage',
  'POST /public_api/v1/rbac/get_user_group': 'access.manage',
  'POST /public_api/v1/audits/management_logs': 'events.read',
  'POST /public_api/v1/audits/agents_reports': 'events.read',
  'POST /public_api/v1/incidents/get_incidents': 'incidents.read',
  'POST /public_api/v1/incidents/get_incident_extra_data': 'incidents.read',
  'POST /public_api/v1/incidents/update_incident': 'incidents.manage',
  'POST /public_api/v1/alerts/get_alerts_multi_events': 'incidents.read',
  'POST /public_api/v1/alerts/insert_parsed_alerts': 'incidents.manage',
  'POST /public_api/v1/alerts/insert_cef_alerts': 'incidents.manage',
};

const unauthorized = '{"reply": {"err_code": 401, "err_msg": "Public API request unauthorized", "err_extra": null}}';
const forbidden = 'Forbidden access. The provided API Key does not have the required RBAC permissions to run this API.';

let world: CortexWorld;

beforeAll(async () => {
  world = await openWorld();
});

afterAll(() => world[Symbol.asyncDispose]());

/** Every path of every operation, aliases and slashes too. */
const routes = operations.flatMap(({ method, paths, access }) =>
  paths.map((path) => ({
    call: `${method} ${path}`,
    method,
    path: path.replaceAll(/:\w+/g, '00'),
    demand: 'permission' in access ? access.permission : ('open' as const),
  })),
);

test('the calls demand what they are for', () => {
  const demanded = new Map(routes.map(({ call, demand }) => [call, demand]));
  for (const [call, demand] of Object.entries(policy)) {
    expect([call, demanded.get(call)]).toEqual([call, demand]);
  }
});

test('nothing but the two tests of a key is open', () => {
  const open = operations.filter(({ access }) => 'open' in access).map(({ paths }) => paths[0]);
  expect(open.toSorted()).toEqual(['/api_keys/validate', '/public_api/v1/healthcheck']);
});

test('every call answers with and without a slash at the end', () => {
  const paths = new Set(routes.map(({ call }) => call));
  for (const { call } of routes) {
    expect(paths).toContain(call.endsWith('/') ? call.slice(0, -1) : `${call}/`);
  }
});

test.each(roles.map((role) => [role]))(
  'every call lets in %s just where the role may, and says 403 in the envelope elsewhere',
  async (role) => {
    const headers = await world.key(role);
    for (const { call, method, path, demand } of routes) {
      const may = demand === 'open' || allows(builtInRole(role), demand);
      const answer = await world.send({ method, path, headers, ...(method !== 'GET' && { body: '{' }) });
      const text = await answer.text();
      expect([call, answer.status === 403]).toEqual([call, !may]);
      if (!may) {
        const others = roles.filter((each) => allows(builtInRole(each), demand)).join(', ');
        const message = `The role ${role} does not include the permission ${demand}; these do: ${others}.`;
        expect(JSON.parse(text)).toEqual({ reply: { err_code: 403, err_msg: forbidden, err_extra: message } });
      }
    }
  },
);

test.each(permissions.map((permission) => [permission]))(
  'a custom role that allows %s alone is let in exactly where a call demands that',
  async (permission) => {
    const headers = await world.key(await customRole(world.ports, [permission]));
    for (const { call, method, path, demand } of routes) {
      const answer = await world.send({ method, path, headers, ...(method !== 'GET' && { body: '{' }) });
      await answer.body?.cancel();
      expect([call, answer.status !== 403]).toEqual([call, demand === 'open' || demand === permission]);
    }
  },
);

describe('without a key that is right', () => {
  test.each(routes.map((route) => [route.call, route] as const))(
    '%s is the one 401',
    async (call, { method, path }) => {
      for (const headers of [{}, { 'x-xdr-auth-id': '1', authorization: 'wrong' }]) {
        // Many wrong keys from one address would be answered otherwise.
        const answer = await world.send({ method, path, headers, from: call, ...(method !== 'GET' && { body: '{}' }) });
        expect([answer.status, await answer.text()]).toEqual([401, unauthorized]);
      }
    },
  );
});
