import { describe, expect, test } from 'bun:test';
import type { Action } from '#core/action/action.ts';
import type { ActionId } from '#core/action/action-id.ts';
import { Fault } from '#core/fault.ts';
import type { RolloutStage } from '#core/guard/rings.ts';
import { day, minute, second } from '#core/time.ts';
import { advanceRings } from '#core/verbs/advance-rings.ts';
import { approveAction } from '#core/verbs/approve-action.ts';
import { cancelAction } from '#core/verbs/cancel-action.ts';
import { describeAction } from '#core/verbs/describe-action.ts';
import { describeApproval } from '#core/verbs/describe-approval.ts';
import { describeRings } from '#core/verbs/describe-rings.ts';
import { whatTasksWaitFor } from '#core/verbs/dispatch-obstacle.ts';
import { expireOverdue } from '#core/verbs/expire-overdue.ts';
import { restoreFiles } from '#core/verbs/restore-files.ts';
import { resumeRings } from '#core/verbs/resume-rings.ts';
import { retryAction } from '#core/verbs/retry-action.ts';
import { revokeEndpoints } from '#core/verbs/revoke-endpoints.ts';
import { serverAlerts } from '#core/verbs/server-alerts.ts';
import { undoAction } from '#core/verbs/undo-action.ts';
import { administrator } from '#kit/fleet.ts';
import { openRingWorld, type RingWorld, sha256 } from './ring-world.ts';

const watch = 2 * minute;

/** Every agent that is there does its work, the server looks, and time passes until the ring is past. */
async function pass(world: RingWorld, action: Action): Promise<void> {
  await world.report(action, await world.deliver());
  await world.look();
  await world.look(watch);
}

async function stageOf({ ports }: RingWorld, { id }: Pick<Action, 'id'>): Promise<RolloutStage | undefined> {
  return (await describeRings(ports, id))?.rollout.at;
}

async function faultOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'none';
  } catch (thrown) {
    return thrown instanceof Fault ? thrown.code : String(thrown);
  }
}

describe('an approved wide order', () => {
  test('goes to one endpoint, then to some, then to all, each ring once the one before it was watched', async () => {
    await using world = await openRingWorld(7);
    const action = await world.order();
    expect(await stageOf(world, action)).toEqual({ stage: 'planned' });
    await world.approve(action);
    expect(await world.out(action)).toBe(1);
    await world.report(action, await world.deliver());
    await world.look();
    await world.look(watch - second);
    expect(await world.out(action)).toBe(1);
    await world.look(second);
    expect(await world.out(action)).toBe(4);
    await pass(world, action);
    expect(await world.out(action)).toBe(7);
    expect(await stageOf(world, action)).toEqual({ stage: 'out', ring: 3 });
    const last = (await world.tasks(action)).filter(({ ring }) => ring === 3);
    // Agents and signers hold the length of an order's life to their own limits, from when it was issued.
    expect(new Set(last.map(({ createdAt }) => createdAt))).toEqual(new Set([world.ports.clock.now()]));
    expect(new Set(last.map(({ deadline }) => deadline)).size).toBe(1);
    await pass(world, action);
    expect((await describeAction(world.ports, action.id)).status).toBe('completed_successfully');
    const released = await world.events(action, 'ring_released');
    expect(released.map(({ facts }) => facts)).toMatchObject([
      { ring: 1, upTo: 1, heldBack: 6, endpointsCount: 1 },
      { ring: 2, upTo: 4, heldBack: 3, endpointsCount: 3 },
      { ring: 3, upTo: null, heldBack: 0, endpointsCount: 3 },
    ]);
    expect(await world.events(action, 'rings_halted')).toEqual([]);
  });

  test('is in progress once its first ring is out; who waits for a ring is pending, and told why', async () => {
    await using world = await openRingWorld(4);
    const action = await world.order();
    expect((await describeAction(world.ports, action.id)).status).toBe('held');
    await world.approve(action);
    await world.report(action, await world.deliver());
    const { status, tasks, approval } = await describeAction(world.ports, action.id);
    expect(status).toBe('in_progress');
    expect(tasks.map((each) => each.status).toSorted()).toEqual([
      'completed_successfully',
      ...Array.from({ length: 3 }, () => 'pending' as const),
    ]);
    expect(approval?.decision?.verdict).toBe('approved');
    const held = tasks.filter(({ task }) => task.state === 'held').map(({ task }) => task);
    expect([...(await whatTasksWaitFor(world.ports, held)).values()]).toEqual(['ring', 'ring', 'ring']);
    // From the approval on, as long as any other order, however late its ring goes.
    expect(new Set(held.map(({ deadline }) => deadline))).toEqual(new Set([world.ports.clock.now() + 4 * day]));
  });

  test('rings for those that it goes to, and for nobody else', async () => {
    await using world = await openRingWorld(6);
    const action = await world.order();
    world.ports.rung.length = 0;
    await world.approve(action);
    expect(world.ports.rung).toHaveLength(1);
    await pass(world, action);
    expect(world.ports.rung).toHaveLength(4);
    expect(new Set(world.ports.rung).size).toBe(4);
  });

  test('goes first to those that are there, and waits while nobody is', async () => {
    await using world = await openRingWorld(5);
    const [here = expect.unreachable(), ...away] = world.machines;
    await world.disconnect(world.machines);
    const action = await world.letOut();
    await world.look(minute);
    expect(await world.out(action)).toBe(0);
    expect((await describeRings(world.ports, action.id))?.waitsFor).toBe('connection');
    await world.connect([here]);
    await world.look();
    expect((await world.deliver()).map(({ id }) => id)).toEqual([here.id]);
    await world.report(action, [here]);
    await world.look();
    await world.look(watch);
    // Nobody else is there to be in the second ring, and those who are away are not.
    expect(await world.out(action)).toBe(1);
    await world.connect(away.slice(0, 2));
    await world.look();
    expect(await world.out(action)).toBe(3);
    await pass(world, action);
    expect(await world.out(action)).toBe(5);
  });
});

describe('the rings of an order', () => {
  test('are not there where they are off, where it is narrow, and where it takes nothing away', async () => {
    await using off = await openRingWorld(4, { sizes: [] });
    const action = await off.letOut();
    expect(await off.out(action)).toBe(4);
    expect(await describeRings(off.ports, action.id)).toBeUndefined();
    await using wide = await openRingWorld(4, { sizes: [4, 9] });
    const narrow = await wide.letOut();
    expect(await wide.out(narrow)).toBe(4);
    expect(await describeRings(wide.ports, narrow.id)).toBeUndefined();
  });

  test('end at the deadline of the order, whichever had gone out by then', async () => {
    await using world = await openRingWorld(5);
    const action = await world.letOut();
    await world.report(action, await world.deliver());
    world.ports.clock.advance(4 * day);
    await expireOverdue(world.ports);
    await world.look();
    const { status, tasks } = await describeAction(world.ports, action.id);
    expect(status).toBe('completed_partial');
    const expired = tasks.flatMap(({ outcomes }) => outcomes).filter(({ outcome }) => outcome === 'expired');
    expect(expired.map(({ reason }) => reason)).toEqual(Array.from({ length: 4 }, () => 'deadline_passed' as const));
    expect(expired[0]?.message).toContain('did not go out before the deadline');
    expect(await stageOf(world, action)).toEqual({ stage: 'out', ring: 1 });
    expect(await world.events(action, 'approval_expired')).toEqual([]);
  });
});

describe('a ring that is not well', () => {
  test('halts the order where its endpoints fall silent, even after they have reported that all is well', async () => {
    await using world = await openRingWorld(8);
    const action = await world.letOut();
    await pass(world, action);
    const second = await world.deliver();
    await world.report(action, second);
    await world.look(minute);
    await world.disconnect(second.slice(0, 1));
    await world.look(watch - 1);
    expect(await stageOf(world, action)).toMatchObject({ stage: 'watched', ring: 2 });
    expect((await describeRings(world.ports, action.id))?.waitsFor).toBe('absent');
    await world.look(1);
    expect(await stageOf(world, action)).toMatchObject({
      ...{ stage: 'halted', ring: 2 },
      halt: { rule: 'silence', count: 1, of: 3, limit: 2 },
    });
    await world.look(day);
    expect(await world.out(action)).toBe(4);
    expect(await world.events(action, 'rings_halted')).toMatchObject([
      { facts: { ring: 2, rule: 'silence', count: 1, of: 3, heldBack: 4, size: 3, ended: 3, silent: 1 } },
    ]);
    const held = (await world.tasks(action)).filter(({ state }) => state === 'held');
    expect(new Set((await whatTasksWaitFor(world.ports, held)).values())).toEqual(new Set(['rings_halted']));
    expect((await describeAction(world.ports, action.id)).status).toBe('in_progress');
  });

  test('halts the order where too many of its files failed, and undoes nothing', async () => {
    await using world = await openRingWorld(8);
    const action = await world.letOut();
    await pass(world, action);
    const [one = expect.unreachable(), ...others] = await world.deliver();
    await world.report(action, others);
    await world.report(action, [one], 'agent_error');
    await world.look();
    await world.look();
    expect(await stageOf(world, action)).toMatchObject({ halt: { rule: 'failures', count: 1, of: 3, limit: 10 } });
    const { items } = await world.ports.store.read(({ actions }) => actions.list({}, { offset: 0, limit: 9 }));
    expect(items.map(({ id }) => id)).toEqual([action.id]);
  });

  test('does not halt the order for files that were not there', async () => {
    await using world = await openRingWorld(5);
    const action = await world.letOut();
    await world.report(action, await world.deliver(), 'not_found');
    await world.look();
    await world.look(watch);
    expect(await world.out(action)).toBe(4);
  });

  test('halts the order where an agent that is there has had it for too long', async () => {
    await using world = await openRingWorld(5);
    const action = await world.letOut();
    await world.deliver();
    await world.look();
    await world.look(10 * minute - 1);
    expect(await stageOf(world, action)).toMatchObject({ stage: 'watched' });
    await world.look(1);
    expect(await stageOf(world, action)).toMatchObject({ halt: { rule: 'silence', count: 1, of: 1 } });
  });

  test('waits for orders that cannot leave, however long, for of those nothing was learnt', async () => {
    await using world = await openRingWorld(5);
    const action = await world.letOut();
    await world.look(day);
    expect(await world.out(action)).toBe(1);
    expect((await describeRings(world.ports, action.id))?.waitsFor).toBe('dispatch');
    await world.report(action, await world.deliver());
    await world.look();
    await world.look(watch);
    expect(await world.out(action)).toBe(4);
  });

  test('is no reason to halt for whoever could not hear of its endpoints', async () => {
    await using world = await openRingWorld(5);
    const action = await world.letOut();
    await world.report(action, await world.deliver());
    await world.look();
    const { ports, machines } = world;
    await world.disconnect(machines);
    // The server was away for a day, and has been back for a moment.
    ports.clock.advance(day);
    const backAt = ports.clock.now();
    await advanceRings(ports, backAt);
    ports.clock.advance(minute);
    await advanceRings(ports, backAt);
    expect(await stageOf(world, action)).toMatchObject({ stage: 'watched' });
    await world.connect(machines);
    await advanceRings(ports, backAt);
    expect(await world.out(action)).toBe(4);
    expect(await world.events(action, 'rings_halted')).toEqual([]);
  });
});

describe('an order that has halted', () => {
  async function halted(): Promise<{ readonly world: RingWorld; readonly action: Action }> {
    const world = await openRingWorld(8);
    const action = await world.letOut();
    await world.report(action, await world.deliver(), 'access_denied');
    await world.look();
    await world.look();
    expect(await stageOf(world, action)).toMatchObject({ stage: 'halted', ring: 1 });
    return { world, action };
  }

  test('goes on when a person who may approve says so and why, and its next ring is judged like any other', async () => {
    const { world, action } = await halted();
    await using _ = world;
    const { ports, bob } = world;
    const asked = { principal: bob, actionId: action.id, reason: 'one broken disk' };
    expect(await faultOf(resumeRings(ports, { ...asked, reason: ' ' }))).toBe('invalid_request');
    expect(await faultOf(resumeRings(ports, { ...asked, principal: await world.person('weak', 'Responder') }))).toBe(
      'permission_denied',
    );
    expect(await faultOf(resumeRings(ports, { ...asked, principal: { ...bob, kind: 'key' } }))).toBe(
      'permission_denied',
    );
    expect(await faultOf(resumeRings(ports, { ...asked, actionId: '7' as typeof action.id }))).toBe('not_found');
    ports.rung.length = 0;
    expect(await resumeRings(ports, asked)).toEqual({ released: 3, heldBack: 4 });
    expect(ports.rung).toHaveLength(3);
    expect(await faultOf(resumeRings(ports, asked))).toBe('conflict');
    expect(await world.events(action, 'rings_resumed')).toMatchObject([
      { actor: { id: bob.id }, facts: { ring: 1, rule: 'failures', count: 1, of: 1, reason: 'one broken disk' } },
    ]);
    await world.report(action, await world.deliver(), 'access_denied');
    await world.look();
    await world.look();
    expect(await stageOf(world, action)).toMatchObject({ stage: 'halted', ring: 2 });
    expect(await world.events(action, 'rings_halted')).toHaveLength(2);
  });

  test('waits for its next ring where nobody is there when it is resumed, and does not halt for the last one again', async () => {
    const { world, action } = await halted();
    await using _ = world;
    await world.disconnect(world.machines);
    const asked = { principal: world.bob, actionId: action.id, reason: 'fixed' };
    expect(await resumeRings(world.ports, asked)).toEqual({ released: 0, heldBack: 7 });
    await world.look(minute);
    expect(await stageOf(world, action)).toEqual({ stage: 'clear', ring: 1 });
    await world.connect(world.machines);
    await world.look();
    expect(await world.out(action)).toBe(4);
  });

  test('is told of to everybody who asks the server, until nothing of it is held back', async () => {
    const { world, action } = await halted();
    await using _ = world;
    const told = await serverAlerts(world.ports);
    expect(told).toMatchObject([{ kind: 'rings_halted', actionId: action.id, by: { kind: 'server' } }]);
    expect(told[0]?.reason).toBe('1 of 1 files in ring 1 failed, 10 percent may');
    expect(await cancelAction(world.ports, administrator, action.id)).toMatchObject({ withdrawn: 7, asked: 0 });
    expect(await serverAlerts(world.ports)).toEqual([]);
    const resumed = resumeRings(world.ports, { principal: world.bob, actionId: action.id, reason: 'x' });
    expect(await faultOf(resumed)).toBe('conflict');
    expect((await describeAction(world.ports, action.id)).status).toBe('failed');
  });
});

describe('rings beside what else may happen to an order', () => {
  test('end with a cancellation, an undo and a restore, which withdraw what waits', async () => {
    const ends = [
      (world: RingWorld, id: ActionId) => cancelAction(world.ports, administrator, id),
      (world: RingWorld, id: ActionId) =>
        undoAction(world.ports, { origin: { principal: administrator, dialect: 'native' }, actionId: id }),
      (world: RingWorld) =>
        restoreFiles(world.ports, { origin: { principal: administrator, dialect: 'native' }, sha256 }),
    ];
    for (const end of ends) {
      await using world = await openRingWorld(5);
      const action = await world.letOut();
      await world.deliver();
      await end(world, action.id);
      await world.look();
      await world.look(day);
      const states = (await world.tasks(action)).map(({ state }) => state);
      expect(states.filter((state) => state === 'cancelled')).toHaveLength(4);
      expect(await stageOf(world, action)).toMatchObject({ stage: 'out' });
      expect(await world.events(action, 'ring_released')).toHaveLength(1);
    }
  });

  test('go on with another endpoint where the only one of a ring was removed', async () => {
    await using world = await openRingWorld(5);
    const action = await world.letOut();
    const [first = expect.unreachable()] = (await world.tasks(action)).filter(({ state }) => state === 'pending');
    await revokeEndpoints(world.ports, {
      request: { principal: administrator, name: 'x', facts: {} },
      endpointIds: [first.endpointId],
      reason: 'broken',
    });
    await world.look();
    const states = (await world.tasks(action)).map(({ state }) => state).toSorted();
    expect(states).toEqual(['cancelled', 'held', 'held', 'held', 'pending']);
    expect(await stageOf(world, action)).toMatchObject({ stage: 'watched', ring: 1 });
  });

  test('are moved once by any number of servers that look at once, with one event for each move', async () => {
    await using world = await openRingWorld(9);
    const action = await world.letOut();
    await world.report(action, await world.deliver());
    await world.look();
    world.ports.clock.advance(watch);
    await world.connect(world.machines);
    const servers = Array.from({ length: 6 }, () => advanceRings(world.ports, 0));
    await Promise.all(servers);
    expect(await world.out(action)).toBe(4);
    expect(await world.events(action, 'ring_released')).toHaveLength(2);
    await world.report(action, await world.deliver(), 'interrupted');
    await world.look();
    await Promise.all(Array.from({ length: 6 }, () => advanceRings(world.ports, 0)));
    expect(await world.events(action, 'rings_halted')).toHaveLength(1);
    expect(await world.out(action)).toBe(4);
  });
});

describe('a retry', () => {
  test('of what failed in a ring goes out at once, while later rings stay held, and they go on afterwards', async () => {
    await using world = await openRingWorld(8);
    const action = await world.letOut();
    const [first = expect.unreachable()] = await world.deliver();
    await world.report(action, [first], 'access_denied');
    await world.look();
    await world.look();
    expect(await stageOf(world, action)).toMatchObject({ stage: 'halted', ring: 1 });
    const origin = { principal: administrator, dialect: 'native' } as const;
    const retried = await retryAction(world.ports, { origin, actionId: action.id });
    expect(retried).toMatchObject({ endpoints: 1, isHeld: false, left: { open: { length: 7 } } });
    expect(await world.deliver()).toEqual([first]);
    await world.report(action, [first]);
    expect(await stageOf(world, action)).toMatchObject({ stage: 'halted', ring: 1 });
    await resumeRings(world.ports, { principal: world.bob, actionId: action.id, reason: 'it works now' });
    await pass(world, action);
    await pass(world, action);
    const { status, tasks } = await describeAction(world.ports, action.id);
    expect([status, tasks.length]).toEqual(['completed_successfully', 8]);
  });

  test('that is wide goes by rings of its own once it is approved', async () => {
    await using world = await openRingWorld(7);
    const action = await world.letOut();
    await cancelAction(world.ports, administrator, action.id);
    await world.look();
    const origin = { principal: administrator, dialect: 'native' } as const;
    const retry = await retryAction(world.ports, { origin, actionId: action.id });
    expect([retry.endpoints, retry.isHeld]).toEqual([7, true]);
    await world.approve(action);
    const again = { actionId: action.id, round: 2 };
    const out = () => world.ports.store.read(({ rollouts }) => rollouts.countOut(again));
    expect(await out()).toBe(1);
    await pass(world, action);
    expect(await out()).toBe(4);
    await world.report(action, await world.deliver(), 'access_denied');
    await world.look();
    await world.look();
    expect((await describeRings(world.ports, action.id))?.rollout).toMatchObject({ round: 2, at: { stage: 'halted' } });
    const waiting = (await world.tasks(action)).filter(({ state }) => state === 'held');
    expect([...(await whatTasksWaitFor(world.ports, waiting)).values()]).toEqual(Array(3).fill('rings_halted'));
    await resumeRings(world.ports, { principal: world.bob, actionId: action.id, reason: 'two old machines' });
    expect(await out()).toBe(7);
    expect(await world.events(action, 'ring_released')).toMatchObject([
      { facts: { round: 1, ring: 1 } },
      { facts: { round: 2, ring: 1 } },
      { facts: { round: 2, ring: 2 } },
      { facts: { round: 2, ring: 3 } },
    ]);
  });
});

test('A broken glass is told of for a day to everybody who asks the server', async () => {
  await using world = await openRingWorld(4);
  const { ports } = world;
  const ana = await world.person('ana', 'Instance Administrator');
  const action = await world.order();
  const { digest } = (await describeApproval(ports, action.id)).approval;
  expect(await serverAlerts(ports)).toEqual([]);
  await approveAction(ports, { principal: ana, actionId: action.id, digest, breakGlass: true, reason: 'it spreads' });
  // What one person alone lets out is not let out faster.
  expect(await world.out(action)).toBe(1);
  ports.clock.advance(day);
  expect(await serverAlerts(ports)).toMatchObject([
    { kind: 'glass_broken', actionId: action.id, by: { id: ana.id }, reason: 'it spreads' },
  ]);
  ports.clock.advance(1);
  expect(await serverAlerts(ports)).toEqual([]);
});
