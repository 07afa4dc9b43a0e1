import { expect, test } from 'bun:test';
import type { FileOutcome } from '#core/action/action.ts';
import { parsePath } from '#core/file/file-path.ts';
import type { VaultObjectId } from '#core/file/vault-object-id.ts';
import type { PlanPolicies } from '#core/restore/planned-orders.ts';
import { restorePlanOf } from '#core/restore/restore-plan.ts';
import { changeHashLists } from '#core/verbs/change-hash-lists.ts';
import { describeRestorePlan } from '#core/verbs/describe-restore-plan.ts';
import { planRestore } from '#core/verbs/plan-restore.ts';
import { quarantineFiles } from '#core/verbs/quarantine-files.ts';
import { restoreFiles } from '#core/verbs/restore-files.ts';
import { type RunRestorePlan, runRestorePlan } from '#core/verbs/run-restore-plan.ts';
import { startAgent, type TestAgent } from '#kit/agent.ts';
import { administrator, enrolMachine, sha256Of } from '#kit/fleet.ts';
import { openPorts } from '#kit/ports.ts';

const bytes = new TextEncoder().encode('the same bytes everywhere');
const sha256 = sha256Of(bytes);
const origin = { principal: administrator, dialect: 'native' } as const;
const plain: PlanPolicies & Pick<RunRestorePlan, 'origin' | 'allow'> = {
  ...{ origin, allow: false, ifOccupied: 'fail', ifParentMissing: 'fail', otherPath: undefined },
};
const files = ['/srv/a', '/srv/deep/a', '/srv/b'];

/** Machines that hold the same bytes from three places each. */
async function openFleet(count: number) {
  const ports = await openPorts();
  const agents: TestAgent[] = [];
  for (let number = 0; number < count; number += 1) {
    const disk = Object.fromEntries(files.map((file) => [file, bytes]));
    agents.push(startAgent(ports, await enrolMachine(ports, { hostName: `m${number}` }), disk));
  }
  const endpointIds = agents.map(({ endpoint }) => endpoint.id);
  await quarantineFiles(ports, { origin, endpointIds, path: null, sha256 });
  const work = async (who = agents) => {
    for (const agent of who) {
      await agent.work();
    }
  };
  await work();
  return { ports, agents, work, [Symbol.asyncDispose]: () => ports[Symbol.asyncDispose]() };
}

async function faultOf(promise: Promise<unknown>) {
  const thrown = await promise.catch((fault: unknown) => fault);
  return thrown instanceof Error && 'code' in thrown
    ? { code: thrown.code, message: thrown.message }
    : { code: 'none' };
}

test('a plan tells what was found, counted and by object, and who has not answered; its digest is of just that', async () => {
  await using fleet = await openFleet(3);
  const { ports, agents, work } = fleet;
  const [one, two, away] = agents;
  one?.disk.set('/srv/a', new TextEncoder().encode('another'));
  two?.disk.set('/srv/a', bytes);
  const { id } = await planRestore(ports, { origin, sha256 });
  const empty = (await describeRestorePlan(ports, id)).plan;
  expect([empty.objects, empty.waiting.length]).toEqual([[], 3]);
  await work(agents.slice(0, 2));
  const { plan, blockedBy } = await describeRestorePlan(ports, id);
  expect(blockedBy).toBeNull();
  expect(plan.counts).toMatchObject({ free: 4, occupied_other: 1, occupied_same: 1, damaged: 0 });
  expect(plan.waiting).toEqual([{ endpointId: away?.endpoint.id ?? '', status: 'pending' }] as never);
  expect(plan.objects.map(({ endpointId }) => endpointId)).toEqual(
    plan.objects.map(({ endpointId }) => endpointId).toSorted(),
  );
  const again = (await describeRestorePlan(ports, id)).plan.digest;
  expect([plan.digest === again, plan.digest === empty.digest]).toEqual([true, false]);
  await work();
  expect((await describeRestorePlan(ports, id)).plan.digest).not.toBe(plan.digest);
  expect(agents.every(({ disk }) => disk.size <= 1)).toBe(true);
});

test('the digest is of endpoint, object, target and finding: whichever differs, it is another', async () => {
  await using fleet = await openFleet(1);
  const { ports, work } = fleet;
  const { id } = await planRestore(ports, { origin, sha256 });
  await work();
  const facts = await ports.store.read(async (reader) => ({
    ...{ tasks: await reader.tasks.byAction(id), outcomes: await reader.outcomes.byActions([id]) },
    ...{ action: (await reader.actions.byId(id)) ?? expect.unreachable(), asked: { sha256, vaultObject: null } },
  }));
  const digestOf = (change: Partial<FileOutcome>) => {
    const [first, ...others] = facts.outcomes;
    const outcomes = [{ ...(first ?? expect.unreachable()), ...change }, ...others];
    return restorePlanOf({ ...facts, outcomes }, ports.clock.now()).digest;
  };
  const changes: readonly Partial<FileOutcome>[] = [
    { details: { finding: 'damaged' } },
    { path: parsePath('/srv/elsewhere') },
    { vaultObject: null },
    { details: {} },
  ];
  expect(new Set([digestOf({}), ...changes.map(digestOf)]).size).toBe(changes.length + 1);
  expect(digestOf({ message: 'other words', size: 7 })).toBe(digestOf({}));
});

test('a run restores just what the plan found: not what came into a vault since, and not by another digest', async () => {
  await using fleet = await openFleet(2);
  const { ports, agents, work } = fleet;
  const { id: actionId } = await planRestore(ports, { origin, sha256 });
  await work(agents.slice(0, 1));
  const early = (await describeRestorePlan(ports, actionId)).plan.digest;
  await work();
  const stale = await faultOf(runRestorePlan(ports, { ...plain, actionId, digest: early }));
  expect(stale).toMatchObject({ code: 'conflict', message: expect.stringContaining('6 objects found, 0 endpoints') });
  const [agent] = agents;
  agent?.disk.set('/srv/later', bytes);
  const later = {
    origin,
    path: parsePath('/srv/later'),
    sha256,
    endpointIds: [agent?.endpoint.id ?? expect.unreachable()],
  };
  await quarantineFiles(ports, later);
  await work();
  const { digest } = (await describeRestorePlan(ports, actionId)).plan;
  const { action, ...counts } = await runRestorePlan(ports, { ...plain, actionId, digest });
  expect([action.verb, counts]).toEqual(['restore_objects', { objects: 6, skipped: 0, removed: 0 }]);
  await work();
  for (const each of agents) {
    expect([...each.disk.keys()].toSorted()).toEqual(files.toSorted());
  }
  const twice = await faultOf(runRestorePlan(ports, { ...plain, actionId, digest }));
  expect(twice).toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('6 of the planned objects have left'),
  });
  expect(await faultOf(runRestorePlan(ports, { ...plain, actionId: action.id, digest }))).toMatchObject({
    ...{ code: 'invalid_request', message: expect.stringContaining('no plan of a restore') },
  });
});

test('what stands in the way is left alone, put beside, taken, skipped, or the file goes elsewhere', async () => {
  await using fleet = await openFleet(1);
  const { ports, agents, work } = fleet;
  const agent = agents[0] ?? expect.unreachable();
  for (const file of ['/srv/a', '/srv/deep/a']) {
    agent.disk.set(file, new TextEncoder().encode(`in the way of ${file}`));
  }
  const { id: actionId } = await planRestore(ports, { origin, sha256 });
  await work();
  const { digest, objects } = (await describeRestorePlan(ports, actionId)).plan;
  const idAt = (target: string) =>
    objects.find((object) => Buffer.from(object.target ?? []).toString() === target)?.vaultObject ?? '';
  const orders = async (policies: Partial<RunRestorePlan>) => {
    const { action, ...counts } = await runRestorePlan(ports, { ...plain, actionId, digest, ...policies });
    const [task] = await ports.store.read(({ tasks }) => tasks.byAction(action.id));
    await ports.store.transact(({ tasks }) => tasks.transition([task?.id ?? expect.unreachable()], 'cancel'));
    const asked = task?.parameters.verb === 'restore_objects' ? task.parameters.objects : [];
    const shown = asked.map(({ vaultObject, to, ifOccupied }): [VaultObjectId, unknown] => [
      ...([vaultObject, [to === null ? null : Buffer.from(to).toString(), ifOccupied]] as const),
    ]);
    return { ...counts, objects: new Map<string, unknown>(shown) };
  };
  const [first, second, third] = files.map(idAt) as [string, string, string];
  for (const ifOccupied of ['fail', 'keep_both', 'swap'] as const) {
    const { objects: asked } = await orders({ ifOccupied });
    expect([...asked].toSorted()).toEqual(
      (
        [
          [first, [null, ifOccupied]],
          [second, [null, ifOccupied]],
          [third, [null, 'fail']],
        ] as [string, unknown][]
      ).toSorted(),
    );
  }
  const skipped = await orders({ ifOccupied: 'skip' });
  expect([skipped.skipped, [...skipped.objects.keys()]]).toEqual([2, [third]]);
  const elsewhere = await orders({ ifOccupied: 'other_path', otherPath: parsePath('/var/back/') });
  expect(elsewhere.objects.get(first)).toEqual([`/var/back/a.${first.slice(0, 8)}`, 'fail']);
  expect(elsewhere.objects.get(second)).toEqual([`/var/back/a.${second.slice(0, 8)}`, 'fail']);
  expect(elsewhere.objects.get(third)).toEqual([null, 'fail']);
  expect(await faultOf(orders({ ifOccupied: 'other_path' }))).toMatchObject({ code: 'invalid_request' });
});

test('a run is refused for a blocked hash, or allows it, and has nothing to do where everything is skipped', async () => {
  await using fleet = await openFleet(1);
  const { ports, agents, work } = fleet;
  const { id: actionId } = await planRestore(ports, { origin, sha256 });
  await work();
  const { digest } = (await describeRestorePlan(ports, actionId)).plan;
  const decision = { list: 'block', prevent: true, comment: '', expiresAt: undefined } as const;
  await changeHashLists(ports, { origin, changes: [{ hashes: [sha256], decision }] });
  expect((await describeRestorePlan(ports, actionId)).blockedBy).toBe(sha256);
  expect(await faultOf(runRestorePlan(ports, { ...plain, actionId, digest }))).toMatchObject({ code: 'conflict' });
  expect(await runRestorePlan(ports, { ...plain, actionId, digest, allow: true })).toMatchObject({ objects: 3 });
  await work();
  expect(agents[0]?.disk.size).toBe(3);

  const other = await openFleet(1);
  await using _ = other;
  for (const file of files) {
    other.agents[0]?.disk.set(file, new Uint8Array(1));
  }
  const { id } = await planRestore(other.ports, { origin, sha256 });
  await other.work();
  const { plan } = await describeRestorePlan(other.ports, id);
  const skipping = { ...plain, actionId: id, digest: plan.digest, ifOccupied: 'skip' } as const;
  expect(await faultOf(runRestorePlan(other.ports, skipping))).toMatchObject({ code: 'no_target' });
  expect(await faultOf(planRestore(other.ports, { origin, sha256: sha256Of(new Uint8Array(9)) }))).toMatchObject({
    code: 'no_target',
  });
});

test('quarantines of the hash that wait on the endpoints of a run are superseded, and on no others', async () => {
  await using fleet = await openFleet(2);
  const { ports, agents, work } = fleet;
  const [one, two] = [agents[0] ?? expect.unreachable(), agents[1] ?? expect.unreachable()];
  const { id: actionId } = await planRestore(ports, { origin, sha256, endpointId: one.endpoint.id });
  await work();
  const endpointIds = agents.map(({ endpoint }) => endpoint.id);
  const waiting = await quarantineFiles(ports, { origin, endpointIds, path: null, sha256 });
  const { digest } = (await describeRestorePlan(ports, actionId)).plan;
  await runRestorePlan(ports, { ...plain, actionId, digest });
  const tasks = await ports.store.read((reader) => reader.tasks.byAction(waiting.id));
  expect(new Map(tasks.map(({ endpointId, state }) => [endpointId, state]))).toEqual(
    new Map([
      [one.endpoint.id, 'cancelled'],
      [two.endpoint.id, 'pending'],
    ]),
  );
  await work();
  expect([one.disk.size, two.disk.size]).toEqual([3, 0]);
  await restoreFiles(ports, { origin, sha256 });
});
