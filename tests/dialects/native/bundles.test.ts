import { expect, test } from 'bun:test';
import type { Permission } from '#core/access/permission.ts';
import { parsePath } from '#core/file/file-path.ts';
import { createIncident } from '#core/verbs/create-incident.ts';
import { createRole } from '#core/verbs/create-role.ts';
import { retrieveFiles } from '#core/verbs/retrieve-files.ts';
import { administrator, enrolMachine } from '#kit/fleet.ts';
import { openNative } from './world.ts';

test('A bundle holds every event of its subject, so that exporting takes the permission to read them as well.', async () => {
  await using world = await openNative();
  const { ports } = world;
  const endpoint = await enrolMachine(ports);
  const origin = { principal: administrator, dialect: 'native' } as const;
  const paths = { linux: [parsePath('/srv/file')] };
  const action = await retrieveFiles(ports, { origin, endpointIds: [endpoint.id], paths });
  const { incident } = await createIncident(ports, {
    ...{ origin, name: 'phish', description: '', severity: 'high', endpointIds: [], files: [], processes: [] },
  });
  const permissions: readonly Permission[] = ['evidence.download', 'events.read', 'incidents.read'];
  const subjects = [
    { kind: 'action', id: action.id },
    { kind: 'incident', id: incident.id },
  ] as const;
  for (const missing of [undefined, ...permissions]) {
    const name = missing === undefined ? 'all' : `without ${missing}`;
    await createRole(ports, administrator, { name, permissions: permissions.filter((each) => each !== missing) });
    const headers = { authorization: await world.authorizationOf(name) };
    for (const subject of subjects) {
      const answer = await world.ask('/bundles', { method: 'POST', headers, body: { subject }, local: false });
      const isEnough = missing === undefined || (missing === 'incidents.read' && subject.kind === 'action');
      expect([name, subject.kind, answer.status]).toEqual([name, subject.kind, isEnough ? 200 : 403]);
      await answer.arrayBuffer();
    }
  }
});
