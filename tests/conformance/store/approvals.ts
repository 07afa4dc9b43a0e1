import { describe, expect, test } from 'bun:test';
import type { Principal } from '#core/access/principal.ts';
import { builtInRole } from '#core/access/role.ts';
import { wholeFleet } from '#core/access/scope.ts';
import type { Approval, Decision } from '#core/guard/approval.ts';
import { approvalDigest } from '#core/guard/approval-digest.ts';
import type { Store } from '#core/ports/store/store.ts';
import { approveAction } from '#core/verbs/approve-action.ts';
import { cancelAction } from '#core/verbs/cancel-action.ts';
import { expireOverdue } from '#core/verbs/expire-overdue.ts';
import { refuseApproval } from '#core/verbs/refuse-approval.ts';
import { openTestClock } from '#kit/clock.ts';
import { fetchOf } from '#kit/parameters.ts';
import { silentLog } from '#kit/ports.ts';
import { expectFault, type MakePlace, withStore } from './place.ts';
import { actionId, actionOf, plant, sha256Of, taskId, taskOf } from './records.ts';

export type NewApproval = Omit<Approval, 'decision'>;

export function approvalOf(number: number, more: Partial<NewApproval> = {}): NewApproval {
  const { principal, createdAt, endpointsCount } = actionOf(number);
  return {
    actionId: actionId(number),
    round: 1,
    rules: [
      { rule: 'endpoints', count: 30, limit: 25 },
      { rule: 'protected_files', count: 30, limit: 0 },
    ],
    ...{ endpointsCount, filesCount: 2 ** 40, digest: sha256Of(`${number}`) },
    ...{ requestedBy: principal, requester: 'u1', requestedAt: createdAt },
    ...{ expiresAt: 9_000, lifetime: 2 ** 40 },
    ...more,
  };
}

const by = { kind: 'user', id: 'u2', name: 'é' } as const;
const approved: Decision = { verdict: 'approved', at: 5, by, reason: 'ü"' };
const all = { offset: 0, limit: 10 };

/** Actions 1 and 2 are held, 3 was and is no more. */
async function hold(store: Store): Promise<void> {
  await plant(store);
  await store.transact(async (transaction) => {
    await transaction.actions.insertAll([actionOf(2), actionOf(3, { createdAt: 2_000 })]);
    await transaction.tasks.insert([
      taskOf(1, { state: 'held' }),
      taskOf(2, { state: 'held', actionId: actionId(2) }),
      taskOf(3, { state: 'cancelled', actionId: actionId(3) }),
    ]);
    await transaction.approvals.insert([
      approvalOf(1),
      approvalOf(2, { requester: null, expiresAt: 10_000 }),
      approvalOf(3, { requestedAt: 2_000 }),
    ]);
  });
}

export function describeApprovals(makePlace: MakePlace): void {
  describe('keeps approvals', () => {
    raced(makePlace);
    kept(makePlace);
    decided(makePlace);
    counted(makePlace);
  });
}

function kept(makePlace: MakePlace): void {
  test(
    'An approval comes back as it was given, with whether anything is held; an action has one at most.',
    withStore(makePlace, async (store) => {
      await hold(store);
      await store.read(async ({ approvals }) => {
        const first = { ...approvalOf(1), decision: null, isHeld: true };
        expect(await approvals.byAction(actionId(1))).toEqual(first);
        expect(await approvals.byAction(actionId(9))).toBeUndefined();
        expect(await approvals.byActions([actionId(1), actionId(9)])).toEqual([first]);
        expect(await approvals.byActions([])).toEqual([]);
        const { items, total } = await approvals.list({}, all);
        expect(items.map((each) => [each.actionId, each.isHeld, each.requester])).toEqual([
          [actionId(3), false, 'u1'],
          [actionId(2), true, null],
          [actionId(1), true, 'u1'],
        ]);
        expect(total).toBe(3);
        expect((await approvals.list({}, { offset: 1, limit: 1 })).items[0]?.actionId).toBe(actionId(2));
      });
      const again = store.transact(({ approvals }) => approvals.insert([approvalOf(1)]));
      await expectFault(again, 'conflict');
    }),
  );

  test(
    'What waits is held, not decided and not overdue.',
    withStore(makePlace, async (store) => {
      await hold(store);
      const waiting = async (waitingAt: number) => {
        const { items, total } = await store.read(({ approvals }) => approvals.list({ waitingAt }, all));
        expect(total).toBe(items.length);
        return items.map((each) => each.actionId);
      };
      expect(await waiting(8_999)).toEqual([actionId(2), actionId(1)]);
      expect(await waiting(9_000)).toEqual([actionId(2)]);
      await store.transact(({ approvals }) => approvals.decide(actionId(2), approved));
      expect(await waiting(8_999)).toEqual([actionId(1)]);
    }),
  );
}

function decided(makePlace: MakePlace): void {
  test(
    'It is decided once, whatever the second decision is.',
    withStore(makePlace, async (store) => {
      await hold(store);
      await store.transact(async ({ approvals }) => {
        expect(await approvals.decide(actionId(1), approved)).toBe(true);
        expect(await approvals.decide(actionId(1), { ...approved, verdict: 'refused', at: 6 })).toBe(false);
        expect(await approvals.decide(actionId(9), approved)).toBe(false);
        const late = { at: 9_999, by: { kind: 'server', id: 'server', name: 'custody' }, reason: '' } as const;
        expect(await approvals.expire([1, 2, 3].map(actionId), late)).toEqual([actionId(3)]);
        expect(await approvals.expire([1, 2, 3].map(actionId), late)).toEqual([]);
        expect((await approvals.byAction(actionId(1)))?.decision).toEqual(approved);
        expect((await approvals.byAction(actionId(2)))?.decision).toBeNull();
        expect((await approvals.byAction(actionId(3)))?.decision).toEqual({ ...late, verdict: 'expired' });
      });
    }),
  );

  test(
    'Of decisions at the same time one is taken, and with it what its transaction did.',
    withStore(makePlace, async (store) => {
      await hold(store);
      const verdicts = ['approved', 'refused', 'bypassed', 'confirmed'] as const;
      const taken = await Promise.all(
        verdicts.map((verdict) =>
          store.transact(async ({ approvals, tasks }) => {
            const isFirst = await approvals.decide(actionId(1), { ...approved, verdict });
            const event = verdict === 'refused' ? 'cancel' : 'release';
            return [isFirst, (await tasks.transition([taskId(1)], event)).length];
          }),
        ),
      );
      expect(taken.filter(([isFirst]) => isFirst)).toHaveLength(1);
      expect(taken.find(([isFirst]) => isFirst)).toEqual([true, 1]);
    }),
  );

  test(
    'What is released waits anew, and so does its action.',
    withStore(makePlace, async (store) => {
      await hold(store);
      await store.transact(async ({ tasks, actions }) => {
        await tasks.transition([taskId(1)], 'release', { deadline: 77_000 });
        await actions.postpone(actionId(1), 77_000);
      });
      await store.read(async ({ tasks, actions }) => {
        expect(await tasks.byId(taskId(1))).toMatchObject({ state: 'pending', deadline: 77_000, endedAt: null });
        expect((await actions.byId(actionId(1)))?.deadline).toBe(77_000);
        expect((await actions.byId(actionId(2)))?.deadline).toBe(9_000);
      });
    }),
  );
}

function counted(makePlace: MakePlace): void {
  test(
    'The files that principals fetched are counted, but for what was taken back.',
    withStore(makePlace, async (store) => {
      await plant(store);
      const other = { kind: 'key', id: 'u1', name: '' } as const;
      await store.transact(async ({ actions, tasks }) => {
        await actions.insertAll([
          actionOf(2, { verb: 'fetch', createdAt: 1_001 }),
          actionOf(3, { verb: 'fetch', createdAt: 1_001, principal: other }),
        ]);
        await tasks.insert([
          taskOf(1),
          taskOf(2, { actionId: actionId(2), parameters: fetchOf('/a', '/b', '/c') }),
          taskOf(3, { actionId: actionId(2), parameters: fetchOf('/a'), state: 'finished' }),
          taskOf(4, { actionId: actionId(2), parameters: fetchOf('/a'), state: 'cancelled' }),
          taskOf(5, { actionId: actionId(3), parameters: fetchOf('/a', '/b') }),
        ]);
      });
      await store.read(async ({ tasks }) => {
        const { principal } = actionOf(1);
        expect(await tasks.filesFetchedBy([principal], 1_000)).toBe(4);
        expect(await tasks.filesFetchedBy([principal], 1_001)).toBe(0);
        expect(await tasks.filesFetchedBy([other], 0)).toBe(2);
        expect(await tasks.filesFetchedBy([principal, other, { kind: 'key', id: 'u9' }], 0)).toBe(6);
        expect(await tasks.filesFetchedBy([{ kind: 'user', id: 'u9' }], 0)).toBe(0);
      });
    }),
  );
}

const people = ['u2', 'u3'].map((id): Principal => {
  return { kind: 'user', id, name: id, role: builtInRole('Privileged Responder'), scope: wholeFleet };
});

/** Everything that may end the waiting of action 1, at once; at `now`. */
function atOnce(store: Store, digest: string, now: number): readonly Promise<unknown>[] {
  const doorbell = { reach: 'process', ring: () => undefined, stopChanged: () => undefined } as const;
  const ports = { store, clock: openTestClock(now), doorbell, log: silentLog };
  const [principal = expect.unreachable()] = people;
  const id = actionId(1);
  return [
    ...people.map((each) => approveAction(ports, { principal: each, actionId: id, digest })),
    refuseApproval(ports, { principal, actionId: id, reason: 'no' }),
    cancelAction(ports, principal, id),
    expireOverdue(ports),
    ...people.map((each) => approveAction(ports, { principal: each, actionId: id, digest })),
  ];
}

function raced(makePlace: MakePlace): void {
  for (const [when, now, ends] of [
    ['in time', 8_999, ['pending', 'cancelled']],
    ['at its end', 9_000, ['expired']],
  ] as const) {
    test(
      `Approvals, a refusal, a cancellation and the expiry at once, ${when}, have one effect.`,
      withStore(makePlace, async (store) => {
        await plant(store);
        const tasks = [1, 2].map((number) => taskOf(number, { state: 'held' }));
        const action = actionOf(1, { endpointsCount: 2 });
        const digest = approvalDigest({ action, terms: approvalOf(1), tasks });
        await store.transact(async (transaction) => {
          await transaction.tasks.insert(tasks);
          await transaction.approvals.insert([approvalOf(1, { digest, lifetime: 50 })]);
        });
        await Promise.allSettled(atOnce(store, digest, now));
        await store.read(async (reader) => {
          const states = (await reader.tasks.byAction(actionId(1))).map(({ state }) => state);
          expect(new Set(states).size).toBe(1);
          expect(ends.some((end) => end === states[0])).toBe(true);
          const events = (await reader.events.list({ actionId: actionId(1) }, 0, 99)).map(({ type }) => type);
          const decisions = events.filter((type) => type.startsWith('approval_'));
          const { decision } = (await reader.approvals.byAction(actionId(1))) ?? expect.unreachable();
          // One that was let out first is pending until somebody cancels it, which is no second decision.
          expect(decisions.length).toBe(decision === null ? 0 : 1);
          expect(events.filter((type) => type === 'action_cancelled').length).toBeLessThanOrEqual(1);
          expect(states[0] === 'pending' ? decision?.verdict : 'approved').toBe('approved');
          expect(now < 9_000 || decision?.verdict === 'expired').toBe(true);
        });
      }),
    );
  }
}
