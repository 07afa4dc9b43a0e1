import { expect, test } from 'bun:test';
import { parsePath } from '#core/file/file-path.ts';
import type { VaultObjectId } from '#core/file/vault-object-id.ts';
import { expireOverdue } from '#core/verbs/expire-overdue.ts';
import { purgeFiles } from '#core/verbs/purge-files.ts';
import { quarantineFiles } from '#core/verbs/quarantine-files.ts';
import { type ListedFile, recordVaultEnd, recordVaultPart } from '#core/verbs/record-vault-list.ts';
import { restoreFiles } from '#core/verbs/restore-files.ts';
import { takeDeliverable } from '#core/verbs/take-deliverable.ts';
import { startAgent } from '#kit/agent.ts';
import { administrator, enrolMachine, fileFacts, inventory, sha256Of } from '#kit/fleet.ts';
import { openPorts } from '#kit/ports.ts';

const origin = { principal: administrator, dialect: 'native' } as const;
const bytes = new TextEncoder().encode('evil bytes');
const sha256 = sha256Of(bytes);
const vaultTypes = ['vault_object_found', 'vault_object_lost', 'vault_object_damaged'] as const;

function objectId(number: number): VaultObjectId {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}` as VaultObjectId;
}

function listed(number: number, more: Partial<ListedFile> = {}): ListedFile {
  const place = { taskId: 'f'.repeat(32) as ListedFile['taskId'], path: parsePath(`/srv/${number}`) };
  return { vaultObject: objectId(number), ...place, sha256, size: 3, takenAt: 1_800_000_000_000, ...more };
}

async function openMachine() {
  const ports = await openPorts();
  const endpoint = await enrolMachine(ports);
  const files = ['/srv/1', '/srv/2'];
  await inventory(
    ports,
    endpoint,
    files.map((path) => fileFacts(path, bytes)),
  );
  const agent = startAgent(ports, endpoint, Object.fromEntries(files.map((path) => [path, bytes])));
  return {
    ports,
    endpoint,
    agent,
    order: (path: string) =>
      quarantineFiles(ports, { origin, endpointIds: [endpoint.id], path: parsePath(path), sha256 }),
    list: (...held: readonly ListedFile[]) => recordVaultPart(ports, { endpoint, held, damaged: [] }),
    end: (begunAt = ports.clock.now() + 1, ...held: readonly ListedFile[]) =>
      recordVaultEnd(ports, { endpoint, listed: new Set(held.map((file) => file.vaultObject)), begunAt }),
    async records() {
      const { items } = await ports.store.read(({ quarantine }) => quarantine.list({}, { offset: 0, limit: 9 }));
      return items;
    },
    async events() {
      const events = await ports.store.read((reader) => reader.events.list({ types: vaultTypes }, 0, 99));
      return events.map(({ type, facts }) => `${type} ${facts['path']}`);
    },
    async states() {
      const page = { offset: 0, limit: 9 };
      const { items } = await ports.store.read((reader) =>
        reader.files.list({ conditions: [], states: ['present', 'quarantined', 'gone'] }, page),
      );
      return items.map((file) => file.state);
    },
  };
}

test('A server learns of objects that it does not know, with the action where it knows the task.', async () => {
  const machine = await openMachine();
  await using _ = machine.ports;
  await machine.order('/srv/1');
  const [task] = await takeDeliverable(machine.ports, { endpointIds: [machine.endpoint.id] });
  const taken = listed(1, { taskId: task?.id ?? expect.unreachable() });
  await machine.list(taken, listed(2));
  expect(await machine.records()).toMatchObject([{ vaultObject: objectId(2), state: 'held', actionId: null }]);
  expect(await machine.events()).toEqual(['vault_object_found /srv/2']);
  expect(await machine.states()).toEqual(['present', 'quarantined']);
  machine.ports.clock.advance(machine.ports.policy.lifetime.quarantine);
  await expireOverdue(machine.ports);
  await machine.list(taken, listed(2));
  expect((await machine.records()).find(({ vaultObject }) => vaultObject === objectId(1))).toMatchObject({
    state: 'held',
    actionId: task?.actionId,
  });
  expect(await machine.events()).toEqual(['vault_object_found /srv/2', 'vault_object_found /srv/1']);
});

test('What a list no longer names is lost, is told once, and is found when it is there again.', async () => {
  const machine = await openMachine();
  await using _ = machine.ports;
  await machine.list(listed(1), listed(2));
  await machine.end(undefined, listed(2));
  await machine.end(undefined, listed(2));
  expect((await machine.records()).map(({ state }) => state).toSorted()).toEqual(['held', 'lost']);
  expect(await machine.states()).toEqual(['gone', 'quarantined']);
  await machine.list(listed(1));
  expect((await machine.records()).map(({ state }) => state)).toEqual(['held', 'held']);
  expect(await machine.states()).toEqual(['quarantined', 'quarantined']);
  expect((await machine.events()).slice(2)).toEqual(['vault_object_lost /srv/1', 'vault_object_found /srv/1']);
});

test('What was taken after a list began is not lost for its absence there.', async () => {
  const machine = await openMachine();
  await using _ = machine.ports;
  const begunAt = machine.ports.clock.now();
  await machine.order('/srv/1');
  await machine.agent.work();
  await machine.end(begunAt);
  expect(await machine.records()).toMatchObject([{ state: 'held' }]);
  await machine.end();
  expect(await machine.records()).toMatchObject([{ state: 'lost' }]);
});

test('What an open order is to take away is left to its report; so is a report that comes after the loss.', async () => {
  const machine = await openMachine();
  await using _ = machine.ports;
  await machine.order('/srv/1');
  await machine.agent.work();
  await machine.order('/srv/2');
  await machine.agent.work();
  const object = (await machine.records())[0]?.vaultObject ?? expect.unreachable();
  await restoreFiles(machine.ports, { origin, sha256, vaultObject: object });
  await machine.end();
  expect((await machine.records()).find(({ vaultObject }) => vaultObject === object)?.state).toBe('held');
  expect(await machine.events()).toHaveLength(1);
  await machine.agent.work();
  await purgeFiles(machine.ports, { origin, sha256, endpointIds: [machine.endpoint.id] });
  await machine.agent.work();
  expect((await machine.records()).map(({ state }) => state).toSorted()).toEqual(['purged', 'restored']);
});

test('Damage is an event, once, and only of what this endpoint holds.', async () => {
  const machine = await openMachine();
  await using _ = machine.ports;
  const other = await enrolMachine(machine.ports, { hostName: 'web-2' });
  await machine.list(listed(1), listed(2));
  const damaged = [objectId(1), objectId(7)];
  await recordVaultPart(machine.ports, { endpoint: other, held: [listed(1)], damaged });
  expect((await machine.events()).slice(2)).toEqual([]);
  await recordVaultPart(machine.ports, { endpoint: machine.endpoint, held: [], damaged });
  await recordVaultPart(machine.ports, { endpoint: machine.endpoint, held: [], damaged });
  expect((await machine.events()).slice(2)).toEqual(['vault_object_damaged /srv/1']);
  const record = (await machine.records()).find(({ vaultObject }) => vaultObject === objectId(1));
  expect(record).toMatchObject({ endpointId: machine.endpoint.id, damagedAt: machine.ports.clock.now() });
});
