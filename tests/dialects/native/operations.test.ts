import { expect, test } from 'bun:test';
import { type Permission, permissions } from '#core/access/permission.ts';
import { type BuiltInRole, roles } from '#core/access/role.ts';
import { operations } from '#dialects/native/operations.ts';
import { takesIdempotencyKey } from '#dialects/native/schemas/contract.ts';
import { customRole } from '#kit/custom-roles.ts';
import { type NativeWorld, openNative } from './world.ts';

/** The policy of the native API. `open` needs no permission. */
const policy: Record<string, Permission | 'open'> = {
  logIn: 'open',
  openBrowserSession: 'open',
  readLogInWays: 'open',
  beginProviderLogIn: 'open',
  finishProviderLogIn: 'open',
  takeSession: 'open',
  linkUser: 'access.manage',
  logOut: 'open',
  whoAmI: 'open',
  changePassword: 'open',
  expirePassword: 'access.manage',
  prepareSecondFactor: 'open',
  confirmSecondFactor: 'open',
  renewRecoveryCodes: 'open',
  resetSecondFactor: 'access.manage',
  describeApi: 'open',
  readServer: 'actions.read',
  acceptClock: 'server.manage',
  readInstallation: 'server.manage',
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
  revokeEndpoints: 'endpoints.manage',
  countEndpoints: 'endpoints.read',
  listFleetActions: 'actions.read',
  readFleetAction: 'actions.read',
  findFiles: 'files.read',
  readFile: 'files.read',
  listQuarantine: 'files.read',
  listQuarantinedHashes: 'files.read',
  readQuarantineStatus: 'files.read',
  previewQuarantine: 'files.read',
  listActions: 'actions.read',
  countActions: 'actions.read',
  readAction: 'actions.read',
  startFetch: 'files.fetch',
  retrieveFiles: 'files.fetch',
  quarantineFile: 'files.quarantine',
  restoreFile: 'files.restore',
  issueRestoreToken: 'files.restore',
  purgeVault: 'files.purge',
  startSearch: 'files.search',
  startScan: 'endpoints.manage',
  abortScans: 'endpoints.manage',
  fetchLogs: 'endpoints.manage',
  closeAction: 'actions.cancel',
  cancelAction: 'actions.cancel',
  undoAction: 'files.restore',
  planRestore: 'files.restore',
  readRestorePlan: 'files.restore',
  runRestorePlan: 'files.restore',
  // And, within, what the order of the action itself needs.
  retryAction: 'actions.read',
  confirmAction: 'actions.read',
  resumeAction: 'actions.approve',
  listApprovals: 'actions.read',
  readApproval: 'actions.read',
  approveAction: 'actions.approve',
  refuseApproval: 'actions.approve',
  downloadFile: 'evidence.download',
  downloadAction: 'evidence.download',
  exportBundle: 'evidence.download',
  viewFile: 'evidence.download',
  listEvidence: 'evidence.download',
  deleteEvidence: 'evidence.delete',
  readRetention: 'evidence.download',
  changeRetention: 'server.manage',
  listKeys: 'access.manage',
  createKey: 'access.manage',
  deleteKey: 'access.manage',
  listUsers: 'access.manage',
  createUser: 'access.manage',
  changeUser: 'access.manage',
  deleteUser: 'access.manage',
  resetPassword: 'access.manage',
  listUserSessions: 'access.manage',
  endUserSessions: 'access.manage',
  listRoles: 'access.manage',
  createRole: 'access.manage',
  changeRole: 'access.manage',
  deleteRole: 'access.manage',
  listOwnSessions: 'open',
  endOwnSessions: 'open',
  listEnrolmentTokens: 'endpoints.enrol',
  createEnrolmentToken: 'endpoints.enrol',
  revokeEnrolmentToken: 'endpoints.enrol',
  readEnrolment: 'endpoints.enrol',
  listHashes: 'lists.manage',
  forgetHashes: 'lists.manage',
  findListedHashes: 'lists.read',
  listIncidents: 'incidents.read',
  createIncident: 'incidents.manage',
  readIncident: 'incidents.read',
  changeIncident: 'incidents.manage',
  observeIncident: 'incidents.manage',
  commentOnIncident: 'incidents.manage',
  holdIncident: 'incidents.manage',
  releaseIncident: 'evidence.delete',
  readTimeline: 'incidents.read',
  listAlerts: 'incidents.read',
  reportAlerts: 'incidents.manage',
  findRemedies: 'incidents.read',
  remediate: 'files.quarantine',
  listRemediations: 'actions.read',
  readRemediation: 'actions.read',
  abortRemediation: 'actions.cancel',
  readEmergencyStop: 'actions.read',
  engageEmergencyStop: 'emergency.stop',
  releaseEmergencyStop: 'emergency.release',
  readLifetimes: 'actions.read',
  changeLifetimes: 'server.manage',
  listEvents: 'events.read',
  listWebhooks: 'server.manage',
  createWebhook: 'server.manage',
  changeWebhook: 'server.manage',
  rotateWebhookSecret: 'server.manage',
  deleteWebhook: 'server.manage',
  testWebhook: 'server.manage',
  listDeadLetters: 'server.manage',
  redeliverLetters: 'server.manage',
  dropLetters: 'server.manage',
  followEvents: 'events.read',
  followAction: 'actions.read',
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
  'emergency.stop',
  'lists.manage',
];

const granted: Record<BuiltInRole, readonly Permission[] | 'all'> = {
  'Instance Administrator': 'all',
  'Privileged Responder': [
    ...responding,
    'files.purge',
    'actions.approve',
    'evidence.delete',
    'events.read',
    'endpoints.enrol',
    'endpoints.manage',
  ],
  Responder: responding,
  'Privileged Investigator': [...investigating, 'events.read'],
  Investigator: investigating,
  Viewer: reading,
};

interface OpenApiOperation {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
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

test('every operation says what it is for, what it demands and how it fails', async () => {
  const { paths } = await readDocument();
  for (const { contract, access } of operations) {
    const described = paths[contract.path]?.[contract.method.toLowerCase()];
    const { summary = '', description = '', responses = {} } = described ?? {};
    expect(`${contract.name}: ${summary}`).toMatch(/: [A-Z][^]{8,}\.$/);
    expect(`${contract.name}: ${description}`).toMatch(/: .*[A-Z][^]{20,}\.$/);
    const failures = [
      ...('permission' in access ? ['401', '403'] : []),
      ...(contract.body === null ? [] : ['400', '413']),
      ...(contract.path.includes('{') ? ['404'] : []),
      ...(takesIdempotencyKey(contract) ? ['409', '422'] : []),
      ...['429', '503', 'default'],
    ];
    expect({ name: contract.name, failures: Object.keys(responses) }).toEqual({
      name: contract.name,
      failures: expect.arrayContaining(failures),
    });
  }
});

test('every example is one that its schema takes', () => {
  const examples = operations.flatMap(({ contract: { name, body, example } }) =>
    example === undefined ? [] : [{ name, taken: body?.safeParse(example).success }],
  );
  expect(examples.length).toBeGreaterThan(10);
  expect(examples.filter(({ taken }) => taken !== true)).toEqual([]);
});

/** Whether each operation let in a key of a role. */
async function answersTo(world: NativeWorld, role: string): Promise<Readonly<Record<string, string>>> {
  const authorization = await world.authorizationOf(role);
  const answers: [string, string][] = [];
  for (const { contract } of operations) {
    const { name, method, path } = contract;
    // Nobody's: what is refused is refused for the role alone.
    const concrete = path.replaceAll(/\{\w+\}/g, '99999');
    const body = method === 'POST' ? { body: {} } : {};
    const response = await world.ask(concrete, { method, headers: { authorization }, local: false, ...body });
    await response.body?.cancel();
    answers.push([name, response.status === 403 ? 'refused' : 'let in']);
  }
  return Object.fromEntries(answers);
}

function promised(held: readonly Permission[] | 'all'): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(policy).map(([name, permission]) => {
      const allowed = permission === 'open' || held === 'all' || held.includes(permission);
      return [name, allowed ? 'let in' : 'refused'];
    }),
  );
}

test('no route lets in a role that the policy table does not', async () => {
  await using world = await openNative();
  for (const role of roles) {
    expect([role, await answersTo(world, role)]).toEqual([role, promised(granted[role])]);
  }
});

test('a custom role with one permission opens exactly the routes that name it', async () => {
  await using world = await openNative();
  for (const permission of permissions) {
    const role = await customRole(world.ports, [permission]);
    expect([role, await answersTo(world, role)]).toEqual([role, promised([permission])]);
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
