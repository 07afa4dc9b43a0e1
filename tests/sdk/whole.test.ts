import { expect, test } from 'bun:test';
import { parsePath } from '#core/file/file-path.ts';
import { fileGuid } from '#core/file/guid.ts';
import { createNativeDialect } from '#dialects/native/index.ts';
import { startAgent, type TestAgent } from '#kit/agent.ts';
import { enrolMachine, fileFacts, inventory, sha256Of } from '#kit/fleet.ts';
import { openPorts } from '#kit/ports.ts';
import { ApiError } from '#sdk/api-error.ts';
import { createClient } from '#sdk/client.ts';
import type { Send } from '#sdk/send.ts';

const bytes = new TextEncoder().encode('the bytes of a bad file');
const path = '/srv/bad.bin';
const sha256 = sha256Of(bytes);

/** Two machines with the same file, and a client that may do everything. */
async function openFleet() {
  const ports = await openPorts();
  const dialect = createNativeDialect(ports);
  const agents: TestAgent[] = [];
  for (const hostName of ['web-1', 'db-1']) {
    const endpoint = await enrolMachine(ports, { hostName });
    await inventory(ports, endpoint, [fileFacts(path, bytes)]);
    agents.push(startAgent(ports, endpoint, { [path]: bytes }));
  }
  const [web, db] = agents as [TestAgent, TestAgent];
  const work = async () => {
    await web.work();
    await db.work();
  };
  const send: Send = ({ method, path: where, headers, body }) =>
    dialect.handle(
      new Request(`https://custody.test${where}`, { method, headers, ...(body !== undefined && { body }) }),
      { remoteAddress: 'local', local: true },
    );
  const client = createClient({ pause: work, send });
  return { ports, client, send, web: web.endpoint, db: db.endpoint, agents: { web, db }, work };
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ApiError) {
      return error.code;
    }
    throw error;
  }
  return 'none';
}

const nobody = '0'.repeat(32);

test('endpoints are removed for good, but never one whose vault holds a file', async () => {
  const { ports, client, web, db } = await openFleet();
  await using _ = ports;
  const { id } = await client.quarantineFile({ endpointIds: [web.id], path, sha256 });
  await client.waitForAction(id);
  const removed = await client.revokeEndpoints({ endpointIds: [web.id, db.id, nobody], reason: 'sold' });
  expect(removed).toMatchObject({
    endpointIds: [db.id],
    kept: [{ endpointId: web.id, message: expect.stringContaining('restore or purge') }],
    unknown: [nobody],
  });
  expect((await client.listEndpoints({ revoked: 'true' })).items.map((item) => item.id)).toEqual([db.id]);
  expect((await client.listEndpoints({ revoked: 'false' })).items.map((item) => item.id)).toEqual([web.id]);
  expect(await client.countEndpoints()).toEqual({ connected: 1, disconnected: 0, lost: 0, archived: 0 });
  expect((await client.listEvents({ type: ['endpoint_revoked'] })).items).toMatchObject([
    { endpointId: db.id, facts: { reason: 'sold' } },
  ]);
  expect((await client.listFleetActions({ kind: ['delete'] })).items).toMatchObject([
    { batchNumber: removed.batchNumber, kind: 'delete', actionId: null, endpointsCount: 2, done: 1, failed: 1 },
  ]);
  expect(await client.readFleetAction(removed.batchNumber)).toMatchObject({
    total: 2,
    rows: [
      { endpointId: web.id, done: false },
      { endpointId: db.id, done: true },
    ],
  });
  await client.restoreFile({ sha256 });
  await client.waitForAction((await client.listActions({ verb: ['restore'] })).items[0]?.id ?? '');
  expect((await client.revokeEndpoints({ endpointIds: [web.id] })).endpointIds).toEqual([web.id]);
  expect(await codeOf(client.revokeEndpoints({ endpointIds: [web.id] }))).toBe('no_target');
  expect(await codeOf(client.readFleetAction(1))).toBe('not_found');
});

test('endpoints are found by what they are called, bear and did last', async () => {
  const { ports, client, web, db, work } = await openFleet();
  await using _ = ports;
  await client.renameEndpoints({ endpointIds: [web.id], alias: 'Front door' });
  await client.tagEndpoints({ endpointIds: [db.id], add: ['prod'] });
  const scan = await client.startScan({ endpointIds: [db.id] });
  await work();
  expect((await client.readAction(scan.id)).status).toBe('completed_successfully');
  type Query = NonNullable<Parameters<typeof client.listEndpoints>[0]>;
  const found = async (query: Query) => (await client.listEndpoints(query)).items.map((item) => item.hostName);
  expect(await found({ aliasContains: ['front'] })).toEqual(['web-1']);
  expect(await found({ tag: ['prod'] })).toEqual(['db-1']);
  expect(await found({ tag: ['PROD'] })).toEqual([]);
  expect(await found({ number: [web.number] })).toEqual(['web-1']);
  expect(await found({ number: [3] })).toEqual([]);
  expect(await found({ lastScan: ['success'] })).toEqual(['db-1']);
  expect(await found({ lastScan: ['none'] })).toEqual(['web-1']);
  const later = new Date(ports.clock.now() + 1_000).toISOString();
  expect(await found({ enrolledTo: later })).toEqual(['db-1', 'web-1']);
  expect(await found({ enrolledFrom: later })).toEqual([]);
  expect(await found({ lastSeenFrom: later })).toEqual([]);
  expect(await found({ archived: 'true' })).toEqual([]);
  expect(await client.readEndpoint(db.id)).toMatchObject({ lastScan: 'success' });
});

test('scans are stopped whoever ordered them, and only where there is one', async () => {
  const { ports, client, web, db } = await openFleet();
  await using _ = ports;
  const { id } = await client.startScan({ endpointIds: 'all' });
  expect(await client.abortScans({ endpointIds: [web.id] })).toEqual({ actionId: id, endpointsCount: 1 });
  expect((await client.readAction(id)).tasks.map((task) => [task.endpointId, task.state])).toContainEqual([
    web.id,
    'cancelled',
  ]);
  expect(await client.abortScans({ endpointIds: 'all' })).toEqual({ actionId: id, endpointsCount: 1 });
  expect(await codeOf(client.abortScans({ endpointIds: [db.id] }))).toBe('no_target');
});

test('agents send their logs, which are downloaded as one ZIP', async () => {
  const { ports, client } = await openFleet();
  await using _ = ports;
  const { id, verb } = await client.fetchLogs({ endpointIds: 'all' });
  expect(verb).toBe('logs');
  expect(await client.waitForAction(id)).toMatchObject({ status: 'completed_successfully', endpointsCount: 2 });
  const archive = await new Response((await client.downloadAction(id)).body).bytes();
  expect(new TextDecoder().decode(archive.subarray(0, 2))).toBe('PK');
  expect((await client.listFleetActions()).items).toMatchObject([{ kind: 'logs', actionId: id }]);
  expect(await codeOf(client.fetchLogs({ endpointIds: [nobody] }))).toBe('no_target');
});

test('agents that are asked to work twice at once do each order once', async () => {
  const { ports, client, work } = await openFleet();
  await using _ = ports;
  const { id } = await client.fetchLogs({ endpointIds: 'all' });
  await Promise.all([work(), work(), work()]);
  expect(await client.readAction(id)).toMatchObject({ status: 'completed_successfully', endpointsCount: 2 });
  const { items } = await client.listEvents({ actionId: id });
  expect(items.filter(({ type }) => type === 'evidence_stored')).toHaveLength(2);
});

test('whichever file stands at a path is taken, and what is in quarantine is told for each file', async () => {
  const { ports, client, agents, web, db } = await openFleet();
  await using _ = ports;
  const other = new TextEncoder().encode('other bytes');
  agents.web.disk.set(path, other);
  const { id } = await client.quarantineFile({ endpointIds: [web.id], path, sha256: null });
  expect((await client.waitForAction(id)).tasks[0]?.files).toMatchObject([
    { outcome: 'done', sha256: sha256Of(other) },
  ]);
  const asked = [
    { endpointId: web.id, path, sha256: sha256Of(other) },
    { endpointId: web.id, path, sha256 },
    { endpointId: db.id, path, sha256: sha256Of(other) },
  ];
  const { items } = await client.readQuarantineStatus({ files: asked });
  expect(items).toEqual(asked.map((file, index) => ({ ...file, quarantined: index === 0 })));
  const neither = client.quarantineFile({ endpointIds: [web.id], path: null, sha256: null });
  expect(await codeOf(neither)).toBe('invalid_request');
});

test('a quarantine is previewed, and ordered for just what was seen', async () => {
  const { ports, client, agents } = await openFleet();
  await using _ = ports;
  const { targets, seen, fleet } = await client.previewQuarantine({ sha256 });
  expect({ seen: seen.endpoints, fleet: fleet.percent }).toEqual({ seen: targets.endpoints, fleet: 100 });
  const order = { endpointIds: 'holders', path: null, sha256 } as const;
  expect(await codeOf(client.quarantineFile({ ...order, targetDigest: '0'.repeat(64) }))).toBe('conflict');
  const { id } = await client.quarantineFile({ ...order, targetDigest: targets.digest });
  expect((await client.waitForAction(id)).status).toBe('completed_successfully');
  expect([agents.web.disk.size, agents.db.disk.size]).toEqual([0, 0]);
});

test('how long orders wait is set in seconds, within bounds, for what is named', async () => {
  const { ports, client, web } = await openFleet();
  await using _ = ports;
  const before = await client.readLifetimes();
  expect(await client.changeLifetimes({ fetch: 7_200 })).toEqual({ ...before, fetch: 7_200 });
  expect(await client.readLifetimes()).toEqual({ ...before, fetch: 7_200 });
  const { createdAt, deadline } = await client.retrieveFiles({ endpointIds: [web.id], paths: [path] });
  expect(Date.parse(deadline) - Date.parse(createdAt)).toBe(7_200_000);
  for (const fetch of [3_599, 30 * 86_400 + 1]) {
    expect(await codeOf(client.changeLifetimes({ fetch }))).toBe('invalid_request');
  }
});

type Fleet = Awaited<ReturnType<typeof openFleet>>;

/** Sends the calls that a stopped action names, as they are, and does what they order. */
async function takeBack({ send, work }: Fleet, { inverse }: Awaited<ReturnType<Fleet['client']['readAction']>>) {
  for (const { method, path: below, body } of inverse?.calls ?? []) {
    const answer = await send({ method, path: `/api/v1${below}`, headers: {}, body: JSON.stringify(body) });
    expect([200, 201]).toContain(answer.status);
  }
  await work();
  return inverse?.calls.map(({ operation }) => operation);
}

test('who stops a quarantine is told for each endpoint how far it came, and what takes back what was done in spite of it', async () => {
  const fleet = await openFleet();
  const { ports, client, web, db, agents } = fleet;
  await using _ = ports;
  const { id } = await client.quarantineFile({ endpointIds: [web.id, db.id], path, sha256 });
  await agents.web.accept();
  const cancelled = await client.cancelAction(id);
  expect(cancelled).toMatchObject({
    ...{ withdrawn: 1, asked: 1, tooLate: 0, inverse: null },
    endpoints: [
      { endpointId: web.id, hostName: 'web-1', stop: { standing: 'requested', filesDone: 0 } },
      { endpointId: db.id, hostName: 'db-1', stop: { standing: 'before_effect', filesSpared: 1 } },
    ],
  });
  await agents.web.work();
  expect(agents.web.disk.has(path)).toBe(false);
  const stopped = await client.readAction(id);
  expect(stopped.tasks.map(({ stop }) => stop?.standing)).toEqual(['after_effect', 'before_effect']);
  expect((await client.cancelAction(id)).inverse).toEqual(stopped.inverse);
  expect(await takeBack(fleet, stopped)).toEqual(['undoAction']);
  expect(agents.web.disk.get(path)).toEqual(bytes);
});

test('a restore that is stopped too late names the quarantine, a fetch the deletion of what it brought', async () => {
  const fleet = await openFleet();
  const { ports, client, web, agents } = fleet;
  await using _ = ports;
  await client.waitForAction((await client.quarantineFile({ endpointIds: [web.id], path, sha256 })).id);
  const restored = await client.waitForAction((await client.restoreFile({ sha256, endpointId: web.id })).id);
  expect([restored.inverse, restored.tasks[0]?.stop]).toEqual([null, null]);
  expect(await client.cancelAction(restored.id)).toMatchObject({ withdrawn: 0, asked: 0, tooLate: 1 });
  const late = await client.readAction(restored.id);
  expect(late.tasks).toMatchObject([{ stop: { standing: 'too_late', filesDone: 1 } }]);
  expect(await takeBack(fleet, late)).toEqual(['quarantineFile']);
  expect(agents.web.disk.has(path)).toBe(false);
  const { action } = await client.startFetch({ guids: [fileGuid(web.number, parsePath(path))] });
  await client.waitForAction(action.id);
  await client.cancelAction(action.id);
  expect(await takeBack(fleet, await client.readAction(action.id))).toEqual(['deleteEvidence']);
  expect((await client.listEvidence()).items).toMatchObject([{ sha256, state: 'deleted' }]);
});

test('the emergency stop is engaged and released with reasons, and orders say that they wait for it', async () => {
  const { ports, client, web } = await openFleet();
  await using _ = ports;
  expect(await client.readEmergencyStop()).toEqual({
    ...{ stop: null, halts: ['fetch', 'quarantine', 'purge'], agents: { connected: 3, confirmed: 2, tooOld: 1 } },
  });
  expect(await codeOf(client.engageEmergencyStop({ reason: ' ' }))).toBe('invalid_request');
  const engaged = await client.engageEmergencyStop({ reason: 'the wrong hash' });
  expect(engaged.stop).toMatchObject({ reason: 'the wrong hash' });
  expect(ports.stopChanges()).toBe(1);
  expect((await client.readServer()).emergencyStop).toEqual(engaged.stop);
  const { id } = await client.retrieveFiles({ endpointIds: [web.id], paths: [path] });
  expect((await client.readAction(id)).tasks).toMatchObject([
    { status: 'pending', waitsFor: { reason: 'emergency_stop', message: expect.stringContaining('emergency stop') } },
  ]);
  expect((await client.releaseEmergencyStop({ reason: 'it was cancelled' })).stop).toBeNull();
  expect((await client.readAction(id)).tasks).toMatchObject([{ status: 'pending', waitsFor: null }]);
  expect((await client.readServer()).emergencyStop).toBeNull();
});

test('an alert joins an incident, once however often it is told, and is found', async () => {
  const { ports, client, web } = await openFleet();
  await using _ = ports;
  const alert = { name: 'Ransomware', severity: 'high', source: 'Acme', externalId: 'a-1', hostName: 'web-1' } as const;
  await client.reportAlerts({ alerts: [alert, { ...alert, externalId: 'a-2' }] });
  await client.reportAlerts({ alerts: [alert] });
  const { items, total } = await client.listAlerts();
  expect(total).toBe(2);
  const [first, second] = items;
  expect(first).toMatchObject({ endpointId: web.id, severity: 'high', source: 'Acme', sha256: null });
  expect(second?.incidentId).toBe(first?.incidentId ?? '');
  expect((await client.listIncidents()).items).toMatchObject([{ id: first?.incidentId, name: 'Ransomware' }]);
  expect((await client.listAlerts({ externalId: ['a-2'] })).total).toBe(1);
  expect((await client.listAlerts({ incidentId: [first?.incidentId ?? ''], severity: ['low'] })).total).toBe(0);
  const hostile = client.reportAlerts({ alerts: [{ ...alert, name: 'a\u202eb' }] });
  expect(await codeOf(hostile)).toBe('invalid_request');
});

test('what can be done about the files of an incident is offered, ordered, followed and stopped', async () => {
  const { ports, client, web, db } = await openFleet();
  await using _ = ports;
  const { incident } = await client.createIncident({
    name: 'bad',
    files: [web, db].map(({ id: endpointId }) => ({ endpointId, path })),
    processes: [{ endpointId: web.id, path: '/bin/sh', pid: 7, commandLine: 'sh -c bad' }],
  });
  expect(await client.findProcesses({ commandLineContains: ['BAD'], running: 'true' })).toMatchObject({
    items: [{ incidentId: incident.id, endpointId: web.id, path: '/bin/sh', pid: 7 }],
    total: 1,
  });
  expect((await client.findProcesses({ incidentId: [incident.id], userContains: ['root'] })).total).toBe(0);
  const { items } = await client.findRemedies(incident.id);
  const quarantines = items.filter(({ remedy }) => remedy === 'quarantine');
  expect(quarantines.map(({ hostName }) => hostName).toSorted()).toEqual(['db-1', 'web-1']);
  const rows = quarantines.map(({ remedy, endpointId, target }) => ({ remedy, endpointId, target }));
  const started = await client.remediate({
    incidentId: incident.id,
    rows: [...rows, { remedy: 'restore', endpointId: web.id, target: fileGuid(web.number, parsePath('/none')) }],
  });
  expect(started.rows.map(({ status }) => status)).toEqual(['pending', 'pending', 'failed']);
  expect(started.rows[2]?.error).toMatchObject({ failure: 'invalid_target', outcome: null });
  expect(started).toMatchObject({ incidentId: incident.id, endedAt: null, dialect: 'native' });
  await client.waitForAction(started.rows[0]?.actionId ?? '');
  const ended = await client.readRemediation(started.id);
  expect(ended.rows.map(({ status }) => status)).toEqual(['succeeded', 'succeeded', 'failed']);
  expect(ended.endedAt).not.toBeNull();
  const restoring = await client.remediate({
    incidentId: incident.id,
    rows: [{ remedy: 'restore', endpointId: web.id }],
  });
  const aborted = await client.abortRemediation(restoring.id);
  expect(aborted.rows).toMatchObject([{ status: 'aborted', remedy: 'restore' }]);
  expect(aborted.abortedBy).not.toBeNull();
  const undone = await client.undoRemediation(started.id, { reason: 'a false alarm' });
  expect(undone.rows.map(({ result, kept }) => kept?.reason ?? result)).toEqual(['undone', 'undone', 'not_ordered']);
  expect((await client.listRemediations({ incidentId: incident.id })).items.map(({ id }) => id).toSorted()).toEqual(
    [started.id, restoring.id].toSorted(),
  );
  expect((await client.listRemediations()).items).toEqual([]);
  expect(await client.remediate({ rows: [{ remedy: 'block', endpointId: nobody, target: sha256 }] })).toMatchObject({
    rows: [{ status: 'failed', error: { failure: 'invalid_target' } }],
  });
});

test('hashes are listed by every filter, and events by time and name', async () => {
  const { ports, client } = await openFleet();
  await using _ = ports;
  const hash = (digit: string) => digit.repeat(64);
  const expiresAt = new Date(ports.clock.now() + 1_000).toISOString();
  await client.listHashes({ hashes: [hash('a')], list: 'block', comment: 'Worm', expiresAt });
  await client.listHashes({ hashes: [hash('b')], list: 'block', prevent: false });
  type Query = NonNullable<Parameters<typeof client.findListedHashes>[0]>;
  const found = async (query: Query) => (await client.findListedHashes(query)).items.map((item) => item.hash[0]);
  expect(await found({ comment: 'worm' })).toEqual(['a']);
  expect(await found({ hashContains: 'BBB' })).toEqual(['b']);
  expect(await found({ prevent: 'false' })).toEqual(['b']);
  expect(await found({ listedBy: 'nobody' })).toEqual([]);
  expect(await found({ order: 'hash', direction: 'ascending' })).toEqual(['a', 'b']);
  ports.clock.advance(2_000);
  expect(await found({})).toEqual(['b']);
  expect(await found({ expired: 'true', order: 'hash', direction: 'descending' })).toEqual(['b', 'a']);
  const from = new Date(ports.clock.now()).toISOString();
  expect((await client.listEvents({ from })).items).toEqual([]);
  expect((await client.listEvents({ to: from, actor: 'nobody' })).items).toEqual([]);
  expect((await client.listEvents({ to: from })).items.length).toBeGreaterThan(1);
  const { items } = await client.listEvents();
  const newest = await client.listEvents({ direction: 'descending', limit: 2 });
  expect(newest.items).toEqual(items.slice(-2).toReversed());
  const next = await client.listEvents({ direction: 'descending', before: newest.items[1]?.sequence ?? 0 });
  expect([...newest.items, ...next.items]).toEqual(items.toReversed());
  expect((await client.listEvents({ before: 3, after: 1 })).items).toEqual(items.slice(1, 2));
  expect((await client.listEvents({ before: 0 })).items).toEqual([]);
});

test('a download is offered to a browser once it can be had, and refused for the very reason that it would be', async () => {
  const { ports, client, send, web } = await openFleet();
  await using _ = ports;
  const { id } = await client.retrieveFiles({ endpointIds: [web.id], paths: [path] });
  expect(await codeOf(client.offerAction(id))).toBe('not_found');
  const { tasks } = await client.waitForAction(id);
  const place = { actionId: id, taskId: tasks[0]?.id ?? '', ordinal: 0 };
  const offered = await client.offerFile(place, { reason: 'to look at it' });
  expect(offered).toMatchObject({ suggestedName: 'bad.bin', size: bytes.length });
  const { body, status } = await send({ method: 'GET', path: offered.address, headers: {}, body: undefined });
  expect([status, await new Response(body).bytes()]).toEqual([200, bytes]);
  expect((await client.offerAction(id)).address).toBe(`/api/v1/actions/${id}/evidence`);
  await client.deleteEvidence(sha256, { reason: 'no longer needed' });
  expect(await codeOf(client.offerFile(place))).toBe('evidence_deleted');
});
