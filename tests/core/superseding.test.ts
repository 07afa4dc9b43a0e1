import { expect, test } from 'bun:test';
import type { Action } from '#core/action/action.ts';
import { parsePath } from '#core/file/file-path.ts';
import { describeAction } from '#core/verbs/describe-action.ts';
import { quarantineFiles } from '#core/verbs/quarantine-files.ts';
import { recordReports } from '#core/verbs/record-reports.ts';
import { restoreFiles } from '#core/verbs/restore-files.ts';
import { takeDeliverable } from '#core/verbs/take-deliverable.ts';
import { startAgent } from '#kit/agent.ts';
import { administrator, enrolMachine, sha256Of } from '#kit/fleet.ts';
import { openPorts } from '#kit/ports.ts';

const bytes = new TextEncoder().encode('the same bytes everywhere');
const sha256 = sha256Of(bytes);
const file = '/srv/file';
const origin = { principal: administrator, dialect: 'cortex' } as const;

/** Three machines that have the file; the first holds it in its vault already. */
async function openFleet() {
  const ports = await openPorts();
  const holder = startAgent(ports, await enrolMachine(ports, { hostName: 'holder' }), { [file]: bytes });
  const absent = startAgent(ports, await enrolMachine(ports, { hostName: 'absent' }), { [file]: bytes });
  const sent = startAgent(ports, await enrolMachine(ports, { hostName: 'sent' }), { [file]: bytes });
  const agents = [holder, absent, sent];
  const quarantine = (...named: typeof agents) =>
    quarantineFiles(ports, {
      ...{ origin, path: parsePath(file), sha256 },
      endpointIds: named.map(({ endpoint }) => endpoint.id),
    });
  await quarantine(holder);
  await holder.work();
  const standing = async ({ id }: Action) =>
    new Map((await describeAction(ports, id)).tasks.map(({ task, status }) => [task.endpointId, status]));
  return {
    ports,
    holder,
    absent,
    sent,
    agents,
    quarantine,
    standing,
    [Symbol.asyncDispose]: () => ports[Symbol.asyncDispose](),
  };
}

test('a restore by hash supersedes quarantines that have not begun, on endpoints that hold nothing as well', async () => {
  await using fleet = await openFleet();
  const { ports, holder, absent, sent, agents, quarantine, standing } = fleet;
  const older = await quarantine(...agents);
  const other = await quarantineFiles(ports, {
    ...{ origin, path: parsePath(file), sha256: sha256Of(new Uint8Array(1)) },
    endpointIds: [absent.endpoint.id],
  });
  await takeDeliverable(ports, { endpointIds: [sent.endpoint.id] });
  const restore = await restoreFiles(ports, { origin, sha256 });
  expect(restore.endpointsCount).toBe(3);
  expect(await standing(older)).toEqual(
    new Map([
      [holder.endpoint.id, 'cancelled'],
      [absent.endpoint.id, 'cancelled'],
      [sent.endpoint.id, 'cancelling'],
    ]),
  );
  expect((await standing(other)).get(absent.endpoint.id)).toBe('pending');
  const { tasks } = await describeAction(ports, older.id);
  expect(tasks[1]?.outcomes).toMatchObject([
    { outcome: 'cancelled', reason: 'superseded', message: `The order was superseded by the restore ${restore.id}.` },
  ]);
  const events = await ports.store.read((reader) => reader.events.list({ types: ['action_cancelled'] }, 0, 10));
  expect(events).toMatchObject([
    {
      actionId: older.id,
      actor: { id: administrator.id },
      facts: { verb: 'quarantine', withdrawn: 2, asked: 1, supersededBy: restore.id },
    },
  ]);
  await sent.abort();
  const [, , aborted] = (await describeAction(ports, older.id)).tasks;
  const message = `The order was superseded by the newer action ${restore.id} before the agent began; nothing was done.`;
  expect(aborted?.outcomes).toMatchObject([{ outcome: 'cancelled', reason: 'superseded', message }]);
  await Promise.all(agents.map((agent) => agent.work()));
  for (const agent of agents) {
    expect(agent.disk.get(file)).toEqual(bytes);
  }
});

test('a restore on one endpoint supersedes there only, and one of a single copy nothing', async () => {
  await using fleet = await openFleet();
  const { ports, holder, absent, quarantine, standing } = fleet;
  const older = await quarantine(holder, absent);
  const [object] = (
    await ports.store.read((reader) => reader.quarantine.list({ states: ['held'] }, { offset: 0, limit: 1 }))
  ).items;
  await restoreFiles(ports, { origin, sha256, vaultObject: object?.vaultObject });
  expect([...(await standing(older)).values()]).toEqual(['pending', 'pending']);
  await restoreFiles(ports, { origin, sha256, endpointId: absent.endpoint.id });
  expect([...(await standing(older)).values()]).toEqual(['pending', 'cancelled']);
});

test('a quarantine that has begun goes on, and what it took comes back by the restore', async () => {
  await using fleet = await openFleet();
  const { ports, absent, quarantine, standing } = fleet;
  const older = await quarantine(absent);
  await absent.accept();
  // Orders of one moment come in any order.
  ports.clock.advance(1);
  const restore = await restoreFiles(ports, { origin, sha256, endpointId: absent.endpoint.id });
  expect((await standing(older)).get(absent.endpoint.id)).toBe('in_progress');
  await absent.work();
  expect((await standing(older)).get(absent.endpoint.id)).toBe('completed_successfully');
  expect((await standing(restore)).get(absent.endpoint.id)).toBe('completed_successfully');
  expect(absent.disk.get(file)).toEqual(bytes);
});

test('a removed endpoint is asked nothing, and alone it is no target', async () => {
  await using fleet = await openFleet();
  const { ports, holder, absent, quarantine } = fleet;
  await quarantine(absent);
  await absent.work();
  await ports.store.transact(({ endpoints }) => endpoints.revoke([absent.endpoint.id], 1));
  expect(await restoreFiles(ports, { origin, sha256 })).toMatchObject({ endpointsCount: 1 });
  await holder.work();
  const alone = restoreFiles(ports, { origin, sha256, endpointId: absent.endpoint.id });
  expect(await alone.catch((fault: unknown) => fault)).toMatchObject({ code: 'no_target' });
});

test('where nothing was ever taken, an agent that holds nothing has done what was asked; where something was, it lost it', async () => {
  await using fleet = await openFleet();
  const { ports, holder, absent, quarantine, standing } = fleet;
  await quarantine(absent);
  const restore = await restoreFiles(ports, { origin, sha256 });
  const report = async ({ endpoint }: typeof holder) => {
    const [task] = await takeDeliverable(ports, { endpointIds: [endpoint.id] });
    const { id: taskId, actionId } = task ?? expect.unreachable();
    const nothing = { reason: null, message: '', path: null, size: null, vaultObject: null, effect: null };
    const file = { ...nothing, ordinal: 0, outcome: 'not_found' as const, sha256, losses: [], details: {} };
    const signed = { bytes: new Uint8Array(1), signature: new Uint8Array(64) };
    await recordReports(ports, [{ endpoint, actionId, taskId, finishedAt: 1, files: [file], signed }]);
  };
  await report(absent);
  await report(holder);
  expect(await standing(restore)).toEqual(
    new Map(
      [holder, absent].map(({ endpoint }, index) => [endpoint.id, index === 0 ? 'failed' : 'completed_successfully']),
    ),
  );
});
