import type { Json } from '#core/custody/event.ts';
import { parsePath } from '#core/file/file-path.ts';
import { fileGuid, machineGuid } from '#core/file/guid.ts';
import { archiveEndpoints } from '#core/verbs/archive-endpoints.ts';
import { createIncident } from '#core/verbs/create-incident.ts';
import { createKey } from '#core/verbs/create-key.ts';
import { createUser } from '#core/verbs/create-user.ts';
import { planRestore } from '#core/verbs/plan-restore.ts';
import { quarantineFiles } from '#core/verbs/quarantine-files.ts';
import { remediate } from '#core/verbs/remediate.ts';
import { retrieveFiles } from '#core/verbs/retrieve-files.ts';
import { administrator } from '#kit/fleet.ts';
import { badHash, badPath, type CortexWorld, goodPath, openWorld } from '../cortex/world.ts';
import type { Recorded } from './outsider.ts';

/** Two machines, of which one file is in a vault, and others were fetched, for an incident. */
export async function openNativeFleet(): Promise<CortexWorld> {
  const world = await openWorld();
  const { ports, web, mac } = world;
  const origin = { principal: administrator, dialect: 'native' } as const;
  const endpointIds = [web.endpoint.id, mac.endpoint.id];
  const path = parsePath(badPath);
  const { incident } = await createIncident(ports, {
    ...{ origin, name: 'something went bad', description: '', severity: 'high', endpointIds },
    files: [{ endpointId: web.endpoint.id, path, sha256: badHash }],
    processes: [{ endpointId: web.endpoint.id, path, pid: 7 }],
  });
  const ordered = { ...origin, incidentId: incident.id };
  await quarantineFiles(ports, { origin: ordered, endpointIds, path, sha256: badHash });
  await retrieveFiles(ports, {
    origin: ordered,
    endpointIds,
    paths: { linux: [parsePath(goodPath)] },
  });
  await remediate(ports, {
    origin: ordered,
    rows: [{ machine: machineGuid(web.endpoint.number), target: null, actionType: 'quarantine', remedy: 'quarantine' }],
  });
  await archiveEndpoints(ports, {
    request: { principal: administrator, name: 'archive', facts: null },
    endpointIds: [web.endpoint.id],
    reason: '',
  });
  await planRestore(ports, { origin: ordered, sha256: badHash });
  await world.work();
  // It waits for a second person.
  const overriding = { origin: ordered, path, sha256: badHash, overrideProtection: true };
  await quarantineFiles(ports, { ...overriding, endpointIds: [web.endpoint.id, mac.endpoint.id] });
  const email = 'someone@example.com';
  await createUser(ports, administrator, { email, password: 'a long password', role: 'Viewer' });
  await createKey(ports, administrator, { name: 'other', role: 'Viewer', level: 'standard', expiresAt: null });
  return world;
}

/** Every call of the native API, about everything that there is. */
export async function nativeRequests(world: CortexWorld): Promise<readonly Recorded[]> {
  return callsAbout(world, await known(world)).map(([method, path, body]) => ({
    method,
    path: `/api/v1${path}`,
    headers: { 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }));
}

async function known({ ports }: CortexWorld) {
  const page = { offset: 0, limit: 10 };
  return ports.store.read(async ({ actions, approvals, tasks, incidents, quarantine, fleetActions, remediations }) => {
    const { items } = await actions.list({}, page);
    const fetch = items.find(({ verb }) => verb === 'fetch');
    const incident = (await incidents.list({}, page)).items[0];
    const taken = items.findLast(({ verb }) => verb === 'quarantine');
    return {
      fetch: fetch?.id ?? '',
      taken: taken?.id ?? '',
      planned: items.find(({ verb }) => verb === 'plan')?.id ?? '',
      waiting: (await approvals.list({}, page)).items[0] ?? { actionId: '', digest: '' },
      task: (await tasks.byActions(items.map(({ id }) => id))).find(({ actionId }) => actionId === fetch?.id)?.id ?? '',
      incident: incident?.id ?? '',
      batch: (await fleetActions.list({}, page)).items[0]?.batchNumber ?? 0,
      remediation: (await remediations.list(incident?.guid ?? null, page)).items[0]?.id ?? '',
      held: (await quarantine.list({}, page)).items[0]?.vaultObject ?? '',
    };
  });
}

type Call = readonly [string, string, Json?];

type Known = Awaited<ReturnType<typeof known>>;

function callsAbout(world: CortexWorld, about: Known): readonly Call[] {
  const { web, mac } = world;
  const { fetch, taken, planned, waiting, task, incident, held } = about;
  const endpointIds = [web.endpoint.id, mac.endpoint.id];
  const endpointId = web.endpoint.id;
  const guids = [goodPath, badPath].map((path) => fileGuid(web.endpoint.number, parsePath(path)));
  const files = [{ endpointId, path: goodPath }];
  return [
    ['GET', '/server'],
    ['GET', '/endpoints'],
    ['GET', `/endpoints?id=${endpointId}&hostName=web-1`],
    ['GET', `/endpoints/${endpointId}`],
    ['POST', `/endpoints/${endpointId}/copies/settle`, { accept: null }],
    ['POST', '/endpoints/rename', { endpointIds, alias: 'renamed' }],
    ['POST', '/endpoints/tag', { endpointIds, add: ['borne by no endpoint'], remove: [] }],
    ['POST', '/endpoints/archive', { endpointIds, reason: 'x' }],
    ['POST', '/endpoints/unarchive', { endpointIds, reason: 'x' }],
    ['POST', '/files/search', {}],
    [
      'POST',
      '/files/search',
      { conditions: [{ field: 'sha256', values: [badHash] }], states: ['gone', 'quarantined'] },
    ],
    ...guids.map((guid) => ['GET', `/files/${guid}`] as const),
    ['GET', '/quarantine'],
    ['GET', `/quarantine?endpointId=${endpointId}&vaultObject=${held}`],
    ['GET', '/quarantine/hashes'],
    ['GET', `/quarantine/hashes?endpointId=${endpointId}&pathContains=a`],
    ['GET', '/actions'],
    ['GET', `/actions?incidentId=${incident}`],
    ['GET', `/actions/${fetch}`],
    ['GET', `/actions/${taken}`],
    ['GET', '/approvals'],
    ['GET', '/approvals?state=all'],
    ['GET', `/approvals/${waiting.actionId}`],
    ['GET', `/actions/${waiting.actionId}`],
    ['POST', `/approvals/${waiting.actionId}/approve`, { digest: waiting.digest }],
    ['POST', `/approvals/${waiting.actionId}/refuse`, { reason: 'x' }],
    ['POST', '/actions/fetch', { guids }],
    ['POST', '/actions/retrieve', { endpointIds, paths: [goodPath] }],
    ['POST', '/actions/quarantine', { endpointIds, path: goodPath, sha256: badHash }],
    ['POST', '/actions/quarantine', { endpointIds, sha256: badHash }],
    ['POST', '/actions/restore', { sha256: badHash }],
    ['POST', '/actions/restore', { sha256: badHash, endpointId, vaultObject: held }],
    ['POST', '/actions/restore/token', { sha256: badHash, endpointId, vaultObject: held }],
    ['POST', '/actions/purge', { endpointId, sha256: badHash }],
    ['POST', '/actions/purge', { endpointId, sha256: badHash, vaultObject: held }],
    ['POST', '/actions/search', { endpointIds: 'all', pattern: { by: 'glob', glob: '/srv/**' } }],
    ['POST', '/actions/search', { endpointIds, pattern: { by: 'sha256', sha256: badHash } }],
    ['POST', '/actions/scan', { endpointIds: 'all' }],
    ['POST', '/actions/scan', { endpointIds }],
    ['POST', `/actions/${fetch}/close`],
    ['POST', `/actions/${taken}/cancel`],
    ['POST', `/actions/${taken}/undo`, {}],
    ['POST', '/restore-plans', { sha256: badHash }],
    ['GET', `/restore-plans/${planned}`],
    ['POST', `/restore-plans/${planned}/run`, { digest: '0'.repeat(64) }],
    ...retryCalls({ taken, fetch }, endpointIds),
    ['POST', `/actions/${waiting.actionId}/resume`, { reason: 'x' }],
    ...evidenceCalls({ fetch, task, incident }, guids),
    ...accessCalls,
    ['GET', '/hashes'],
    ['POST', '/hashes', { hashes: [badHash], list: 'block', quarantineExisting: true }],
    ['POST', '/hashes/forget', { hashes: [badHash] }],
    ['GET', '/incidents'],
    ['GET', `/incidents?endpointId=${endpointId}`],
    ['GET', `/incidents/${incident}`],
    ['GET', `/incidents/${incident}/timeline`],
    ['POST', '/incidents', { name: 'a new one', files }],
    ['POST', '/incidents', { name: 'another new one' }],
    ['POST', `/incidents/${incident}/changes`, { status: 'closed' }],
    ['POST', `/incidents/${incident}/observations`, { files }],
    ['POST', `/incidents/${incident}/comments`, { text: 'x' }],
    ...laterCalls(world, about),
    ['POST', `/incidents/${incident}/hold`, { reason: 'x' }],
    ['POST', `/incidents/${incident}/release`, { reason: 'x' }],
    ['GET', '/events'],
    ...streamCalls(endpointId, about),
    ['GET', `/events?endpointId=${endpointId}`],
    ['GET', `/events?actionId=${taken}`],
    ['GET', '/ledger'],
    ['GET', '/ledger/events/1'],
    ['GET', '/metrics'],
  ];
}

function retryCalls({ taken, fetch }: Pick<Known, 'taken' | 'fetch'>, endpointIds: readonly string[]): readonly Call[] {
  return [
    ['POST', `/actions/${taken}/retry`, {}],
    ['POST', `/actions/${fetch}/retry`, { endpointIds }],
    ['POST', `/actions/${taken}/confirm`, {}],
  ];
}

function streamCalls(endpointId: string, { taken, fetch, incident }: Known): readonly Call[] {
  return [
    ['GET', '/events/stream?after=0'],
    ['GET', `/events/stream?after=0&endpointId=${endpointId}`],
    ['GET', `/events/stream?after=0&incidentId=${incident}`],
    ['GET', `/actions/${taken}/stream`],
    ['GET', `/actions/${fetch}/stream`],
  ];
}

function evidenceCalls(
  { fetch, task, incident }: Pick<Known, 'fetch' | 'task' | 'incident'>,
  guids: readonly string[],
): readonly Call[] {
  return [
    ['GET', `/actions/${fetch}/tasks/${task}/evidence/0`],
    ['GET', `/actions/${fetch}/evidence`],
    ['GET', `/actions/${fetch}/tasks/${task}/evidence/0/view`],
    ['GET', '/evidence'],
    ['GET', '/evidence/retention'],
    ['POST', '/evidence/retention', { days: 30 }],
    ['POST', `/evidence/${badHash}/deletion`, { reason: 'x' }],
    ['POST', '/bundles', { subject: { kind: 'action', id: fetch } }],
    ['POST', '/bundles', { subject: { kind: 'incident', id: incident } }],
    ...guids.map((guid) => ['POST', '/bundles', { subject: { kind: 'file', id: guid } }] as const),
  ];
}

/** Who may do what, and which machines enrol. */
const accessCalls: readonly Call[] = [
  ['GET', '/keys'],
  ['POST', '/keys', { role: 'Viewer', level: 'standard' }],
  ['DELETE', '/keys/1'],
  ['GET', '/users'],
  ['POST', '/users', { email: 'new@example.com', password: 'a long password', role: 'Viewer' }],
  ['POST', '/users/password/expire', { email: 'someone@example.com' }],
  ['POST', '/users/link', { email: 'someone@example.com', subject: 's' }],
  ['POST', '/users/second-factor/reset', { email: 'someone@example.com' }],
  ['POST', '/users/someone@example.com/changes', { role: 'Investigator' }],
  ['POST', '/users/someone@example.com/password/reset', { password: 'another password' }],
  ['GET', '/users/someone@example.com/sessions'],
  ['DELETE', '/users/someone@example.com/sessions'],
  ['DELETE', '/users/someone@example.com'],
  ['GET', '/roles'],
  ['POST', '/roles', { name: 'Night desk', permissions: ['files.read'] }],
  ['POST', '/roles/Night%20desk/changes', { permissions: [] }],
  ['DELETE', '/roles/Night%20desk'],
  ['GET', '/enrolment-tokens'],
  ['POST', '/enrolment-tokens', { uses: 1, lifetimeSeconds: 60, tags: ['borne by no endpoint'] }],
  ['DELETE', '/enrolment-tokens/1'],
];

const noWebhook = '0123456789abcdef';

const webhookCalls: readonly Call[] = [
  ['GET', '/webhooks'],
  ['POST', '/webhooks', { name: 'x', url: 'https://hooks.example.org/' }],
  ['POST', `/webhooks/${noWebhook}/changes`, { paused: true }],
  ['POST', `/webhooks/${noWebhook}/secret`, {}],
  ['POST', `/webhooks/${noWebhook}/test`],
  ['GET', `/webhooks/${noWebhook}/dead-letters`],
  ['POST', `/webhooks/${noWebhook}/dead-letters/redeliver`, {}],
  ['POST', `/webhooks/${noWebhook}/dead-letters/drop`, {}],
  ['DELETE', `/webhooks/${noWebhook}`],
];

/** An outsider's own remediation tells in the outsider's words what was asked: what others did is read before. */
function laterCalls({ web, mac }: CortexWorld, { incident, batch, remediation }: Known): readonly Call[] {
  const endpointIds = [web.endpoint.id, mac.endpoint.id];
  const endpointId = web.endpoint.id;
  const row = (remedy: string, path: string) => {
    return { remedy, endpointId, target: fileGuid(web.endpoint.number, parsePath(path)) };
  };
  return [
    ['POST', '/endpoints/revoke', { endpointIds: [mac.endpoint.id], reason: 'x' }],
    ['GET', '/endpoint-counts'],
    ['GET', '/actions?status=completed_successfully&status=failed'],
    ['GET', '/action-counts'],
    ['GET', '/fleet-actions'],
    ['GET', `/fleet-actions/${batch}`],
    ['POST', '/quarantine/preview', { sha256: badHash }],
    ['POST', '/actions/quarantine', { endpointIds: 'holders', path: null, sha256: badHash }],
    ['POST', '/quarantine/status', { files: [{ endpointId, path: badPath, sha256: badHash }] }],
    ['POST', '/actions/scan/abort', { endpointIds }],
    ['POST', '/actions/logs', { endpointIds: 'all' }],
    ['POST', '/actions/logs', { endpointIds }],
    ['GET', '/alerts'],
    ['GET', `/alerts?incidentId=${incident}`],
    ['POST', '/alerts', { alerts: [{ name: 'x', severity: 'low', source: 'x', hostName: 'web-1' }] }],
    ['GET', `/incidents/${incident}/remedies`],
    ['GET', `/remediations?incidentId=${incident}`],
    ['GET', `/remediations/${remediation}`],
    ['POST', `/remediations/${remediation}/abort`],
    ['POST', '/remediations', { incidentId: incident, rows: [row('quarantine', goodPath)] }],
    ['POST', '/remediations', { incidentId: 'another', rows: [row('restore', badPath)] }],
    ['POST', '/server/clock/accept', { reason: 'x' }],
    ['GET', '/server/installation'],
    ['GET', '/enrolment'],
    ['GET', '/emergency-stop'],
    ['POST', '/emergency-stop/engage', { reason: 'x' }],
    ['POST', '/emergency-stop/release', { reason: 'x' }],
    ...webhookCalls,
    ['GET', '/settings/action-lifetimes'],
    ['POST', '/settings/action-lifetimes', { fetch: 7_200 }],
  ];
}
