import type { Json } from '#core/custody/event.ts';
import { parsePath } from '#core/file/file-path.ts';
import { fileGuid } from '#core/file/guid.ts';
import { createIncident } from '#core/verbs/create-incident.ts';
import { createKey } from '#core/verbs/create-key.ts';
import { createUser } from '#core/verbs/create-user.ts';
import { quarantineFiles } from '#core/verbs/quarantine-files.ts';
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
  await world.work();
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
  return ports.store.read(async ({ actions, tasks, incidents, quarantine }) => {
    const { items } = await actions.list({}, page);
    const fetch = items.find(({ verb }) => verb === 'fetch');
    const taken = items.find(({ verb }) => verb === 'quarantine');
    return {
      fetch: fetch?.id ?? '',
      taken: taken?.id ?? '',
      task: (await tasks.byActions(items.map(({ id }) => id))).find(({ actionId }) => actionId === fetch?.id)?.id ?? '',
      incident: (await incidents.list({}, page)).items[0]?.id ?? '',
      held: (await quarantine.list({}, page)).items[0]?.vaultObject ?? '',
    };
  });
}

type Call = readonly [string, string, Json?];

function callsAbout({ web, mac }: CortexWorld, about: Awaited<ReturnType<typeof known>>): readonly Call[] {
  const { fetch, taken, task, incident, held } = about;
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
    ['GET', '/actions'],
    ['GET', `/actions?incidentId=${incident}`],
    ['GET', `/actions/${fetch}`],
    ['GET', `/actions/${taken}`],
    ['POST', '/actions/fetch', { guids }],
    ['POST', '/actions/retrieve', { endpointIds, paths: [goodPath] }],
    ['POST', '/actions/quarantine', { endpointIds, path: goodPath, sha256: badHash }],
    ['POST', '/actions/quarantine', { endpointIds, sha256: badHash }],
    ['POST', '/actions/restore', { sha256: badHash }],
    ['POST', '/actions/restore', { sha256: badHash, endpointId, vaultObject: held }],
    ['POST', '/actions/purge', { endpointId, sha256: badHash }],
    ['POST', '/actions/purge', { endpointId, sha256: badHash, vaultObject: held }],
    ['POST', '/actions/search', { endpointIds: 'all', pattern: { by: 'glob', glob: '/srv/**' } }],
    ['POST', '/actions/search', { endpointIds, pattern: { by: 'sha256', sha256: badHash } }],
    ['POST', '/actions/scan', { endpointIds: 'all' }],
    ['POST', '/actions/scan', { endpointIds }],
    ['POST', `/actions/${fetch}/close`],
    ['POST', `/actions/${taken}/cancel`],
    ['GET', `/actions/${fetch}/tasks/${task}/evidence/0`],
    ['GET', `/actions/${fetch}/evidence`],
    ['GET', '/keys'],
    ['POST', '/keys', { role: 'Viewer', level: 'standard' }],
    ['DELETE', '/keys/1'],
    ['GET', '/users'],
    ['POST', '/users', { email: 'new@example.com', password: 'a long password', role: 'Viewer' }],
    ['POST', '/users/password/expire', { email: 'someone@example.com' }],
    ['POST', '/users/second-factor/reset', { email: 'someone@example.com' }],
    ['GET', '/enrolment-tokens'],
    ['POST', '/enrolment-tokens', { uses: 1, lifetimeSeconds: 60, tags: ['borne by no endpoint'] }],
    ['DELETE', '/enrolment-tokens/1'],
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
    ['GET', '/events'],
    ['GET', `/events?endpointId=${endpointId}`],
    ['GET', `/events?actionId=${taken}`],
    ['GET', '/ledger'],
    ['GET', '/ledger/events/1'],
    ['GET', '/metrics'],
  ];
}
