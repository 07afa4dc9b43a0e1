import { expect, test } from 'bun:test';
import type { Permission } from '#core/access/permission.ts';
import { type Role, roles } from '#core/access/role.ts';
import { operations } from '#dialects/native/operations.ts';
import { openNative } from './world.ts';

/** The policy of the native API. `open` needs no permission. */
const policy: Record<string, Permission | 'open'> = {
  logIn: 'open',
  logOut: 'open',
  whoAmI: 'open',
  changePassword: 'open',
  expirePassword: 'access.manage',
  prepareSecondFactor: 'open',
  confirmSecondFactor: 'open',
  resetSecondFactor: 'access.manage',
  describeApi: 'open',
  readServer: 'actions.read',
  readLedger: 'events.read',
  proveEvent: 'events.read',
  readMetrics: 'actions.read',
  listEndpoints: 'endpoints.read',
  readEndpoint: 'endpoints.read',
  settleCopies: 'endpoints.enrol',
  renameEndpoints: 'endpoints.manage',
  tagEndpoints: 'endpoints.manage',
  archiveEndpoints: 'endpoints.manage',
  unarchiveEndpoints: 'endpoints.manage',
  findFiles: 'files.read',
  readFile: 'files.read',
  listQuarantine: 'files.read',
  listActions: 'actions.read',
  readAction: 'actions.read',
  startFetch: 'files.fetch',
  retrieveFiles: 'files.fetch',
  quarantineFile: 'files.quarantine',
  restoreFile: 'files.restore',
  purgeVault: 'files.purge',
  startSearch: 'files.search',
  startScan: 'endpoints.manage',
  closeAction: 'actions.cancel',
  cancelAction: 'actions.cancel',
  downloadFile: 'evidence.download',
  downloadAction: 'evidence.download',
  listKeys: 'access.manage',
  createKey: 'access.manage',
  deleteKey: 'access.manage',
  listUsers: 'access.manage',
  createUser: 'access.manage',
  listEnrolmentTokens: 'endpoints.enrol',
  createEnrolmentToken: 'endpoints.enrol',
  revokeEnrolmentToken: 'endpoints.enrol',
  listHashes: 'lists.manage',
  forgetHashes: 'lists.manage',
  findListedHashes: 'lists.read',
  listIncidents: 'incidents.read',
  createIncident: 'incidents.manage',
  readIncident: 'incidents.read',
  changeIncident: 'incidents.manage',
  observeIncident: 'incidents.manage',
  commentOnIncident: 'incidents.manage',
  readTimeline: 'incidents.read',
  listEvents: 'events.read',
};

const reading: readonly Permission[] = ['endpoints.read', 'files.read', 'actions.read', 'incidents.read', 'lists.read'];
const investigating: readonly Permission[] = [
  ...reading,
  'files.search',
  'files.fetch',
  'evidence.download',
  'incidents.manage',
];
const responding: readonly Permission[] = [
  ...investigating,
  'files.quarantine',
  'files.restore',
  'actions.cancel',
  'lists.manage',
];

const granted: Record<Role, readonly Permission[] | 'all'> = {
  'Instance Administrator': 'all',
  'Privileged Responder': [...responding, 'files.purge', 'events.read', 'endpoints.enrol', 'endpoints.manage'],
  Responder: responding,
  'Privileged Investigator': [...investigating, 'events.read'],
  Investigator: investigating,
  Viewer: reading,
};

interface OpenApiOperation {
  readonly operationId: string;
  readonly 'x-permission'?: string;
  readonly 'x-licences'?: readonly string[];
  readonly 'x-open'?: string;
  readonly security?: readonly unknown[];
  readonly requestBody?: unknown;
  readonly responses: Record<string, unknown>;
}

async function readDocument() {
  await using world = await openNative();
  const response = await world.ask('/openapi.json', { local: false });
  const document = (await response.json()) as {
    readonly openapi: string;
    readonly paths: Record<string, Record<string, OpenApiOperation>>;
    readonly components: { readonly schemas: Record<string, unknown> };
  };
  return document;
}

test('the policy table names every operation and nothing else', () => {
  expect(operations.map(({ contract }) => contract.name).toSorted()).toEqual(Object.keys(policy).toSorted());
});

test('every operation demands what the policy table says', () => {
  const demanded = operations.map(({ contract, access }) => [
    contract.name,
    'permission' in access ? access.permission : 'open',
  ]);
  expect(Object.fromEntries(demanded)).toEqual(policy);
});

test('every operation is in the OpenAPI document, with its permission and licence', async () => {
  const { openapi, paths } = await readDocument();
  expect(openapi).toBe('3.1.0');
  for (const { contract, access } of operations) {
    const described = paths[contract.path]?.[contract.method.toLowerCase()];
    expect(described?.operationId).toBe(contract.name);
    expect(described?.responses[contract.status]).toBeDefined();
    expect(described?.requestBody !== undefined).toBe(contract.body !== null);
    if ('permission' in access) {
      expect(described?.['x-permission']).toBe(access.permission);
      expect(described?.['x-licences']).toEqual(access.licence);
    } else {
      expect(described?.['x-open']).toBe(access.open);
      expect(described?.security).toEqual([]);
    }
  }
  const described = Object.values(paths).flatMap((path) => Object.values(path));
  expect(described).toHaveLength(operations.length);
});

test('every reference in the OpenAPI document leads to a schema', async () => {
  const document = await readDocument();
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map((match) => match[1] ?? '');
  expect(references.length).toBeGreaterThan(20);
  for (const reference of references) {
    const name = reference.replace('#/components/schemas/', '');
    expect(Object.keys(document.components.schemas)).toContain(name);
  }
  expect(JSON.stringify(document)).not.toContain('$defs');
});

test('no route lets in a role that the policy table does not', async () => {
  await using world = await openNative();
  for (const role of roles) {
    const authorization = await world.authorizationOf(role);
    for (const { contract } of operations) {
      const permission = policy[contract.name];
      const { method, path } = contract;
      const concrete = path.replaceAll(/\{\w+\}/g, '1');
      const headers = { authorization };
      const response = await world.ask(concrete, {
        method,
        headers,
        local: false,
        ...(method === 'POST' && { body: {} }),
      });
      await response.body?.cancel();
      const held = granted[role];
      const allowed =
        permission === 'open' || held === 'all' || (permission !== undefined && held.includes(permission));
      expect(`${role} ${contract.name} ${response.status === 403 ? 'refused' : 'let in'}`).toBe(
        `${role} ${contract.name} ${allowed ? 'let in' : 'refused'}`,
      );
    }
  }
});

test('no guarded route answers anyone without a credential', async () => {
  await using world = await openNative();
  for (const { contract, access } of operations) {
    if ('permission' in access) {
      const path = contract.path.replaceAll(/\{\w+\}/g, '1');
      const response = await world.ask(path, { method: contract.method, local: false });
      expect(`${contract.name} ${response.status}`).toBe(`${contract.name} 401`);
    }
  }
});
