import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { Fault } from '#core/fault.ts';
import { parsePath } from '#core/file/file-path.ts';
import type { BlobStore } from '#core/ports/blobs.ts';
import type { LogFacts } from '#core/ports/log.ts';
import { day, hour } from '#core/time.ts';
import { changeRetention } from '#core/verbs/change-retention.ts';
import { createIncident } from '#core/verbs/create-incident.ts';
import { deleteEvidence, eraseDeleted } from '#core/verbs/delete-evidence.ts';
import { openEvidence } from '#core/verbs/deliver-evidence.ts';
import { describeAction } from '#core/verbs/describe-action.ts';
import { fetchedFiles } from '#core/verbs/fetched-files.ts';
import { holdIncident, releaseIncident } from '#core/verbs/hold-incident.ts';
import { readRetention } from '#core/verbs/read-retention.ts';
import type { FileReport } from '#core/verbs/received-report.ts';
import { claimEvidence } from '#core/verbs/record-evidence.ts';
import { recordReports } from '#core/verbs/record-reports.ts';
import { retrieveFiles } from '#core/verbs/retrieve-files.ts';
import { sweepEvidence } from '#core/verbs/sweep-evidence.ts';
import { verifyHistory } from '#core/verbs/verify-history.ts';
import { viewEvidence } from '#core/verbs/view-evidence.ts';
import { startAgent } from '#kit/agent.ts';
import { damageEvidence } from '#kit/damage.ts';
import { administrator, enrolMachine, sha256Of } from '#kit/fleet.ts';
import { openPorts } from '#kit/ports.ts';

const path = '/srv/file';
const bytes = new TextEncoder().encode('what was fetched');
const sha256 = sha256Of(bytes);
const origin = { principal: administrator, dialect: 'native' } as const;
const reason = 'A customer asked for it.';
const never = new AbortController().signal;

async function openFleet() {
  const ports = await openPorts();
  const endpoint = await enrolMachine(ports);
  const agent = startAgent(ports, endpoint, { [path]: bytes });
  const order = (incidentId?: string) =>
    retrieveFiles(ports, {
      origin: { ...origin, ...(incidentId !== undefined && { incidentId }) },
      endpointIds: [endpoint.id],
      paths: { linux: [parsePath(path)] },
    });
  return {
    ports,
    agent,
    order,
    async fetch(incidentId?: string) {
      const action = await order(incidentId);
      await agent.work();
      return action;
    },
    /** What an agent offers that has begun another fetch of the file. */
    async offer() {
      const { id } = await order();
      await agent.accept();
      const [task] = await ports.store.read(({ tasks }) => tasks.byAction(id));
      const taskId = task?.id ?? expect.unreachable();
      return { actionId: id, taskId, endpointId: endpoint.id, ordinal: 0, sha256, size: bytes.length };
    },
    incident: async () =>
      (
        await createIncident(ports, {
          ...{ origin, name: 'court case', description: '', severity: 'high' },
          ...{ endpointIds: [endpoint.id], files: [], processes: [] },
        })
      ).incident,
    remove: (why = reason) => deleteEvidence(ports, administrator, { sha256, reason: why }),
    sweep: () => sweepEvidence(ports, never),
    record: async () => (await ports.store.read(({ evidence }) => evidence.byHashes([sha256])))[0],
    events: (
      type: 'evidence_deleted' | 'evidence_damaged' | 'settings_changed' | 'incident_held' | 'incident_released',
    ) => ports.store.read(({ events }) => events.list({ types: [type] }, 0, 10)),
    stored: () => ports.blobs?.size(sha256),
    async [Symbol.asyncDispose]() {
      await ports[Symbol.asyncDispose]();
    },
  };
}

async function fault(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'nothing was thrown',
    (thrown: unknown) => thrown,
  );
}

test('A person deletes bytes with a reason; who, why and for which actions is recorded, and the hash stays.', async () => {
  await using fleet = await openFleet();
  const { ports, remove } = fleet;
  expect(await fault(remove())).toMatchObject({ code: 'not_found' });
  const actions = [await fleet.fetch(), await fleet.fetch()];
  expect(await fault(remove(' '))).toMatchObject({ code: 'invalid_request', details: { field: 'reason' } });
  expect(await fault(remove('x'.repeat(1_001)))).toMatchObject({ code: 'invalid_request' });
  const by = { kind: 'local', id: 'test', name: 'test' } as const;
  const now = ports.clock.now();
  const deletion = { at: now, rule: 'person', reason, by, erasedAt: now } as const;
  expect(await remove()).toMatchObject({ sha256, size: bytes.length, deletion });
  expect(await fleet.stored()).toBeUndefined();
  const facts = { sha256, size: bytes.length, rule: 'person', reason, actionsCount: 2 };
  const told = actions.map(({ id }) => id);
  expect(await fleet.events('evidence_deleted')).toMatchObject([
    { actor: by, facts: { ...facts, actions: expect.arrayContaining(told) } },
  ]);
  expect(await fault(remove())).toMatchObject({ code: 'evidence_deleted' });
  const [file] = await fetchedFiles(ports, [actions[0] ?? expect.unreachable()]);
  expect(file?.outcome).toMatchObject({ outcome: 'done', sha256 });
  const told410 = await fault(openEvidence(ports, file ?? expect.unreachable()));
  expect(told410).toMatchObject({ code: 'evidence_deleted', message: expect.stringContaining(`by test: ${reason}`) });
});

test('Bytes that were deleted are sent again when they are fetched again, and are there for both actions.', async () => {
  await using fleet = await openFleet();
  const first = await fleet.fetch();
  await fleet.remove();
  await fleet.fetch();
  expect(await fleet.record()).toMatchObject({ deletion: null });
  expect(await fleet.stored()).toBe(bytes.length);
  const [file] = await fetchedFiles(fleet.ports, [first]);
  const body = await openEvidence(fleet.ports, file ?? expect.unreachable());
  expect(await new Response(body).text()).toBe('what was fetched');
});

test('Nothing is deleted because of its age unless somebody says so; then its age counts from the last fetch.', async () => {
  await using fleet = await openFleet();
  const { ports, sweep } = fleet;
  await fleet.fetch();
  expect(await readRetention(ports)).toEqual({ days: null });
  await ports.clock.advance(1_000 * day);
  expect(await sweep()).toEqual({ deleted: 0, erased: 0 });
  await fleet.fetch();
  await changeRetention(ports, administrator, { days: 30 });
  await changeRetention(ports, administrator, { days: 30 });
  expect(await fleet.events('settings_changed')).toMatchObject([
    { facts: { setting: 'evidence_retention', changed: { days: 30 }, before: { days: null } } },
  ]);
  await ports.clock.advance(30 * day);
  expect(await sweep()).toEqual({ deleted: 0, erased: 0 });
  await ports.clock.advance(1);
  expect(await sweep()).toEqual({ deleted: 1, erased: 0 });
  expect(await fleet.stored()).toBeUndefined();
  expect(await fleet.record()).toMatchObject({ deletion: { rule: 'retention', by: { kind: 'server' } } });
  expect(await fleet.events('evidence_deleted')).toMatchObject([{ facts: { rule: 'retention', actionsCount: 2 } }]);
  expect(await sweep()).toEqual({ deleted: 0, erased: 0 });
  for (const days of [0, -1, 1.5, 36_501, Number.NaN]) {
    expect(await fault(changeRetention(ports, administrator, { days }))).toMatchObject({ code: 'invalid_request' });
  }
});

test('What two actions wanted is kept while the incident of one of them is on hold, from age and from people.', async () => {
  await using fleet = await openFleet();
  const { ports, sweep, remove } = fleet;
  const { id } = await fleet.incident();
  await fleet.fetch();
  await fleet.fetch(id);
  const hold = await holdIncident(ports, administrator, { incident: id, reason: 'Court' });
  expect(await holdIncident(ports, administrator, { incident: id, reason: 'Later' })).toEqual(hold);
  expect(await fleet.events('incident_held')).toMatchObject([{ incidentId: id, facts: { reason: 'Court' } }]);
  await changeRetention(ports, administrator, { days: 1 });
  await ports.clock.advance(9 * day);
  expect(await sweep()).toEqual({ deleted: 0, erased: 0 });
  const refused = await fault(remove());
  expect(refused).toMatchObject({ code: 'conflict', details: { incidents: [id] } });
  expect(refused instanceof Fault && refused.message).toContain(`incident ${id}`);
  await releaseIncident(ports, administrator, { incident: id, reason: 'It is settled.' });
  expect(await fleet.events('incident_released')).toMatchObject([{ incidentId: id }]);
  expect(await fault(releaseIncident(ports, administrator, { incident: id, reason }))).toMatchObject({
    code: 'conflict',
  });
  expect(await sweep()).toEqual({ deleted: 1, erased: 0 });
});

test('Bytes whose agent has yet to report are deleted by nobody.', async () => {
  await using fleet = await openFleet();
  const { ports, sweep, remove } = fleet;
  await fleet.fetch();
  const offer = await fleet.offer();
  expect(await claimEvidence(ports, offer)).toBe(true);
  await changeRetention(ports, administrator, { days: 1 });
  await ports.clock.advance(2 * day);
  expect(await sweep()).toEqual({ deleted: 0, erased: 0 });
  expect(await fault(remove())).toMatchObject({ code: 'conflict', details: { actions: [offer.actionId] } });
  expect(await fleet.stored()).toBe(bytes.length);
});

test('An agent that calls a fetch done for bytes that were deleted, and not sent again, has not succeeded.', async () => {
  await using fleet = await openFleet();
  const { ports, agent } = fleet;
  await fleet.fetch();
  await fleet.remove();
  const { actionId, taskId, ...offer } = await fleet.offer();
  expect(await claimEvidence(ports, { ...offer, taskId })).toBe(false);
  const file: FileReport = {
    ...{ ordinal: 0, outcome: 'done', reason: null, message: '', path: parsePath(path), sha256, size: bytes.length },
    ...{ vaultObject: null, effect: null, losses: [], details: {} },
  };
  const signed = { bytes: new Uint8Array(1), signature: new Uint8Array(64) };
  await recordReports(ports, [{ endpoint: agent.endpoint, actionId, taskId, finishedAt: 1, files: [file], signed }]);
  const { tasks } = await describeAction(ports, actionId);
  expect(tasks[0]?.outcomes[0]).toMatchObject({ outcome: 'interrupted', reason: 'upload_failed' });
  expect(await verifyHistory(ports)).toBeUndefined();
});

/** Storage that dies between the record of a deletion and the deletion. */
function dying<Ports extends Awaited<ReturnType<typeof openPorts>>>(ports: Ports): Ports {
  return removing(ports, () => Promise.reject(new Fault('evidence_unavailable', 'The power went.')));
}

function removing<Ports extends Awaited<ReturnType<typeof openPorts>>>(
  ports: Ports,
  remove: BlobStore['remove'],
): Ports {
  return storing(ports, { remove });
}

/** The real storage, but for these. */
function storing<Ports extends Awaited<ReturnType<typeof openPorts>>>(ports: Ports, own: Partial<BlobStore>): Ports {
  const blobs = ports.blobs ?? expect.unreachable();
  const broken = new Proxy(blobs, {
    get(target, name) {
      const replaced: unknown = Reflect.get(own, name);
      if (replaced !== undefined) {
        return replaced;
      }
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return { ...ports, blobs: broken };
}

test('A deletion that was cut off after it was recorded gives nothing out, and is done by the next sweep.', async () => {
  await using fleet = await openFleet();
  const action = await fleet.fetch();
  const cut = deleteEvidence(dying(fleet.ports), administrator, { sha256, reason });
  expect(await fault(cut)).toMatchObject({ code: 'evidence_unavailable' });
  expect(await fleet.stored()).toBe(bytes.length);
  const [file] = await fetchedFiles(fleet.ports, [action]);
  expect(await fault(openEvidence(fleet.ports, file ?? expect.unreachable()))).toMatchObject({
    code: 'evidence_deleted',
  });
  await fleet.ports.clock.advance(hour);
  expect(await fleet.sweep()).toEqual({ deleted: 0, erased: 1 });
  expect(await fleet.stored()).toBeUndefined();
  expect(await fleet.record()).toMatchObject({ deletion: { erasedAt: fleet.ports.clock.now() } });
  expect(await fleet.events('evidence_deleted')).toHaveLength(1);
});

/** Fetches so many files. @returns their hashes. */
async function fetchMany({ ports, agent }: Awaited<ReturnType<typeof openFleet>>, count: number) {
  const files = Array.from({ length: count }, (_, n) => ({ at: `/srv/${n}`, bytes: new TextEncoder().encode(`${n}`) }));
  for (const { at, bytes: content } of files) {
    agent.disk.set(at, content);
  }
  const paths = { linux: files.map(({ at }) => parsePath(at)) };
  await retrieveFiles(ports, { origin, endpointIds: [agent.endpoint.id], paths });
  await agent.work();
  return files.map(({ bytes: content }) => sha256Of(content));
}

test('A sweep under way keeps what the setting says to keep from now on.', async () => {
  await using fleet = await openFleet();
  const { ports } = fleet;
  const hashes = await fetchMany(fleet, 3);
  await changeRetention(ports, administrator, { days: 30 });
  await ports.clock.advance(31 * day);
  const changing = removing(ports, async (hash) => {
    await ports.blobs?.remove(hash);
    await changeRetention(ports, administrator, { days: null });
  });
  expect(await sweepEvidence(changing, never)).toEqual({ deleted: 1, erased: 0 });
  const stored = await Promise.all(hashes.map((hash) => ports.blobs?.size(hash)));
  expect(stored.filter((size) => size !== undefined)).toHaveLength(2);
  expect(await fleet.events('evidence_deleted')).toHaveLength(1);
});

test('One file that cannot be removed keeps no other from being deleted, and is told of each time.', async () => {
  await using fleet = await openFleet();
  const { ports } = fleet;
  const hashes = await fetchMany(fleet, 3);
  // The first of both the sweep's lists.
  const stuck = hashes.toSorted()[0] ?? expect.unreachable();
  await changeRetention(ports, administrator, { days: 30 });
  await ports.clock.advance(31 * day);
  const logged: unknown[] = [];
  const log = { ...ports.log, error: (_: string, facts?: LogFacts) => void logged.push(facts?.['sha256']) };
  const stubborn = removing({ ...ports, log }, async (hash) =>
    hash === stuck
      ? Promise.reject(new Fault('evidence_unavailable', 'Read-only file system.'))
      : ports.blobs?.remove(hash),
  );
  const left = () =>
    Promise.all(hashes.map(async (hash) => ((await ports.blobs?.size(hash)) === undefined ? [] : hash)));
  expect(await fault(sweepEvidence(stubborn, never))).toMatchObject({ message: 'Read-only file system.' });
  expect((await left()).flat()).toEqual([stuck]);
  // By now its deletion is decided, and others are due.
  await fleet.fetch();
  await ports.clock.advance(31 * day);
  expect(await fault(sweepEvidence(stubborn, never))).toMatchObject({ message: 'Read-only file system.' });
  expect(await fleet.stored()).toBeUndefined();
  expect(logged).toEqual([stuck, stuck]);
  expect(await fleet.sweep()).toEqual({ deleted: 0, erased: 1 });
  expect((await left()).flat()).toEqual([]);
});

test('Bytes that were fetched anew after a deletion that was cut off stay.', async () => {
  await using fleet = await openFleet();
  await fleet.fetch();
  await fault(deleteEvidence(dying(fleet.ports), administrator, { sha256, reason }));
  await fleet.fetch();
  expect(await fleet.sweep()).toEqual({ deleted: 0, erased: 0 });
  // A sweep that had read its list before.
  expect(await eraseDeleted(fleet.ports, sha256)).toBe(false);
  expect(await fleet.stored()).toBe(bytes.length);
  expect(await fleet.record()).toMatchObject({ deletion: null });
});

test('A fetch and a deletion of the same bytes at once leave the file stored, or the fetch told to send it.', async () => {
  await using fleet = await openFleet();
  for (let round = 0; round < 10; round += 1) {
    await fleet.fetch();
    const offer = await fleet.offer();
    const { blobs } = fleet.ports;
    const claim = () =>
      blobs?.alone(sha256, async () => (await blobs.size(sha256)) !== undefined && claimEvidence(fleet.ports, offer));
    const remove = () => fault(fleet.remove());
    const [isClaimed] =
      round % 2 === 0 ? await Promise.all([claim(), remove()]) : (await Promise.all([remove(), claim()])).toReversed();
    expect([round, (await fleet.stored()) !== undefined]).toEqual([round, isClaimed === true]);
    expect(isClaimed).toBe(round % 2 === 0);
    // It is sent where it was not held, and the fetch succeeds either way.
    await fleet.agent.work();
    expect(await fleet.stored()).toBe(bytes.length);
    await remove();
  }
});

test('Damage on the disk is recorded once, keeps the bytes from being given out or offered, and ends by a new fetch.', async () => {
  await using fleet = await openFleet();
  const { ports } = fleet;
  const action = await fleet.fetch();
  damageEvidence(join(ports.directory, 'evidence'), sha256);
  const open = async () => {
    const [file] = await fetchedFiles(ports, [action]);
    return new Response(await openEvidence(ports, file ?? expect.unreachable())).text();
  };
  const [first, second] = await Promise.all([fault(open()), fault(open())]);
  expect([first, second]).toMatchObject([{ code: 'evidence_damaged' }, { code: 'evidence_damaged' }]);
  expect(await fleet.events('evidence_damaged')).toMatchObject([{ actionId: action.id, facts: { sha256 } }]);
  expect(await fleet.record()).toMatchObject({ damagedAt: ports.clock.now() });
  expect(await fault(open())).toMatchObject({
    code: 'evidence_damaged',
    message: expect.stringContaining('was found at'),
  });
  await fleet.fetch();
  expect(await fleet.record()).toMatchObject({ damagedAt: null });
  expect(await open()).toBe('what was fetched');
});

test('Whoever looks at the end of a large file has none of what is before it kept in memory.', async () => {
  await using fleet = await openFleet();
  const [file = expect.unreachable()] = await fetchedFiles(fleet.ports, [await fleet.fetch()]);
  const chunks = 32;
  const size = 1 << 16;
  const seen: WeakRef<ArrayBufferLike>[] = [];
  let kept = 0;
  const content = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await Bun.sleep(0);
      if (seen.length < chunks) {
        const chunk = new Uint8Array(size);
        seen.push(new WeakRef(chunk.buffer));
        controller.enqueue(chunk);
        return;
      }
      Bun.gc(true);
      kept = seen.filter((each) => each.deref() !== undefined).length;
      controller.enqueue(Uint8Array.of(1, 2, 3));
      controller.close();
    },
  });
  const large = storing(fleet.ports, { read: async () => content });
  const view = { principal: administrator, remoteAddress: '192.0.2.1', offset: chunks * size + 1, length: 2 };
  expect(await viewEvidence(large, file, view)).toEqual(Uint8Array.of(2, 3));
  // The last few may still be on their way.
  expect(kept).toBeLessThan(chunks / 2);
});
