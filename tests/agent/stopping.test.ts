import { expect, test } from 'bun:test';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openIndex } from '#agent/inventory/index-file.ts';
import { scan } from '#agent/inventory/scan.ts';
import { Bandwidth } from '#agent/link/bandwidth.ts';
import type { MayBegin } from '#agent/operations/may-begin.ts';
import { childCommand } from '#agent/platform/program.ts';
import { systemClock } from '#agent/platform/system-clock.ts';
import { systemRandom } from '#agent/platform/system-random.ts';
import { performFetch } from '#agent/tasks/fetch.ts';
import { Lane } from '#agent/tasks/lane.ts';
import { Paused, performVaultOrder } from '#agent/tasks/perform.ts';
import { performSearch } from '#agent/tasks/search.ts';
import { ServerClock } from '#agent/tasks/server-clock.ts';
import { TaskGate } from '#agent/tasks/task-gate.ts';
import { allObjects } from '#agent/vault/record.ts';
import { actionIdSchema } from '#core/action/action-id.ts';
import { endpointIdSchema } from '#core/endpoint/endpoint-id.ts';
import { Fault } from '#core/fault.ts';
import type { Log } from '#core/ports/log.ts';
import type { ReportedFile } from '#wire/report.ts';
import { newKeyPair, readPrivateKey } from '#wire/signature.ts';
import { toFetch, toPurge, toQuarantine, toRestore } from './parameters.ts';
import { newTask, pathOf, sha256Of, vaultWorld } from './vault-world.ts';

const nothing = () => undefined;
const log: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
const content = 'the same bytes in many places\n';
const sha256 = sha256Of(content);
const names = ['a', 'b', 'c', 'd'];

/** Says so to the first files, and then something else to all that follow. */
function gateAfter(files: number, then: MayBegin) {
  let asked = 0;
  const mayBegin = (): MayBegin => {
    asked += 1;
    return asked <= files ? 'go' : then;
  };
  return { signal: new AbortController().signal, gate: { mayBegin, closed: new AbortController().signal } };
}

/** Files with the same bytes, an index that knows of them, and children that really do the work. */
async function openWorld() {
  const world = await vaultWorld();
  for (const name of names) {
    writeFileSync(path.join(world.files, name), content);
  }
  const database = path.join(world.base, 'inventory.sqlite');
  const index = openIndex(database);
  scan({ room: world.room, index, roots: [pathOf(world.files)], skip: [], watches: undefined });
  index.close();
  const { vault, keys, own, policy } = world.room;
  const child = { command: childCommand(), clock: systemClock, log, patience: 20_000 };
  const orderOf = <Parameters>(parameters: Parameters) => {
    const now = Date.now();
    return {
      ...{ v: 1 as const, taskId: newTask(), issuedAt: now, notBefore: now, deadline: now + 60_000, parameters },
      ...{ endpointId: endpointIdSchema.parse('a'.repeat(32)), actionId: actionIdSchema.parse('7') },
    };
  };
  return {
    ...{ world, orderOf, workshop: { child, vault, keys, own, policy, database } },
    here: () => readdirSync(world.files).toSorted(),
    held: () => allObjects(vault).length,
    [Symbol.dispose]: () => world[Symbol.dispose](),
  };
}

const ends = (files: readonly ReportedFile[]) => files.map(({ outcome, reason }) => reason ?? outcome);

async function pausedBy(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return false;
  } catch (thrown) {
    if (thrown instanceof Paused) {
      return true;
    }
    throw thrown;
  }
}

test('a quarantine of many copies that is withdrawn stops between two: each has its one true end', async () => {
  using place = await openWorld();
  const order = place.orderOf(toQuarantine(null, sha256));
  const files = await performVaultOrder(place.workshop, order, gateAfter(2, 'cancelled'));
  expect(ends(files)).toEqual(['done', 'done', 'withdrawn', 'withdrawn']);
  expect([place.held(), place.here().length]).toEqual([2, 2]);
  for (const { outcome, path: file } of files) {
    expect(existsSync(Buffer.from(file ?? []))).toBe(outcome === 'cancelled');
  }
});

test('one that is halted goes on where it stopped, though another quarantine of many ran meanwhile', async () => {
  using place = await openWorld();
  const order = place.orderOf(toQuarantine(null, sha256));
  expect(await pausedBy(performVaultOrder(place.workshop, order, gateAfter(1, 'halted')))).toBe(true);
  expect([place.held(), place.here().length]).toEqual([1, 3]);
  const other = place.orderOf(toQuarantine(null, sha256Of('other bytes')));
  expect(ends(await performVaultOrder(place.workshop, other, gateAfter(9, 'go')))).toEqual(['not_found']);
  const index = openIndex(place.workshop.database);
  scan({ room: place.world.room, index, roots: [pathOf(place.world.files)], skip: [], watches: undefined });
  index.close();
  const files = await performVaultOrder(place.workshop, order, gateAfter(9, 'go'));
  expect(ends(files)).toEqual(['done', 'done', 'done', 'done']);
  expect([place.held(), place.here()]).toEqual([4, []]);
});

test('one that was halted until its deadline says what it had done, and that the rest is untouched', async () => {
  using place = await openWorld();
  const order = place.orderOf(toQuarantine(null, sha256));
  await pausedBy(performVaultOrder(place.workshop, order, gateAfter(1, 'halted')));
  const files = await performVaultOrder(place.workshop, order, gateAfter(0, 'expired'));
  expect(ends(files)).toEqual(['done', 'deadline_passed', 'deadline_passed', 'deadline_passed']);
  expect([place.held(), place.here().length]).toEqual([1, 3]);
});

test('a restore and a purge of many stop between two as well', async () => {
  using place = await openWorld();
  await performVaultOrder(place.workshop, place.orderOf(toQuarantine(null, sha256)), gateAfter(9, 'go'));
  const restored = await performVaultOrder(place.workshop, place.orderOf(toRestore(sha256)), gateAfter(1, 'cancelled'));
  expect(ends(restored)).toEqual(['done', 'withdrawn', 'withdrawn', 'withdrawn']);
  expect([place.held(), place.here().length]).toEqual([3, 1]);
  const order = place.orderOf(toPurge(sha256));
  expect(await pausedBy(performVaultOrder(place.workshop, order, gateAfter(1, 'halted')))).toBe(true);
  expect(place.held()).toBe(2);
  const purged = await performVaultOrder(place.workshop, order, gateAfter(0, 'cancelled'));
  expect(ends(purged).toSorted()).toEqual(['done', 'withdrawn', 'withdrawn']);
  expect(place.held()).toBe(2);
});

test('a quarantine of one file that is withdrawn before its child began touches nothing', async () => {
  using place = await openWorld();
  const order = place.orderOf(toQuarantine(pathOf(path.join(place.world.files, 'a')), sha256));
  const files = await performVaultOrder(place.workshop, order, gateAfter(0, 'cancelled'));
  expect(files).toMatchObject([{ outcome: 'cancelled', reason: 'withdrawn', sha256 }]);
  expect([place.held(), place.here()]).toEqual([0, names]);
});

/** A server that has every file already, and hears which were offered. */
function fetchingFrom(place: Awaited<ReturnType<typeof openWorld>>) {
  const spool = path.join(place.world.base, 'spool');
  mkdirSync(spool);
  const offered: string[] = [];
  const net = {
    connect: () => {
      throw new Fault('unavailable', 'not in this test');
    },
    request: async ({ path: asked }: { path: string }) => {
      offered.push(asked.split('/').at(-1) ?? '');
      return { status: 204, headers: {}, body: new Uint8Array() };
    },
  };
  const deviceKey = readPrivateKey(newKeyPair().privatePem).key;
  const bandwidth = new Bandwidth(systemClock, () => null);
  const uploads = { net, clock: new ServerClock(systemClock), random: systemRandom, log, deviceKey, bandwidth };
  const tools = { ...place.workshop, uploads, spool, captures: new Lane(2), transfers: new Lane(1) };
  return { tools, offered };
}

test('a fetch of many that is withdrawn sends no further file, whether it was captured or not', async () => {
  using place = await openWorld();
  const { tools, offered } = fetchingFrom(place);
  const order = place.orderOf(toFetch(...names.map((name) => pathOf(path.join(place.world.files, name)))));
  // One question before the child begins, one for each of three captures, one for the first upload.
  const files = await performFetch(tools, order, gateAfter(5, 'cancelled'));
  expect(offered.length).toBeLessThanOrEqual(1);
  expect(ends(files).filter((each) => each === 'done')).toHaveLength(offered.length);
  expect(ends(files).filter((each) => each === 'withdrawn')).toHaveLength(names.length - offered.length);
});

test('a fetch that is halted goes on where it stopped, and sends each file once', async () => {
  using place = await openWorld();
  const { tools, offered } = fetchingFrom(place);
  const order = place.orderOf(toFetch(...names.map((name) => pathOf(path.join(place.world.files, name)))));
  expect(await pausedBy(performFetch(tools, order, gateAfter(3, 'halted')))).toBe(true);
  const before = offered.length;
  expect(await pausedBy(performFetch(tools, order, gateAfter(0, 'halted')))).toBe(true);
  expect(offered).toHaveLength(before);
  expect(ends(await performFetch(tools, order, gateAfter(99, 'go')))).toEqual(['done', 'done', 'done', 'done']);
  expect(offered.toSorted()).toEqual(['0', '1', '2', '3']);
});

test('a search that is withdrawn ends at once, and says that what it had found is not told', async () => {
  using place = await openWorld();
  const gate = new TaskGate(() => false);
  const child = { ...place.workshop.child, command: ['sleep', '100'] as const };
  const room = { child, clock: systemClock, database: place.workshop.database, roots: ['/'], skip: [] };
  const pattern = { by: 'sha256', sha256 } as const;
  const order = place.orderOf({ verb: 'search', pattern, live: true, under: null, limit: 10 } as const);
  const heed = { signal: new AbortController().signal, gate };
  const work = performSearch(room, { order, policy: place.workshop.policy }, heed);
  gate.close('cancelled');
  expect(await work).toMatchObject([{ outcome: 'cancelled', reason: 'withdrawn', sha256 }]);
});
