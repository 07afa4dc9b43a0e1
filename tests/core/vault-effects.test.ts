import { expect, test } from 'bun:test';
import type { Task } from '#core/action/action.ts';
import type { Endpoint } from '#core/endpoint/endpoint.ts';
import { parsePath } from '#core/file/file-path.ts';
import { fileGuid } from '#core/file/guid.ts';
import type { QuarantineRecord } from '#core/file/quarantine-record.ts';
import { vaultObjectIdSchema } from '#core/file/vault-object-id.ts';
import { purgeFiles } from '#core/verbs/purge-files.ts';
import { quarantineFiles } from '#core/verbs/quarantine-files.ts';
import type { FileReport } from '#core/verbs/received-report.ts';
import { recordAccepted } from '#core/verbs/record-accepted.ts';
import { recordReports } from '#core/verbs/record-reports.ts';
import { restoreFiles } from '#core/verbs/restore-files.ts';
import { takeDeliverable } from '#core/verbs/take-deliverable.ts';
import { startAgent } from '#kit/agent.ts';
import { administrator, enrolMachine, fileFacts, inventory, sha256Of } from '#kit/fleet.ts';
import { openPorts, type TestPorts } from '#kit/ports.ts';

const origin = { principal: administrator, dialect: 'native' } as const;
const path = '/srv/evil.bin';
const elsewhere = '/srv/again.bin';
const bytes = new TextEncoder().encode('evil bytes');
const others = new TextEncoder().encode('what stands there now');
const sha256 = sha256Of(bytes);

async function openMachine() {
  const ports = await openPorts();
  const endpoint = await enrolMachine(ports);
  await inventory(ports, endpoint, [fileFacts(path, bytes), fileFacts(elsewhere, bytes)]);
  const agent = startAgent(ports, endpoint, { [path]: bytes });
  const endpointIds = [endpoint.id];
  return {
    ports,
    endpoint,
    agent,
    async take() {
      await quarantineFiles(ports, { origin, endpointIds, path: parsePath(path), sha256 });
      await agent.work();
    },
    records: () => recordsOf(ports),
    async states() {
      const guids = [path, elsewhere].map((each) => fileGuid(endpoint.number, parsePath(each)));
      const files = await ports.store.read((reader) => reader.files.byGuids(guids));
      return guids.map((guid) => files.find((file) => file.guid === guid)?.state);
    },
  };
}

async function recordsOf(ports: TestPorts): Promise<readonly QuarantineRecord[]> {
  const { items } = await ports.store.read(({ quarantine }) => quarantine.list({}, { offset: 0, limit: 100 }));
  return items;
}

function reported(facts: Partial<FileReport>): FileReport {
  const nothing = { reason: null, message: '', size: null, vaultObject: null, effect: null };
  return {
    ...nothing,
    ordinal: 0,
    outcome: 'done',
    path: parsePath(path),
    sha256,
    losses: [],
    details: {},
    ...facts,
  };
}

function reportOf(task: Task, endpoint: Endpoint) {
  const signed = { bytes: new Uint8Array(1), signature: new Uint8Array(64) };
  return { endpoint, actionId: task.actionId, taskId: task.id, finishedAt: 1, signed };
}

test('What is purged has left the vault for good, and its file is gone.', async () => {
  const machine = await openMachine();
  await using _ = machine.ports;
  await machine.take();
  expect(await machine.states()).toEqual(['quarantined', 'present']);
  const { id } = await purgeFiles(machine.ports, { origin, sha256, endpointIds: [machine.endpoint.id] });
  await machine.agent.work();
  expect(await machine.records()).toMatchObject([{ state: 'purged', restoredBy: id }]);
  expect(await machine.states()).toEqual(['gone', 'present']);
});

test('The occupant of a restored place goes into the vault by the action that restored.', async () => {
  const machine = await openMachine();
  await using _ = machine.ports;
  await machine.take();
  machine.agent.disk.set(path, others);
  const { id } = await restoreFiles(machine.ports, { origin, sha256, ifOccupied: 'swap' });
  await machine.agent.work();
  expect(machine.agent.disk.get(path)).toEqual(bytes);
  expect((await machine.records()).toSorted((a, b) => (a.state < b.state ? -1 : 1))).toMatchObject([
    { state: 'held', sha256: sha256Of(others), displayPath: path, actionId: id },
    { state: 'restored', sha256, restoredBy: id },
  ]);
  expect((await machine.states())[0]).toBe('present');
  await inventory(machine.ports, machine.endpoint, [fileFacts(path, bytes)]);
  expect((await machine.states())[0]).toBe('present');
});

test('A file that was restored to another place is gone from its own and present there.', async () => {
  const machine = await openMachine();
  await using _ = machine.ports;
  await machine.take();
  await restoreFiles(machine.ports, { origin, sha256, to: parsePath(elsewhere) });
  await machine.agent.work();
  expect(machine.agent.disk.get(elsewhere)).toEqual(bytes);
  expect(await machine.records()).toMatchObject([{ state: 'restored', displayPath: path }]);
  expect(await machine.states()).toEqual(['gone', 'present']);
});

test('A quarantine that is reported after what undid it does not bring its object back.', async () => {
  const { ports, endpoint, records, states } = await openMachine();
  await using _ = ports;
  const taking = await quarantineFiles(ports, {
    origin,
    endpointIds: [endpoint.id],
    path: parsePath(path),
    sha256,
  });
  // It has begun, so that the restore does not supersede it.
  const [begun] = await takeDeliverable(ports, { endpointIds: [endpoint.id] });
  await recordAccepted(ports, [{ endpointId: endpoint.id, taskIds: begun === undefined ? [] : [begun.id] }]);
  await restoreFiles(ports, { origin, sha256 });
  const given = await takeDeliverable(ports, { endpointIds: [endpoint.id] });
  const take = given.find(({ parameters }) => parameters.verb === 'quarantine');
  const giveBack = given.find(({ parameters }) => parameters.verb === 'restore');
  if (take === undefined || giveBack === undefined) {
    throw new Error('Two orders were given.');
  }
  const vaultObject = vaultObjectIdSchema.parse('7d444840-9dc0-41d1-b245-5ffdce74fad2');
  const details = { originalPath: path };
  const back = reported({ vaultObject, effect: 'returned', path: parsePath(elsewhere), details });
  await recordReports(ports, [{ ...reportOf(giveBack, endpoint), files: [back] }]);
  expect(await records()).toMatchObject([{ state: 'restored', actionId: null, displayPath: path }]);
  await recordReports(ports, [{ ...reportOf(take, endpoint), files: [reported({ vaultObject, effect: 'taken' })] }]);
  expect(await records()).toMatchObject([{ state: 'restored', actionId: taking.id, restoredBy: giveBack.actionId }]);
  expect((await states())[1]).toBe('present');
});

test('What an order finds done already tells a server what it forgot, whatever the verb.', async () => {
  const { ports, endpoint, records } = await openMachine();
  await using _ = ports;
  await quarantineFiles(ports, { origin, endpointIds: [endpoint.id], path: parsePath(path), sha256 });
  const [take] = await takeDeliverable(ports, { endpointIds: [endpoint.id] });
  const vaultObject = vaultObjectIdSchema.parse('7d444840-9dc0-41d1-b245-5ffdce74fad2');
  const known = reported({ outcome: 'already_done', vaultObject });
  await recordReports(ports, [{ ...reportOf(take ?? expect.unreachable(), endpoint), files: [known] }]);
  expect(await records()).toMatchObject([{ state: 'held' }]);
  await purgeFiles(ports, { origin, sha256, endpointIds: [endpoint.id] });
  const [purge] = await takeDeliverable(ports, { endpointIds: [endpoint.id] });
  await recordReports(ports, [{ ...reportOf(purge ?? expect.unreachable(), endpoint), files: [known] }]);
  expect(await records()).toMatchObject([{ state: 'purged' }]);
});

test('A path in an agent’s details that is none is passed over.', async () => {
  const { ports, endpoint, records } = await openMachine();
  await using _ = ports;
  await quarantineFiles(ports, { origin, endpointIds: [endpoint.id], path: parsePath(path), sha256 });
  const [take] = await takeDeliverable(ports, { endpointIds: [endpoint.id] });
  const vaultObject = vaultObjectIdSchema.parse('7d444840-9dc0-41d1-b245-5ffdce74fad2');
  const files = ['', '/srv/\\x00'].map((originalPath, ordinal) =>
    reported({ ordinal, vaultObject, effect: 'returned', details: { originalPath } }),
  );
  await recordReports(ports, [{ ...reportOf(take ?? expect.unreachable(), endpoint), files }]);
  expect(await records()).toMatchObject([{ state: 'restored', displayPath: path }]);
});

/** A file that was taken, and that a restore is to bring back. */
async function openReturning() {
  const machine = await openMachine();
  await machine.take();
  const [first] = await machine.records();
  await restoreFiles(machine.ports, { origin, sha256 });
  return { machine, first };
}

test('A file that went back and was taken again, both told at once, is in the vault, and on the disk once it went back again.', async () => {
  const { machine, first } = await openReturning();
  await using ports = machine.ports;
  const { endpoint } = machine;
  const endpointIds = [endpoint.id];
  await quarantineFiles(ports, { origin, endpointIds, path: parsePath(path), sha256 });
  const [back, again] = await takeDeliverable(ports, { endpointIds });
  const second = vaultObjectIdSchema.parse('0b7f6c1e-5d3a-4c2b-9f1e-8a7d6c5b4e3f');
  const said = (task: Task | undefined, facts: Partial<FileReport>) =>
    task === undefined ? [] : [{ ...reportOf(task, endpoint), files: [reported({ size: bytes.length, ...facts })] }];
  await recordReports(ports, [
    ...said(back, { effect: 'returned', vaultObject: first?.vaultObject ?? null }),
    ...said(again, { effect: 'taken', vaultObject: second }),
  ]);
  expect((await machine.states())[0]).toBe('quarantined');
  await restoreFiles(ports, { origin, sha256 });
  const [last] = await takeDeliverable(ports, { endpointIds });
  await recordReports(ports, said(last, { effect: 'returned', vaultObject: second }));
  expect((await machine.states())[0]).toBe('present');
});

test('A file that went back and was taken again stays in the vault when it is told once more that it went back.', async () => {
  const { machine, first } = await openReturning();
  await using ports = machine.ports;
  const { endpoint } = machine;
  const endpointIds = [endpoint.id];
  await machine.agent.work();
  await machine.take();
  expect((await machine.states())[0]).toBe('quarantined');
  for (const outcome of ['already_done', 'not_found'] as const) {
    await restoreFiles(ports, { origin, sha256 });
    const [told] = await takeDeliverable(ports, { endpointIds });
    const facts = { outcome, size: bytes.length, vaultObject: first?.vaultObject ?? null, effect: 'returned' } as const;
    const report = { ...reportOf(told ?? expect.unreachable(), endpoint), files: [reported(facts)] };
    await recordReports(ports, [report]);
    expect((await machine.states())[0]).toBe('quarantined');
  }
});
