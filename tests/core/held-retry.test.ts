import { expect, test } from 'bun:test';
import { describeAction } from '#core/verbs/describe-action.ts';
import { describeApproval, listApprovals } from '#core/verbs/describe-approval.ts';
import { expireOverdue } from '#core/verbs/expire-overdue.ts';
import { refuseApproval } from '#core/verbs/refuse-approval.ts';
import { retryAction } from '#core/verbs/retry-action.ts';
import { verifyHistory } from '#core/verbs/verify-history.ts';
import { startAgent, type TestAgent } from '#kit/agent.ts';
import { approvalEvents, bytes, deliveredTo, openWorld, type World } from './approval-world.ts';

/** A quarantine of all three machines that was approved, and then failed, because nothing was there yet. */
async function failed(world: World) {
  const [ana, bob] = [await world.person('ana'), await world.person('bob')];
  const action = await world.quarantine(ana);
  await world.approve(bob, action);
  const agents = world.machines.map((machine) => startAgent(world.ports, machine));
  await work(agents);
  for (const { disk } of agents) {
    disk.set('/srv/evil', bytes);
  }
  world.ports.clock.advance(1);
  const retry = (principal: typeof ana, most = 3) => {
    const endpointIds = world.machines.slice(0, most).map(({ id }) => id);
    return retryAction(world.ports, { origin: { principal, dialect: 'native' }, actionId: action.id, endpointIds });
  };
  return { ana, bob, action, agents, retry };
}

async function work(agents: readonly TestAgent[]): Promise<void> {
  for (const agent of agents) {
    await agent.work();
  }
}

test('A retry that is too wide for one person is held, and goes out once another than who asked for it approves just that.', async () => {
  await using world = await openWorld();
  const { ana, bob, action, agents, retry } = await failed(world);
  const before = await describeApproval(world.ports, action.id);
  expect(await retry(bob)).toMatchObject({ endpoints: 3, isHeld: true });
  expect((await describeAction(world.ports, action.id)).status).toBe('held');
  expect(await deliveredTo(world)).toBe(0);
  const { approval, needed } = await describeApproval(world.ports, action.id);
  expect([approval.round, approval.requestedBy.id, approval.digest === before.approval.digest, needed]).toEqual([
    2,
    bob.id,
    false,
    'second_person',
  ]);

  expect(await world.approve(ana, action, { digest: before.approval.digest })).toMatchObject({ code: 'conflict' });
  expect(await world.approve(bob, action)).toMatchObject({ code: 'permission_denied' });
  expect(await world.approve(ana, action)).toBeUndefined();
  await work(agents);
  expect((await describeAction(world.ports, action.id)).status).toBe('completed_successfully');
  expect(await world.eventsOf(action, ...approvalEvents)).toMatchObject([
    { type: 'approval_requested', actor: { id: ana.id } },
    { type: 'approval_given', actor: { id: bob.id } },
    { type: 'approval_requested', actor: { id: bob.id } },
    { type: 'approval_given', actor: { id: ana.id }, facts: { requestedBy: { id: bob.id }, released: 3 } },
  ]);
  const { items } = await listApprovals(world.ports, { onlyWaiting: false }, { offset: 0, limit: 9 });
  expect(items.map(({ approval: { round }, state }) => [round, state])).toEqual([
    [2, 'approved'],
    [1, 'approved'],
  ]);
  expect(await verifyHistory(world.ports)).toBeUndefined();
});

test('A retry of no more than one person may order goes out at once.', async () => {
  await using world = await openWorld();
  const { ana, action, agents, retry } = await failed(world);
  expect(await retry(ana, 2)).toMatchObject({ endpoints: 2, isHeld: false });
  await work(agents);
  expect((await describeAction(world.ports, action.id)).status).toBe('completed_partial');
});

test('While a retry waits nothing else of the action is retried; refused or expired, it can be asked for again.', async () => {
  await using world = await openWorld();
  const { ana, bob, action, retry } = await failed(world);
  await retry(ana);
  try {
    await retry(ana, 1);
    expect.unreachable();
  } catch (fault) {
    expect(fault).toMatchObject({ code: 'conflict' });
  }
  await refuseApproval(world.ports, { principal: bob, actionId: action.id, reason: 'no' });
  expect((await describeAction(world.ports, action.id)).status).toBe('cancelled');
  await retry(ana);
  const { approval } = await describeApproval(world.ports, action.id);
  world.ports.clock.advance(approval.expiresAt);
  await expireOverdue(world.ports);
  expect((await describeApproval(world.ports, action.id)).state).toBe('expired');
  expect(await world.eventsOf(action, 'approval_expired')).toHaveLength(1);
  expect(await retry(ana)).toMatchObject({ isHeld: true });
  expect(await verifyHistory(world.ports)).toBeUndefined();
});
