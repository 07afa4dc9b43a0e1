import { expect, test } from 'bun:test';
import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import { Fault } from '#core/fault.ts';
import { parsePath } from '#core/file/file-path.ts';
import { compactGuid, endpointNumberOf, isMachineGuid, parseGuid } from '#core/file/guid.ts';
import type { Incident } from '#core/incident/incident.ts';
import { changeIncident } from '#core/verbs/change-incident.ts';
import { commentOnIncident } from '#core/verbs/comment-on-incident.ts';
import { createIncident, type NewIncident } from '#core/verbs/create-incident.ts';
import { observeIncident } from '#core/verbs/observe-incident.ts';
import { quarantineFiles } from '#core/verbs/quarantine-files.ts';
import { readIncident } from '#core/verbs/read-incident.ts';
import { restoreFiles } from '#core/verbs/restore-files.ts';
import { startFetch } from '#core/verbs/start-fetch.ts';
import { startAgent } from '#kit/agent.ts';
import { administrator, enrolMachine, fileFacts, inventory, sha256Of } from '#kit/fleet.ts';
import { openPorts, type TestPorts } from '#kit/ports.ts';

const bytes = new TextEncoder().encode('evil');
const path = parsePath('/srv/evil');

async function openFleet() {
  const ports = await openPorts();
  const endpoint = await enrolMachine(ports);
  await inventory(ports, endpoint, [fileFacts('/srv/evil', bytes)]);
  const create = (more: Partial<NewIncident> = {}) =>
    createIncident(ports, {
      origin: { principal: administrator, dialect: 'native' },
      ...{ name: 'evil was seen', description: '', severity: 'high', endpointIds: [], files: [], processes: [] },
      ...more,
    });
  return { ports, endpoint, create };
}

async function timeline(ports: TestPorts, { id }: Incident) {
  return ports.store.read(({ events }) => events.list({ incidentId: id }, 0, 100));
}

async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
  const thrown: unknown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  return thrown instanceof Fault ? thrown.code : undefined;
}

test('an incident is found by its id and by its GUID in both spellings, with all that was observed', async () => {
  const { ports, endpoint, create } = await openFleet();
  await using _ = ports;
  const process = { endpointId: endpoint.id, path, pid: 7, commandLine: 'evil -x', startedAt: 1_000 };
  const { incident, created } = await create({
    files: [{ endpointId: endpoint.id, path, sha256: sha256Of(bytes) }],
    processes: [process, { ...process, pid: 8 }],
  });
  expect(created).toBe(true);
  for (const name of [incident.id, incident.guid, compactGuid(incident.guid), ` ${incident.id} `]) {
    const whole = await readIncident(ports, name);
    expect(whole.incident).toEqual(incident);
    expect(whole.endpointIds).toEqual([endpoint.id]);
    expect(whole.files.map(({ displayPath }) => displayPath)).toEqual(['/srv/evil']);
    expect(whole.processes.map(({ pid, name: program }) => [pid, program])).toEqual([
      [7, 'evil'],
      [8, 'evil'],
    ]);
    expect(whole.processes.every(({ guid }) => endpointNumberOf(guid) === endpoint.number)).toBe(true);
  }
  expect(incident.guid).toMatch(/^11\.-?\d{1,19}$/);
  expect(parseGuid(compactGuid(incident.guid))).toBe(incident.guid);
  expect(isMachineGuid(incident.guid)).toBe(false);
  expect(await codeOf(readIncident(ports, '11.5'))).toBe('not_found');
  expect(await codeOf(readIncident(ports, 'nonsense'))).toBe('not_found');
});

test('an incident that its system reports again is the one that there is', async () => {
  const { ports, endpoint, create } = await openFleet();
  await using _ = ports;
  const first = await create({ externalId: 'siem-1' });
  const again = await create({ externalId: 'siem-1', name: 'other', endpointIds: [endpoint.id] });
  expect(again).toEqual({ incident: first.incident, created: false });
  expect((await create({ externalId: 'siem-2' })).created).toBe(true);
  expect(await timeline(ports, first.incident)).toHaveLength(1);
});

test('an unknown endpoint and too many observations open nothing', async () => {
  const { ports, endpoint, create } = await openFleet();
  await using _ = ports;
  const stranger = '0'.repeat(32) as EndpointId;
  expect(await codeOf(create({ endpointIds: [stranger] }))).toBe('not_found');
  expect(await codeOf(create({ files: Array(1_001).fill({ endpointId: endpoint.id, path }) }))).toBe('limit_exceeded');
  expect(await codeOf(create({ name: ' ' }))).toBe('invalid_request');
  const all = await ports.store.read(({ incidents }) => incidents.list({}, { offset: 0, limit: 9 }));
  expect(all.total).toBe(0);
});

test('changes, comments and observations stand in the timeline; what changes nothing does not', async () => {
  const { ports, endpoint, create } = await openFleet();
  await using _ = ports;
  const { incident } = await create();
  ports.clock.advance(1_000);
  const resolved = await changeIncident(ports, administrator, {
    incident: incident.guid,
    changes: { status: 'resolved_false_positive', severity: 'high' },
  });
  expect(resolved).toMatchObject({ status: 'resolved_false_positive', resolvedAt: ports.clock.now() });
  const same = await changeIncident(ports, administrator, {
    incident: incident.id,
    changes: { status: 'resolved_false_positive' },
  });
  expect(same).toEqual(resolved);
  const reopened = await changeIncident(ports, administrator, {
    incident: incident.id,
    changes: { status: 'reopened', assignedTo: 'ana@example.com' },
  });
  expect(reopened).toMatchObject({ resolvedAt: null, assignedTo: 'ana@example.com' });
  await commentOnIncident(ports, administrator, { incident: incident.id, text: 'looked at it' });
  const observed = { incident: incident.id, endpointIds: [endpoint.id], files: [], processes: [] };
  await observeIncident(ports, administrator, observed);
  expect(await codeOf(commentOnIncident(ports, administrator, { incident: incident.id, text: ' ' }))).toBe(
    'invalid_request',
  );
  const events = await timeline(ports, incident);
  expect(events.map(({ type, facts }) => [type, facts])).toEqual([
    ['incident_created', expect.objectContaining({ name: 'evil was seen' })],
    ['incident_changed', { status: 'resolved_false_positive' }],
    ['incident_changed', { status: 'reopened', assignedTo: 'ana@example.com' }],
    ['incident_commented', expect.objectContaining({ text: 'looked at it' })],
    ['incident_changed', { added: { endpoints: 1, files: 0, processes: 0 } }],
  ]);
});

test('everything that is ordered for an incident, under whichever of its names, stands in its timeline to the end', async () => {
  const { ports, endpoint, create } = await openFleet();
  await using _ = ports;
  const agent = startAgent(ports, endpoint, { '/srv/evil': bytes });
  const { incident } = await create();
  const { incident: other } = await create();
  const origin = (incidentId: string, dialect: 'native' | 'cortex' | 'cybereason') =>
    ({ principal: administrator, dialect, incidentId }) as const;
  const file = await ports.store.read(({ files }) =>
    files.list({ conditions: [], states: ['present'] }, { offset: 0, limit: 1 }),
  );
  await startFetch(ports, {
    origin: origin(compactGuid(incident.guid), 'cybereason'),
    guids: [file.items[0]?.guid ?? ''],
  });
  await agent.work();
  const sha256 = sha256Of(bytes);
  await quarantineFiles(ports, { origin: origin(incident.id, 'cortex'), endpointIds: [endpoint.id], path, sha256 });
  await agent.work();
  await restoreFiles(ports, { origin: origin(incident.guid, 'native'), sha256 });
  await agent.work();
  await restoreFiles(ports, { origin: origin('no such incident', 'native'), sha256 });
  const events = (await timeline(ports, incident)).filter(
    ({ type }) => type.startsWith('action') || type === 'task_finished',
  );
  expect(events.map(({ type, facts }) => facts['verb'] ?? type)).toEqual([
    'fetch',
    'task_finished',
    'quarantine',
    'task_finished',
    'restore',
    'task_finished',
  ]);
  expect(await timeline(ports, other)).toHaveLength(1);
  const listed = await ports.store.read(({ actions }) => actions.list({}, { offset: 0, limit: 9 }));
  // Actions of one millisecond are listed in any order.
  expect(listed.items.map(({ incidentId }) => incidentId).toSorted()).toEqual([
    incident.id,
    incident.id,
    incident.id,
    'no such incident',
  ]);
});

test('a file that is named without a hash is the one that lies there at that moment, whatever takes its place', async () => {
  const { ports, endpoint, create } = await openFleet();
  await using _ = ports;
  const on = { endpointId: endpoint.id, path };
  const { incident } = await create({ files: [on], processes: [{ ...on, pid: 7 }] });
  await inventory(ports, endpoint, [fileFacts('/srv/evil', new TextEncoder().encode('another'))]);
  const again = { incident: incident.id, endpointIds: [], files: [on], processes: [{ ...on, pid: 8 }] };
  await observeIncident(ports, administrator, again);
  const whole = await readIncident(ports, incident.id);
  expect(whole.files.map(({ sha256 }) => sha256)).toEqual([sha256Of(bytes)]);
  expect(whole.processes.map(({ pid, sha256 }) => [pid, sha256])).toEqual([
    [7, sha256Of(bytes)],
    [8, null],
  ]);
});

test('a hash that is told is kept, of a file and of its program, and one that nobody knows is none', async () => {
  const { ports, endpoint, create } = await openFleet();
  await using _ = ports;
  const on = { endpointId: endpoint.id, path };
  const told = sha256Of(new TextEncoder().encode('as it was'));
  const { incident } = await create({
    files: [{ ...on, sha256: told }, on, { endpointId: endpoint.id, path: parsePath('/opt/unseen') }],
    processes: [{ ...on, pid: 7 }],
  });
  const whole = await readIncident(ports, incident.id);
  expect(whole.files.map(({ sha256 }) => sha256)).toEqual([told, null]);
  expect(whole.processes.map(({ sha256 }) => sha256)).toEqual([null]);
});
