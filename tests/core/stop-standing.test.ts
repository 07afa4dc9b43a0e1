import { describe, expect, test } from 'bun:test';
import { type StopStanding, stoppedTask } from '#core/action/stop-standing.ts';
import type { TaskState } from '#core/action/task-state.ts';
import type { Outcome } from '#core/outcome.ts';

const deadline = 1_000;
const report = { bytes: new Uint8Array(), signature: new Uint8Array() };

interface Row {
  readonly what: string;
  readonly state: TaskState;
  readonly asked?: 'in time' | 'late' | 'never';
  /** Without one nobody but the server has said how it ended. */
  readonly reported?: boolean;
  readonly now?: number;
  readonly ends?: readonly Outcome[];
  readonly standing: StopStanding | null;
  readonly done?: number;
  readonly spared?: number;
}

const table: readonly Row[] = [
  { what: 'nobody asked', state: 'running', asked: 'never', standing: null },
  { what: 'nobody asked of what is done', state: 'finished', asked: 'never', ends: ['done'], standing: null, done: 1 },
  { what: 'its agent was asked', state: 'cancelling', standing: 'requested' },
  { what: 'no agent had it', state: 'cancelled', ends: ['cancelled'], standing: 'before_effect', spared: 1 },
  {
    ...{ what: 'its agent had not begun', state: 'finished', reported: true, ends: ['cancelled', 'cancelled'] },
    ...{ standing: 'before_effect', spared: 2 },
  },
  {
    ...{ what: 'it had been done', state: 'finished', reported: true, ends: ['done', 'done'] },
    ...{ standing: 'after_effect', done: 2 },
  },
  {
    ...{ what: 'it had been done, as far as it could be', state: 'finished', reported: true },
    ...{ ends: ['done', 'not_found'], standing: 'after_effect', done: 1 },
  },
  {
    ...{ what: 'some was done and some spared', state: 'finished', reported: true },
    ...{ ends: ['done', 'in_use', 'cancelled'], standing: 'partly', done: 1, spared: 1 },
  },
  {
    ...{ what: 'an earlier order had done it', state: 'finished', reported: true, ends: ['already_done'] },
    ...{ standing: 'before_effect' },
  },
  {
    ...{ what: 'it failed by itself', state: 'finished', reported: true, ends: ['hash_mismatch'] },
    ...{ standing: 'before_effect' },
  },
  { what: 'its agent refused it', state: 'finished', ends: ['refused'], standing: 'before_effect' },
  { what: 'its endpoint was removed', state: 'finished', ends: ['interrupted'], standing: 'requested' },
  { what: 'no word came by its deadline', state: 'expired', ends: ['expired'], standing: 'requested' },
  { what: 'no word came, and nobody has written that yet', state: 'cancelling', now: deadline, standing: 'requested' },
  {
    ...{ what: 'it was over before', state: 'finished', asked: 'late', reported: true, ends: ['done', 'done'] },
    ...{ standing: 'too_late', done: 2 },
  },
  { what: 'it had expired before', state: 'expired', asked: 'late', ends: ['expired'], standing: 'too_late' },
];

describe('what came of asking a task to stop', () => {
  for (const { what, state, asked = 'in time', reported = false, now = 0, ends = [], ...expected } of table) {
    test(`${what}: ${expected.standing ?? 'nothing'}`, () => {
      const task = {
        ...{ state, acceptedAt: 1, deadline, report: reported ? report : null },
        ...{ stopRequestedAt: asked === 'in time' ? 5 : null, lateStopAt: asked === 'late' ? 5 : null },
      };
      const { standing, done = 0, spared = 0 } = expected;
      expect(
        stoppedTask(
          task,
          ends.map((outcome) => ({ outcome })),
          now,
        ),
      ).toEqual(standing === null ? null : { standing, filesDone: done, filesSpared: spared });
    });
  }
});
