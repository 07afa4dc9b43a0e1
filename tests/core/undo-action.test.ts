import { expect, test } from 'bun:test';
import type { Action } from '#core/action/action.ts';
import { parsePath } from '#core/file/file-path.ts';
import { vaultObjectIdSchema } from '#core/file/vault-object-id.ts';
import { day } from '#core/time.ts';
import { changeHashLists } from '#core/verbs/change-hash-lists.ts';
import { describeAction } from '#core/verbs/describe-action.ts';
import { expireOverdue } from '#core/verbs/expire-overdue.ts';
import { quarantineFiles } from '#core/verbs/quarantine-files.ts';
import { recordReports } from '#core/verbs/record-reports.ts';
import { recordVaultPart } from '#core/verbs/record-vault-list.ts';
import { restoreFiles } from '#core/verbs/restore-files.ts';
import { takeDeliverable } from '#core/verbs/take-deliverable.ts';
import { undoAction } from '#core/verbs/undo-action.ts';
import { startAgent, type TestAgent } from '#kit/agent.ts';
import { administrator, enrolMachine, sha256Of } from '#kit/fleet.ts';
import { openPorts, type TestPorts } from '#kit/ports.ts';

const bytes = new TextEncoder().encode('the same bytes everywhere');
const sha256 = sha256Of(bytes);
const file = '/srv/file';
const path = parsePath(file);
const origin = { principal: administrator, dialect: 'cortex' } as const;

async function openFleet(count: number) {
  const ports = await openPorts();
  const agents: TestAgent[] = [];
  for (let number = 0; number < count; number += 1) {
    agents.push(startAgent(ports, await enrolMachine(ports, { hostName: `m${number}` }), { [file]: bytes }));
  }
  const quarantine = (named = agents, hash: typeof sha256 | null = sha256) =>
    quarantineFiles(ports, { origin, path, sha256: hash, endpointIds: named.map(({ endpoint }) => endpoint.id) });
  return { ports, agents, quarantine, [Symbol.asyncDispose]: () => ports[Symbol.asyncDispose]() };
}

async function statuses(ports: TestPorts, { id }: Pick<Action, 'id'>) {
  const { tasks } = await describeAction(ports, id);
  return new Map(tasks.map(({ task, status }) => [task.endpointId, status]));
}

test('one call gives back all that a fleet took: reported or not, taken or not, here or away', async () => {
  await using fleet = await openFleet(1_000);
  const { ports, agents, quarantine } = fleet;
  const [reported, silent, accepted, sent] = [
    agents.slice(0, 700),
    agents.slice(700, 800),
    agents.slice(800, 850),
    agents.slice(850, 900),
  ];
  const never = agents.slice(900, 1_000);
  const taking = await quarantine();
  for (const agent of reported) {
    await agent.work();
  }
  for (const agent of silent) {
    await agent.workSilently();
  }
  for (const agent of accepted) {
    await agent.accept();
  }
  await takeDeliverable(ports, { endpointIds: sent.map(({ endpoint }) => endpoint.id) });
  expect(agents.filter(({ disk }) => disk.has(file))).toHaveLength(200);

  const { undo, ...counts } = await undoAction(ports, { origin, actionId: taking.id });
  expect(counts).toEqual({ withdrawn: 100, asked: 200, removed: 0 });
  expect(undo).toMatchObject({ verb: 'undo', endpointsCount: 900 });
  const withdrawn = await statuses(ports, taking);
  expect(never.map(({ endpoint }) => withdrawn.get(endpoint.id))).toEqual(Array(100).fill('cancelled'));

  const away = agents.slice(500, 720);
  for (const agent of agents.filter((each) => !away.includes(each))) {
    await agent.work();
  }
  expect(agents.filter(({ disk }) => !disk.has(file)).length).toBe(220);
  ports.clock.advance(3 * day);
  for (const agent of away) {
    await agent.work();
  }
  expect(agents.filter(({ disk }) => !Buffer.from(disk.get(file) ?? []).equals(bytes))).toEqual([]);
  const done = await statuses(ports, undo ?? expect.unreachable());
  expect(new Set(done.values())).toEqual(new Set(['completed_successfully']));
  const { total } = await ports.store.read((reader) =>
    reader.quarantine.list({ states: ['held'] }, { offset: 0, limit: 0 }),
  );
  expect(total).toBe(0);
  const events = await ports.store.read((reader) => reader.events.list({ types: ['action_cancelled'] }, 0, 10));
  expect(events).toMatchObject([
    { actionId: taking.id, facts: { verb: 'quarantine', withdrawn: 100, asked: 200, supersededBy: undo?.id } },
  ]);
}, 240_000);

test('what another quarantine took of the same bytes stays where it is, also where the one that is undone came too late', async () => {
  await using fleet = await openFleet(2);
  const { ports, agents, quarantine } = fleet;
  const [one, other] = [agents[0] ?? expect.unreachable(), agents[1] ?? expect.unreachable()];
  await quarantine([other]);
  await other.work();
  const both = await quarantine(agents, null);
  await one.work();
  await other.work();
  const { undo } = await undoAction(ports, { origin, actionId: both.id });
  expect(undo).toMatchObject({ endpointsCount: 1 });
  await one.work();
  await other.work();
  expect([one.disk.has(file), other.disk.has(file)]).toEqual([true, false]);
});

test('a quarantine that no agent had is merely withdrawn, and one that took nothing says so', async () => {
  await using fleet = await openFleet(2);
  const { ports, agents, quarantine } = fleet;
  const taking = await quarantine();
  expect(await undoAction(ports, { origin, actionId: taking.id })).toEqual({
    ...{ undo: null, withdrawn: 2, asked: 0, removed: 0 },
  });
  expect(new Set((await statuses(ports, taking)).values())).toEqual(new Set(['cancelled']));
  await Promise.all(agents.map((agent) => agent.work()));
  expect(agents.filter(({ disk }) => disk.has(file))).toHaveLength(2);
  const again = undoAction(ports, { origin, actionId: taking.id });
  expect(await again.catch((fault: unknown) => fault)).toMatchObject({ code: 'no_target' });
});

test('a quarantine by path alone that nobody heard of is undone, and one that expired unheard; where the machine was away it is not', async () => {
  await using fleet = await openFleet(3);
  const { ports, agents, quarantine } = fleet;
  const [taker, lost, away] = agents;
  const taking = await quarantine(agents, null);
  await taker?.workSilently();
  await takeDeliverable(ports, { endpointIds: [lost?.endpoint.id ?? expect.unreachable()] });
  const ids = [taker, lost].flatMap((agent) => agent?.endpoint.id ?? []);
  ports.clock.advance(1);
  await ports.store.transact(({ endpoints }) => endpoints.markSeen(ids, ports.clock.now(), null));
  await ports.store.transact(({ endpoints }) =>
    endpoints.markSeen([away?.endpoint.id ?? expect.unreachable()], taking.createdAt - 1, null),
  );
  ports.clock.advance(10 * day);
  await expireOverdue(ports);
  const { undo } = await undoAction(ports, { origin, actionId: taking.id });
  const asked = await statuses(ports, undo ?? expect.unreachable());
  expect([...asked.keys()].toSorted()).toEqual(ids.toSorted());
  await Promise.all(agents.map((agent) => agent.work()));
  expect(agents.filter(({ disk }) => disk.has(file))).toHaveLength(3);
  const done = await statuses(ports, undo ?? expect.unreachable());
  expect([...done.values()]).toEqual(['completed_successfully', 'completed_successfully']);
});

test('it is possible to undo again and again, and what a restore brought back before is not asked for', async () => {
  await using fleet = await openFleet(2);
  const { ports, agents, quarantine } = fleet;
  const taking = await quarantine();
  await Promise.all(agents.map((agent) => agent.work()));
  const [first, second] = [agents[0] ?? expect.unreachable(), agents[1] ?? expect.unreachable()];
  await restoreFiles(ports, { origin, sha256, endpointId: first.endpoint.id });
  await first.work();
  const { undo } = await undoAction(ports, { origin, actionId: taking.id });
  expect([...(await statuses(ports, undo ?? expect.unreachable())).keys()]).toEqual([second.endpoint.id]);
  await second.work();
  const { undo: repeated } = await undoAction(ports, { origin, actionId: taking.id });
  expect(repeated).toMatchObject({ endpointsCount: 2 });
});

test('an agent that finds nothing has lost what was recorded, and has done all where nothing was', async () => {
  await using fleet = await openFleet(2);
  const { ports, agents, quarantine } = fleet;
  const [holder, other] = [agents[0] ?? expect.unreachable(), agents[1] ?? expect.unreachable()];
  const taking = await quarantine();
  await holder.work();
  await other.accept();
  const { undo } = await undoAction(ports, { origin, actionId: taking.id });
  const nothing = { reason: null, message: '', path: null, size: null, vaultObject: null, effect: null };
  for (const { endpoint } of [holder, other]) {
    const open = await takeDeliverable(ports, { endpointIds: [endpoint.id] });
    const task = open.find(({ actionId }) => actionId === undo?.id) ?? expect.unreachable();
    const found = { ...nothing, ordinal: 0, outcome: 'not_found' as const, sha256: null, losses: [], details: {} };
    const signed = { bytes: new Uint8Array(1), signature: new Uint8Array(64) };
    const { actionId, id: taskId } = task;
    await recordReports(ports, [{ endpoint, actionId, taskId, finishedAt: 1, files: [found], signed }]);
  }
  const ended = await statuses(ports, undo ?? expect.unreachable());
  expect([ended.get(holder.endpoint.id), ended.get(other.endpoint.id)]).toEqual(['failed', 'completed_successfully']);
});

test('what an agent lists of a quarantine that ended in doubt is given back, too', async () => {
  await using fleet = await openFleet(1);
  const { ports, agents, quarantine } = fleet;
  const [agent] = agents;
  const { endpoint } = agent ?? expect.unreachable();
  const taking = await quarantine();
  const [task] = await takeDeliverable(ports, { endpointIds: [endpoint.id] });
  const { id: taskId, actionId } = task ?? expect.unreachable();
  const refused = {
    reason: null,
    message: '',
    path,
    size: null,
    vaultObject: null,
    effect: null,
    losses: [],
    details: {},
  };
  const signed = { bytes: new Uint8Array(1), signature: new Uint8Array(64) };
  const files = [{ ...refused, ordinal: 0, outcome: 'not_found' as const, sha256 }];
  await recordReports(ports, [{ endpoint, actionId, taskId, finishedAt: 1, files, signed }]);
  const vaultObject = vaultObjectIdSchema.parse('01234567-89ab-4def-8123-456789abcdef');
  const held = [{ vaultObject, taskId, path, sha256, size: bytes.length, takenAt: 1 }];
  await recordVaultPart(ports, { endpoint, held, damaged: [] });
  expect((await undoAction(ports, { origin, actionId: taking.id })).undo).toMatchObject({ endpointsCount: 1 });
});

test('only a quarantine is undone, a removed machine is out of reach, and a blocked hash is allowed in the same act or not at all', async () => {
  await using fleet = await openFleet(1);
  const { ports, agents, quarantine } = fleet;
  const [agent] = agents;
  const codeOf = async (undo: Promise<unknown>) => {
    const fault = await undo.catch((thrown: unknown) => thrown);
    return fault instanceof Error && 'code' in fault ? fault.code : 'none';
  };
  const taking = await quarantine();
  await agent?.work();
  const restore = await restoreFiles(ports, { origin, sha256 });
  expect(await codeOf(undoAction(ports, { origin, actionId: restore.id }))).toBe('invalid_request');
  expect(await codeOf(undoAction(ports, { origin, actionId: '1' as typeof taking.id }))).toBe('not_found');
  const decision = { list: 'block', prevent: true, comment: '', expiresAt: undefined } as const;
  await changeHashLists(ports, { origin, changes: [{ hashes: [sha256], decision }] });
  expect(await codeOf(undoAction(ports, { origin, actionId: taking.id }))).toBe('conflict');
  expect(await codeOf(undoAction(ports, { origin, actionId: taking.id, allow: true }))).toBe('none');
  expect(await ports.store.read(({ hashLists }) => hashLists.byHashes([sha256]))).toMatchObject([{ list: 'allow' }]);
  await ports.store.transact(({ endpoints }) => endpoints.revoke([agent?.endpoint.id ?? expect.unreachable()], 1));
  expect(await codeOf(undoAction(ports, { origin, actionId: taking.id }))).toBe('no_target');
});
