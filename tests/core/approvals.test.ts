import { describe, expect, test } from 'bun:test';
import type { Principal } from '#core/access/principal.ts';
import { parsePath } from '#core/file/file-path.ts';
import type { Ports } from '#core/ports/ports.ts';
import { day, hour } from '#core/time.ts';
import { approveAction } from '#core/verbs/approve-action.ts';
import { cancelAction } from '#core/verbs/cancel-action.ts';
import { changeLifetimes } from '#core/verbs/change-lifetimes.ts';
import { deleteKeys } from '#core/verbs/delete-keys.ts';
import { describeAction } from '#core/verbs/describe-action.ts';
import { countWaiting, describeApproval, listApprovals } from '#core/verbs/describe-approval.ts';
import { expireOverdue } from '#core/verbs/expire-overdue.ts';
import { listHashes } from '#core/verbs/list-hashes.ts';
import { purgeFiles } from '#core/verbs/purge-files.ts';
import { refuseApproval } from '#core/verbs/refuse-approval.ts';
import { restoreFiles } from '#core/verbs/restore-files.ts';
import { retrieveFiles } from '#core/verbs/retrieve-files.ts';
import { revokeEndpoints } from '#core/verbs/revoke-endpoints.ts';
import { administrator, enrolMachine, fileFacts, inventory, sha256Of } from '#kit/fleet.ts';
import { endpointOf, quarantineOf } from '../conformance/store/records.ts';
import { approvalEvents, bytes, deliveredTo, local, openWorld, sha256 } from './approval-world.ts';

describe('an order that is too wide', () => {
  test('is held: no agent is told, its status is no success, and what has to be approved is written with it', async () => {
    await using world = await openWorld();
    const { ports } = world;
    const ana = await world.person('ana', 'Responder');
    const action = await world.quarantine(ana);
    expect(action.deadline - action.createdAt).toBe(24 * hour);
    expect(await world.statesOf(action)).toEqual(['held', 'held', 'held']);
    expect(await deliveredTo(world)).toBe(0);
    const described = await describeAction(ports, action.id);
    expect([described.status, ...described.tasks.map(({ status }) => status)]).toEqual([
      'held',
      'held',
      'held',
      'held',
    ]);
    const { approval, state } = await describeApproval(ports, action.id);
    expect(approval).toMatchObject({
      ...{ rules: [{ rule: 'endpoints', count: 3, limit: 2 }], endpointsCount: 3, filesCount: 3, requester: ana.id },
      ...{ requestedBy: { kind: 'user', id: ana.id }, lifetime: 4 * day, decision: null },
    });
    expect(state).toBe('waiting');
    expect(await countWaiting(ports)).toBe(1);
    expect(await world.eventsOf(action)).toMatchObject([
      { type: 'action_started', facts: { state: 'held' } },
      {
        ...{ type: 'approval_requested', actor: { id: ana.id } },
        facts: {
          digest: approval.digest,
          endpointsCount: 3,
          filesCount: 3,
          rules: approval.rules,
          endpointIds: world.machines.map(({ id }) => id),
        },
      },
    ]);
  });

  test('goes out when it is narrow enough, or the guard is off, or it came through an API that is not guarded', async () => {
    await using world = await openWorld();
    const ana = await world.person('ana');
    const few = world.machines.slice(1).map(({ id }) => id);
    const through = (dialect: 'cortex' | 'cybereason') => ({ origin: { principal: ana, dialect } });
    for (const more of [{ endpointIds: few }, through('cortex'), through('cybereason')]) {
      const action = await world.quarantine(ana, more);
      expect(new Set(await world.statesOf(action))).toEqual(new Set(['pending']));
      expect(await world.eventsOf(action, ...approvalEvents)).toEqual([]);
      expect((await describeAction(world.ports, action.id)).approval).toBeNull();
    }
    await using off = await openWorld({ reach: 'off' });
    expect(await off.statesOf(await off.quarantine(await off.person('ana')))).toEqual([
      'pending',
      'pending',
      'pending',
    ]);
    await using all = await openWorld({ reach: 'all' });
    const eve = await all.person('eve');
    expect(await all.statesOf(await all.quarantine(eve, through('cortex')))).toEqual(['held', 'held', 'held']);
  });
});

describe('what counts as too wide', () => {
  test('are the same endpoints written as many orders of one call, files that agents protect, and a purge; never a restore', async () => {
    await using world = await openWorld();
    const { ports, machines } = world;
    const ana = await world.person('ana', 'Instance Administrator');
    const [first = expect.unreachable()] = machines;
    const protecting = await world.quarantine(ana, { endpointIds: [first.id], overrideProtection: true });
    expect((await describeApproval(ports, protecting.id)).approval.rules).toEqual([
      { rule: 'protected_files', count: 1, limit: 0 },
    ]);
    const hashes: string[] = [];
    for (const [index, machine] of machines.entries()) {
      const content = Uint8Array.of(index, 7);
      hashes.push(sha256Of(content));
      await inventory(ports, machine, [fileFacts('/srv/one', content)]);
    }
    const origin = { principal: ana, dialect: 'native' } as const;
    const listing = { ...{ origin, hashes, prevent: true, comment: '' }, list: 'block' } as const;
    const { actions } = await listHashes(ports, { ...listing, quarantineExisting: true });
    expect(actions).toHaveLength(3);
    for (const action of actions) {
      expect(await world.statesOf(action)).toEqual(['held']);
    }
    const records = machines.map(({ id: endpointId }, index) =>
      quarantineOf(index, { endpointId, sha256, actionId: protecting.id }),
    );
    await ports.store.transact(({ quarantine }) => quarantine.insert(records));
    const purge = await purgeFiles(ports, { origin, sha256, endpointIds: machines.map(({ id }) => id) });
    expect(await world.statesOf(purge)).toEqual(['held', 'held', 'held']);
    const restore = await restoreFiles(ports, { origin, sha256 });
    expect(await world.statesOf(restore)).toEqual(['pending', 'pending', 'pending']);
  });

  test('is a share of a large fleet, of which those count that are there', async () => {
    await using world = await openWorld({ mostEndpoints: 25 });
    const { ports, machines } = world;
    const ana = await world.person('ana');
    const others = Array.from({ length: 500 - machines.length }, (_, index) => endpointOf(index + 1));
    await ports.store.transact(async ({ endpoints }) => {
      for (const each of others) {
        await endpoints.insert(each);
      }
    });
    const six = others.slice(0, 6).map(({ id }) => id);
    const action = await world.quarantine(ana, { endpointIds: six });
    expect((await describeApproval(ports, action.id)).approval.rules).toEqual([
      { rule: 'fleet_percent', count: 6, limit: 5 },
    ]);
    expect(new Set(await world.statesOf(await world.quarantine(ana, { endpointIds: six.slice(1) })))).toEqual(
      new Set(['pending']),
    );
    await ports.store.transact(({ endpoints }) =>
      endpoints.archive(
        others.slice(-1).map(({ id }) => id),
        1,
        '',
      ),
    );
    expect(new Set(await world.statesOf(await world.quarantine(ana, { endpointIds: six })))).toEqual(
      new Set(['pending']),
    );
  });

  test('of a fetch is one of many files or endpoints, or one more within the hour', async () => {
    await using world = await openWorld({ mostFetchedFiles: 4, mostFetchEndpoints: 2, mostFilesHourly: 6 });
    const { ports, machines } = world;
    const ana = await world.person('ana');
    const fetch = async (principal: Principal, count: number, files: readonly string[]) => {
      const endpointIds = machines.slice(0, count).map(({ id }) => id);
      const paths = { linux: files.map(parsePath) };
      const action = await retrieveFiles(ports, { origin: { principal, dialect: 'native' }, endpointIds, paths });
      return (await describeAction(ports, action.id)).approval?.rules.map(({ rule }) => rule) ?? [];
    };
    expect(await fetch(ana, 1, ['/1', '/2', '/3', '/4', '/5'])).toEqual(['fetched_files']);
    const held = await ports.store.read(({ actions }) => actions.list({}, { offset: 0, limit: 1 }));
    await cancelAction(ports, ana, held.items[0]?.id ?? expect.unreachable());
    expect(await fetch(ana, 3, ['/1'])).toEqual(['fetch_endpoints']);
    expect(await fetch(ana, 1, ['/1', '/2', '/3'])).toEqual([]);
    expect(await fetch(ana, 1, ['/1'])).toEqual(['fetched_files_hourly']);
    expect(await fetch(await world.person('bob'), 1, ['/1'])).toEqual([]);
    ports.clock.advance(hour);
    expect(await fetch(ana, 2, ['/1', '/2'])).toEqual([]);
    // With a key they are the same person still, and one that is deleted leaves what it fetched.
    const chief = await world.person('chief', 'Instance Administrator');
    const [key, other, nameless] = [await world.keyOf(chief), await world.keyOf(chief), await world.keyOf(local)];
    expect(await fetch(key, 1, ['/1', '/2', '/3', '/4'])).toEqual([]);
    await deleteKeys(ports, administrator, [Number(key.id)]);
    expect(await fetch(other, 1, ['/1', '/2'])).toEqual([]);
    expect(await fetch(chief, 1, ['/1'])).toEqual(['fetched_files_hourly']);
    expect(await fetch(other, 1, ['/1'])).toEqual(['fetched_files_hourly']);
    expect(await fetch(nameless, 1, ['/1'])).toEqual([]);
  });
});

describe('who approves', () => {
  test('is another person: neither the requester, nor a key of theirs, nor a key that such a key made', async () => {
    await using world = await openWorld();
    const ana = await world.person('ana', 'Instance Administrator');
    const bob = await world.person('bob', 'Instance Administrator');
    const key = await world.keyOf(ana, 'Instance Administrator');
    const grandchild = await world.keyOf(key);
    const action = await world.quarantine(ana);
    for (const same of [ana, key, grandchild]) {
      expect(await world.approve(same, action)).toMatchObject({ code: 'permission_denied' });
    }
    const byKey = await world.quarantine(grandchild);
    for (const same of [ana, key, grandchild]) {
      expect(await world.approve(same, byKey)).toMatchObject({ code: 'permission_denied' });
    }
    expect(await deliveredTo(world)).toBe(0);
    expect(await world.approve(bob, action)).toBeUndefined();
    // Whoever holds a key may be the one who ordered it.
    expect(await world.approve(await world.keyOf(bob), byKey)).toMatchObject({ code: 'permission_denied' });
    expect(await world.approve(bob, byKey)).toBeUndefined();
    expect(await deliveredTo(world)).toBe(6);
  });

  test('nor is it whoever made a key that is deleted by now', async () => {
    await using world = await openWorld();
    const ana = await world.person('ana', 'Instance Administrator');
    await world.person('bob');
    const key = await world.keyOf(ana);
    await deleteKeys(world.ports, administrator, [Number(key.id)]);
    // It had been let in a moment before.
    expect(await world.approve(ana, await world.quarantine(key))).toMatchObject({ code: 'permission_denied' });
  });

  test('is nobody without a name, but may be anybody by name for what such a one ordered', async () => {
    await using world = await openWorld();
    const ana = await world.person('ana');
    const bob = await world.person('bob');
    const nameless = [local, await world.keyOf(local)];
    const action = await world.quarantine(ana);
    for (const principal of nameless) {
      expect(await world.approve(principal, action)).toMatchObject({ code: 'permission_denied' });
    }
    for (const principal of nameless) {
      const own = await world.quarantine(principal);
      expect(await world.approve(local, own)).toMatchObject({ code: 'permission_denied' });
      expect(await world.approve(bob, own)).toBeUndefined();
    }
    expect(await deliveredTo(world)).toBe(6);
  });

  test('has the permission, and sees every endpoint of it', async () => {
    await using world = await openWorld();
    const { ports, machines } = world;
    const [one = expect.unreachable(), two = expect.unreachable(), three = expect.unreachable()] = machines;
    await ports.store.transact(({ endpoints }) =>
      endpoints.setTags([
        { id: one.id, tags: ['web'] },
        { id: two.id, tags: ['web'] },
        { id: three.id, tags: ['db'] },
      ]),
    );
    const ana = await world.person('ana');
    const weak = await world.person('weak', 'Responder');
    const scope = { kind: 'tags', tags: ['web'] } as const;
    const half = await world.person('half', 'Privileged Responder', scope);
    const action = await world.quarantine(ana);
    expect(await world.approve(weak, action)).toMatchObject({ code: 'permission_denied' });
    const store = ports.store.narrowedTo({ tags: scope.tags, by: half });
    const narrowed: Ports = { ...ports, store };
    const { digest } = (await describeApproval(ports, action.id)).approval;
    const asked = { principal: half, actionId: action.id, digest };
    const none = { code: 'not_found' };
    expect(await approveAction(narrowed, asked).catch((fault: unknown) => fault)).toMatchObject(none);
    const refusing = refuseApproval(narrowed, { principal: half, actionId: action.id, reason: 'no' });
    expect(await refusing.catch((fault: unknown) => fault)).toMatchObject(none);
    expect((await listApprovals(narrowed, { onlyWaiting: true }, { offset: 0, limit: 9 })).total).toBe(0);
    // Nobody else sees all of it, so there is no second person.
    expect((await describeApproval(ports, action.id)).needed).toBe('confirmation');
    await ports.store.transact(({ endpoints }) => endpoints.setTags([{ id: three.id, tags: ['db', 'web'] }]));
    expect((await describeApproval(ports, action.id)).needed).toBe('second_person');
    expect(await approveAction(narrowed, asked).catch((fault: unknown) => fault)).toBeUndefined();
    expect(await deliveredTo(world)).toBe(3);
  });
});

describe('an approval', () => {
  test('lets out what was looked at, and its deadline counts from then on', async () => {
    await using world = await openWorld();
    const { ports } = world;
    const [ana, bob] = [await world.person('ana'), await world.person('bob')];
    await changeLifetimes(ports, administrator, { quarantine: 2 * hour });
    const action = await world.quarantine(ana);
    await changeLifetimes(ports, administrator, { quarantine: 20 * hour });
    ports.clock.advance(23 * hour);
    ports.rung.length = 0;
    expect(await world.approve(bob, action, { reason: 'looked at it' })).toBeUndefined();
    expect(ports.rung.toSorted()).toEqual(world.machines.map(({ id }) => id).toSorted());
    const { action: now, tasks, status } = await describeAction(ports, action.id);
    expect(status).toBe('pending');
    const deadline = ports.clock.now() + 2 * hour;
    expect([now.deadline, ...tasks.map(({ task }) => task.deadline)]).toEqual([deadline, deadline, deadline, deadline]);
    expect(await world.eventsOf(action, ...approvalEvents)).toMatchObject([
      { type: 'approval_requested' },
      {
        ...{ type: 'approval_given', actor: { id: bob.id } },
        facts: { how: 'second_person', reason: 'looked at it', requestedBy: { id: ana.id }, released: 3 },
      },
    ]);
    expect(await deliveredTo(world)).toBe(3);
    ports.clock.advance(2 * hour);
    expect((await describeAction(ports, action.id)).status).toBe('expired');
  });

  test('counts once, and not for another digest', async () => {
    await using world = await openWorld();
    const [ana, bob] = [await world.person('ana'), await world.person('bob')];
    const [action, other] = [await world.quarantine(ana), await world.quarantine(ana)];
    const { digest } = (await describeApproval(world.ports, other.id)).approval;
    expect(await world.approve(bob, action, { digest })).toMatchObject({ code: 'conflict' });
    expect(await world.statesOf(action)).toEqual(['held', 'held', 'held']);
    expect(await world.approve(bob, action)).toBeUndefined();
    expect(await world.approve(bob, action)).toMatchObject({ code: 'conflict' });
    expect(await world.eventsOf(action, ...approvalEvents)).toHaveLength(2);
  });

  test('is void when anything in the store is no more what was ordered', async () => {
    await using world = await openWorld();
    const { ports, machines } = world;
    const [ana, bob] = [await world.person('ana'), await world.person('bob')];
    const action = await world.quarantine(ana, { endpointIds: machines.map(({ id }) => id) });
    const added = await enrolMachine(ports, { hostName: 'd' });
    await ports.store.transact(async ({ tasks }) => {
      const [first = expect.unreachable()] = await tasks.byAction(action.id);
      await tasks.insert([{ ...first, id: 'f'.repeat(32) as never, endpointId: added.id, ordinal: 3 }]);
    });
    expect(await world.approve(bob, action)).toMatchObject({ code: 'conflict' });
    expect(new Set(await world.statesOf(action))).toEqual(new Set(['held']));
    await refuseApproval(ports, { principal: bob, actionId: action.id, reason: 'widened' });
    expect(new Set(await world.statesOf(action))).toEqual(new Set(['cancelled']));
  });

  test('of what became less in between is one of the rest', async () => {
    await using world = await openWorld();
    const { ports, machines } = world;
    const [ana, bob] = [await world.person('ana'), await world.person('bob')];
    const action = await world.quarantine(ana);
    const request = { principal: ana, name: 'delete', facts: null };
    const [gone = expect.unreachable()] = machines;
    await revokeEndpoints(ports, { request, endpointIds: [gone.id], reason: 'sold' });
    expect(await world.approve(bob, action)).toBeUndefined();
    expect(await world.statesOf(action)).toEqual(['cancelled', 'pending', 'pending']);
  });
});

describe('where fewer than two people could approve', () => {
  test('the requester repeats the numbers; others than the right ones let nothing out', async () => {
    await using world = await openWorld();
    const ana = await world.person('ana');
    for (const principal of [ana, local]) {
      const action = await world.quarantine(principal);
      expect((await describeApproval(world.ports, action.id)).needed).toBe('confirmation');
      for (const confirmation of [undefined, { endpoints: 3, files: 4 }, { endpoints: 2, files: 3 }]) {
        expect(await world.approve(principal, action, { confirmation })).toMatchObject({ code: 'invalid_request' });
      }
      expect(await world.statesOf(action)).toEqual(['held', 'held', 'held']);
      const confirmation = { endpoints: 3, files: 3 };
      expect(await world.approve(principal, action, { confirmation })).toBeUndefined();
      expect(await world.eventsOf(action, 'approval_given')).toMatchObject([{ facts: { how: 'confirmation' } }]);
      expect((await describeApproval(world.ports, action.id)).state).toBe('confirmed');
    }
  });

  test('it is no use where there are two', async () => {
    await using world = await openWorld();
    const ana = await world.person('ana');
    await world.person('bob');
    const confirmation = { endpoints: 3, files: 3 };
    for (const principal of [ana, local]) {
      const action = await world.quarantine(principal);
      expect(await world.approve(principal, action, { confirmation })).toMatchObject({ code: 'permission_denied' });
    }
  });

  test('no key repeats them while there is somebody else', async () => {
    await using world = await openWorld();
    await world.person('ana');
    const key = await world.keyOf(local);
    const action = await world.quarantine(key);
    const confirmation = { endpoints: 3, files: 3 };
    expect(await world.approve(key, action, { confirmation })).toMatchObject({ code: 'permission_denied' });
  });

  test('nor does anybody repeat those of what somebody ordered who is not the one person who could', async () => {
    await using world = await openWorld();
    await world.person('ana');
    const orders = [await world.person('weak', 'Responder'), await world.keyOf(local)];
    for (const principal of orders) {
      const action = await world.quarantine(principal);
      expect((await describeApproval(world.ports, action.id)).needed).toBe('second_person');
      const confirmation = { endpoints: 3, files: 3 };
      expect(await world.approve(local, action, { confirmation })).toMatchObject({ code: 'permission_denied' });
    }
  });

  test('the one person who could approves what another ordered, without numbers', async () => {
    await using world = await openWorld();
    const ana = await world.person('ana');
    const weak = await world.person('weak', 'Responder');
    const action = await world.quarantine(weak);
    expect((await describeApproval(world.ports, action.id)).needed).toBe('second_person');
    expect(await world.approve(ana, action)).toBeUndefined();
    expect((await describeApproval(world.ports, action.id)).state).toBe('approved');
  });
});

test('an Instance Administrator breaks the glass alone, with a reason, and the record says so in a word of its own', async () => {
  await using world = await openWorld();
  const ana = await world.person('ana', 'Instance Administrator');
  const bob = await world.person('bob');
  const action = await world.quarantine(bob);
  expect(await world.approve(bob, action, { breakGlass: true, reason: 'now' })).toMatchObject({
    ...{ code: 'permission_denied', details: { permission: 'actions.bypass' } },
  });
  const own = await world.quarantine(ana);
  for (const reason of [' ', 'a\0b', 'x'.repeat(1_001)]) {
    expect(await world.approve(ana, own, { breakGlass: true, reason })).toMatchObject({ code: 'invalid_request' });
  }
  expect(await deliveredTo(world)).toBe(0);
  expect(await world.approve(ana, own, { breakGlass: true, reason: 'it spreads' })).toBeUndefined();
  expect(await world.eventsOf(own, ...approvalEvents)).toMatchObject([
    { type: 'approval_requested' },
    { type: 'approval_bypassed', actor: { id: ana.id }, facts: { reason: 'it spreads' } },
  ]);
  expect((await describeApproval(world.ports, own.id)).state).toBe('bypassed');
  expect(await deliveredTo(world)).toBe(3);
});

describe('what nobody lets out', () => {
  test('ends refused, with the reason, and nobody approves it afterwards', async () => {
    await using world = await openWorld();
    const { ports } = world;
    const [ana, bob] = [await world.person('ana'), await world.person('bob')];
    const action = await world.quarantine(ana);
    const refuse = (reason: string) =>
      refuseApproval(ports, { principal: bob, actionId: action.id, reason }).catch((fault: unknown) => fault);
    for (const reason of [' ', 'a\0b', 'x'.repeat(1_001)]) {
      expect(await refuse(reason)).toMatchObject({ code: 'invalid_request' });
    }
    expect(await refuse('wrong hash')).toBeUndefined();
    const { status, tasks } = await describeAction(ports, action.id);
    expect(status).toBe('cancelled');
    expect(tasks.flatMap(({ outcomes }) => outcomes)).toMatchObject([
      ...Array(3).fill({
        outcome: 'cancelled',
        reason: 'not_approved',
        message: expect.stringContaining('wrong hash'),
      }),
    ]);
    expect(await refuse('again')).toMatchObject({ code: 'conflict' });
    expect(await world.approve(bob, action)).toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(bob.name),
    });
    expect(await world.eventsOf(action, ...approvalEvents)).toMatchObject([
      { type: 'approval_requested' },
      { type: 'approval_refused', actor: { id: bob.id }, facts: { reason: 'wrong hash', withdrawn: 3 } },
    ]);
    expect(await deliveredTo(world)).toBe(0);
  });

  test('expires, says that nobody approved it, and cannot be approved from that very moment', async () => {
    await using world = await openWorld();
    const { ports } = world;
    const [ana, bob] = [await world.person('ana'), await world.person('bob')];
    const action = await world.quarantine(ana);
    ports.clock.advance(24 * hour);
    expect(await world.approve(bob, action)).toMatchObject({ code: 'conflict', details: { state: 'expired' } });
    expect(await countWaiting(ports)).toBe(0);
    await expireOverdue(ports);
    const { status, tasks } = await describeAction(ports, action.id);
    expect(status).toBe('expired');
    expect(tasks.flatMap(({ outcomes }) => outcomes)).toMatchObject([
      ...Array(3).fill({
        outcome: 'expired',
        reason: 'not_approved',
        message: expect.stringContaining('Nobody approved'),
      }),
    ]);
    expect(await world.eventsOf(action, ...approvalEvents)).toMatchObject([
      { type: 'approval_requested' },
      { type: 'approval_expired', actor: { kind: 'server' } },
    ]);
    expect((await describeApproval(ports, action.id)).state).toBe('expired');
    await expireOverdue(ports);
    expect(await world.eventsOf(action, 'approval_expired')).toHaveLength(1);
  });

  test('is cancelled like any other, and then there is nothing to approve', async () => {
    await using world = await openWorld();
    const { ports } = world;
    const [ana, bob] = [await world.person('ana'), await world.person('bob')];
    const action = await world.quarantine(ana);
    expect(await cancelAction(ports, ana, action.id)).toEqual({ withdrawn: 3, asked: 0, tooLate: 0 });
    expect(await world.approve(bob, action)).toMatchObject({ code: 'conflict', details: { state: 'withdrawn' } });
    expect(await countWaiting(ports)).toBe(0);
  });

  test('keeps no new file with a blocked hash from being taken', async () => {
    await using world = await openWorld();
    const { ports, machines } = world;
    const ana = await world.person('ana', 'Instance Administrator');
    await world.quarantine(ana, { path: null });
    const origin = { principal: ana, dialect: 'native' } as const;
    const listing = {
      ...{ origin, hashes: [sha256], prevent: true, comment: '' },
      list: 'block',
    } as const;
    await listHashes(ports, { ...listing, quarantineExisting: false });
    const [first = expect.unreachable()] = machines;
    await inventory(ports, first, [fileFacts('/srv/evil', bytes)]);
    expect(await deliveredTo(world)).toBe(1);
  });
});
