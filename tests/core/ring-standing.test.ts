import { describe, expect, test } from 'bun:test';
import type { TaskState } from '#core/action/task-state.ts';
import {
  type OutcomeCount,
  type RingMember,
  type RingMoment,
  type RingStanding,
  type RingTally,
  ringStanding,
  tallyRing,
} from '#core/guard/ring-standing.ts';
import { goesByRings, type HaltRule } from '#core/guard/rings.ts';
import { type Outcome, outcomes } from '#core/outcome.ts';
import { endpointId } from '../conformance/store/records.ts';

const policy = { mostFailed: 10, mostSilent: 2, patience: 600, watch: 120 };
const well: RingTally = {
  ...{ size: 9, unsent: 0, working: 0, ended: 9, away: 0, silent: 0 },
  ...{ files: 9, failed: 0, lastEndedAt: 1_000 },
};

interface Case {
  readonly when: string;
  readonly tally?: Partial<RingTally>;
  readonly moment?: Partial<RingMoment>;
  readonly is: RingStanding['is'];
  readonly on?: Extract<RingStanding, { is: 'waiting' }>['on'] | HaltRule;
}

const cases: readonly Case[] = [
  { when: 'all have reported and time has passed', is: 'healthy' },
  { when: 'all have reported just now', moment: { now: 1_119 }, is: 'waiting', on: 'watch' },
  { when: 'as much time has passed as is to pass', moment: { now: 1_120 }, is: 'healthy' },
  {
    when: 'the reports are old and the orders left just now',
    moment: { leftAt: 4_990 },
    is: 'waiting',
    on: 'watch',
  },
  { when: 'nobody is in it any more', tally: { size: 0, ended: 0, files: 0 }, is: 'empty' },
  {
    when: 'an order cannot leave',
    tally: { unsent: 1, ended: 8 },
    moment: { leftAt: null },
    is: 'waiting',
    on: 'dispatch',
  },
  { when: 'an order cannot leave a second time', tally: { unsent: 1, ended: 8 }, is: 'waiting', on: 'dispatch' },
  { when: 'the last order has left', moment: { leftAt: null }, is: 'left' },
  { when: 'one still works', tally: { working: 1, ended: 8 }, is: 'waiting', on: 'reports' },
  { when: 'one is away that may come back', tally: { away: 1 }, is: 'waiting', on: 'absent' },
  { when: 'one is silent', tally: { silent: 1 }, is: 'harmful', on: 'silence' },
  { when: 'one is silent while an order cannot leave', tally: { silent: 1, unsent: 1 }, is: 'harmful', on: 'silence' },
  { when: 'just so many are silent as may', tally: { size: 100, silent: 2 }, is: 'healthy' },
  { when: 'more are silent than may', tally: { size: 100, silent: 3 }, is: 'harmful', on: 'silence' },
  { when: 'just so many files failed as may', tally: { files: 90, failed: 9 }, is: 'healthy' },
  { when: 'more files failed than may', tally: { files: 90, failed: 10 }, is: 'harmful', on: 'failures' },
  {
    when: 'the first of many reports is a failure',
    tally: { ended: 1, working: 8, files: 1, failed: 1 },
    is: 'waiting',
    on: 'reports',
  },
  {
    when: 'files failed and one is away, that could only add to them',
    tally: { files: 8, failed: 8, ended: 8, away: 1 },
    is: 'harmful',
    on: 'failures',
  },
  { when: 'no file was acted on', tally: { files: 0 }, is: 'healthy' },
];

function detailOf(standing: RingStanding): Case['on'] {
  if (standing.is === 'waiting') {
    return standing.on;
  }
  return standing.is === 'harmful' ? standing.rule : undefined;
}

describe('a ring', () => {
  for (const { when, tally = {}, moment = {}, is, on } of cases) {
    test(`is ${is}${on === undefined ? '' : ` (${on})`} when ${when}`, () => {
      const standing = ringStanding({ ...well, ...tally }, policy, {
        ...{ now: 5_000, heardSince: 0, leftAt: 500 },
        ...moment,
      });
      expect([standing.is, detailOf(standing)]).toEqual([is, on]);
    });
  }
});

const now = 10_000;
const moment = { now, heardSince: 0, leftAt: now - 100, policy };

function member(state: TaskState, more: Partial<RingMember> = {}): RingMember {
  return {
    ...{ endpointId: endpointId(1), state, endedAt: state === 'finished' ? 7 : null },
    ...{ connectedUntil: now + 1, lastSeen: now - 1, isRevoked: false, ...more },
  };
}

const gone = { connectedUntil: null };

const members: readonly (readonly [string, RingMember, Partial<RingTally>, Partial<typeof moment>?])[] = [
  ['whose order has not left', member('pending'), { size: 1, unsent: 1 }],
  ['that was sent it', member('sent'), { size: 1, working: 1 }],
  ['that has it', member('running'), { size: 1, working: 1 }],
  ['that is asked to stop', member('cancelling'), { size: 1, working: 1 }],
  ['that has reported', member('finished'), { size: 1, ended: 1, lastEndedAt: 7 }],
  ['whose deadline has passed', member('expired', { endedAt: 8 }), { size: 1, ended: 1, lastEndedAt: 8 }],
  ['whose order was withdrawn', member('cancelled', { endedAt: 9 }), {}],
  ['that was removed', member('finished', { isRevoked: true }), {}],
  ['that has just left', member('finished', gone), { size: 1, ended: 1, away: 1, lastEndedAt: 7 }],
  ['that left before it had the order', member('pending', gone), { size: 1, away: 1 }],
  ['whose lease has run out', member('running', { connectedUntil: now }), { size: 1, away: 1 }],
  ['that is away for too long', member('running', { ...gone, lastSeen: now - 120 }), { size: 1, silent: 1 }],
  [
    'that reported and is away for too long',
    member('finished', { ...gone, lastSeen: now - 120 }),
    { size: 1, ended: 1, silent: 1, lastEndedAt: 7 },
  ],
  [
    'that nobody could hear of until a moment ago',
    member('running', { ...gone, lastSeen: 1 }),
    { size: 1, away: 1 },
    { heardSince: now - 119 },
  ],
  ['that is there and has worked for too long', member('running'), { size: 1, silent: 1 }, { leftAt: now - 600 }],
  ['that is there and still has time', member('running'), { size: 1, working: 1 }, { leftAt: now - 599 }],
  [
    'that has reported, however long ago the orders left',
    member('finished'),
    { size: 1, ended: 1, lastEndedAt: 7 },
    { leftAt: 1 },
  ],
];

const nothing: RingTally = {
  ...{ size: 0, unsent: 0, working: 0, ended: 0, away: 0, silent: 0, files: 0, failed: 0, lastEndedAt: null },
};

describe('the count of a ring', () => {
  for (const [what, one, expected, at = {}] of members) {
    test(`takes an endpoint ${what} for what it is`, () => {
      expect(tallyRing([one], [], { ...moment, ...at })).toEqual({ ...nothing, ...expected });
    });
  }

  test('takes for failures what went wrong, and leaves out what says nothing of the order', () => {
    const failures: readonly Outcome[] = [
      ...(['hash_mismatch', 'in_use', 'conflict', 'parent_missing', 'no_space', 'access_denied'] as const),
      ...(['unsupported', 'too_large', 'refused', 'interrupted', 'agent_error'] as const),
    ];
    const silent: readonly Outcome[] = ['not_found', 'expired', 'cancelled'];
    for (const outcome of outcomes) {
      const count: OutcomeCount = { outcome, reason: null, count: 3 };
      const { files, failed } = tallyRing([], [count], moment);
      expect([outcome, files, failed]).toEqual([
        outcome,
        silent.includes(outcome) ? 0 : 3,
        failures.includes(outcome) ? 3 : 0,
      ]);
    }
    const removed: OutcomeCount = { outcome: 'interrupted', reason: 'withdrawn', count: 1 };
    expect(tallyRing([], [removed], moment)).toEqual(nothing);
  });
});

test('Rings are for what takes away and is wider than the first of them', () => {
  const sizes = [1, 10];
  expect(goesByRings({ sizes }, 'quarantine', 2)).toBe(true);
  expect(goesByRings({ sizes }, 'purge', 2)).toBe(true);
  expect(goesByRings({ sizes }, 'quarantine', 1)).toBe(false);
  expect(goesByRings({ sizes }, 'fetch', 500)).toBe(false);
  expect(goesByRings({ sizes: [] }, 'quarantine', 500)).toBe(false);
});
