import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { type ActionStatus, actionStatus, actionStatuses, hasEnded, taskStatus } from '#core/action/action-status.ts';
import { type TaskState, taskStates } from '#core/action/task-state.ts';
import { isSuccess, type Outcome, outcomes } from '#core/outcome.ts';

const deadline = 1_000;

interface Row {
  readonly state: TaskState;
  readonly taken?: boolean;
  readonly now?: number;
  readonly ends?: readonly Outcome[];
  readonly status: ActionStatus;
}

const table: readonly Row[] = [
  { state: 'held', status: 'held' },
  { state: 'held', now: deadline, status: 'expired' },
  { state: 'pending', status: 'pending' },
  { state: 'sent', status: 'pending' },
  { state: 'running', taken: true, status: 'in_progress' },
  { state: 'cancelling', taken: true, status: 'cancelling' },
  { state: 'cancelled', status: 'cancelled' },
  { state: 'expired', status: 'expired' },
  { state: 'expired', taken: true, status: 'timeout' },
  { state: 'pending', now: deadline, status: 'expired' },
  { state: 'running', taken: true, now: deadline, status: 'timeout' },
  { state: 'finished', ends: ['done'], status: 'completed_successfully' },
  { state: 'finished', ends: ['done', 'already_done'], status: 'completed_successfully' },
  { state: 'finished', ends: ['done', 'not_found'], status: 'completed_partial' },
  { state: 'finished', ends: ['hash_mismatch'], status: 'failed' },
  { state: 'finished', ends: ['cancelled', 'cancelled'], status: 'aborted' },
  { state: 'finished', ends: ['expired'], status: 'expired' },
  { state: 'finished', ends: [], status: 'failed' },
  { state: 'finished', ends: ['done'], now: deadline + 1, status: 'completed_successfully' },
];

describe('the status of a task', () => {
  for (const { state, taken = false, now = 0, ends = [], status } of table) {
    const what = `${state}${taken ? ', taken by an agent' : ''}${now >= deadline ? ', overdue' : ''}, [${ends.join(', ')}]`;
    test(`is ${status} when it is ${what}`, () => {
      expect(taskStatus({ state, ring: null, acceptedAt: taken ? 1 : null, deadline }, ends, now)).toBe(status);
    });
  }

  test('is pending while it waits for its ring, and held only while it waits for a second person', () => {
    const held = { state: 'held', acceptedAt: null, deadline } as const;
    expect(taskStatus({ ...held, ring: null }, [], 0)).toBe('held');
    expect(taskStatus({ ...held, ring: 'later' }, [], 0)).toBe('pending');
    expect(taskStatus({ ...held, ring: 'later' }, [], deadline)).toBe('expired');
  });

  test('is a success only when every file succeeded', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...outcomes), { minLength: 1 }), (ends) => {
        const status = taskStatus({ state: 'finished', ring: null, acceptedAt: 1, deadline }, ends, 0);
        return (status === 'completed_successfully') === ends.every(isSuccess);
      }),
    );
  });

  test('is an end once the deadline has passed, in every state', () => {
    for (const state of taskStates) {
      const facts = { state, ring: null, acceptedAt: null, deadline };
      expect(hasEnded(facts, deadline)).toBe(true);
      expect(['pending', 'in_progress', 'cancelling']).not.toContain(taskStatus(facts, [], deadline));
    }
  });
});

describe('the status of an action', () => {
  test('is that of its tasks when they agree', () => {
    for (const status of actionStatuses) {
      expect(actionStatus([status, status])).toBe(status);
    }
  });

  test('is in progress while any task is open', () => {
    expect(actionStatus(['completed_successfully', 'pending'])).toBe('in_progress');
    expect(actionStatus(['failed', 'cancelling'])).toBe('in_progress');
  });

  test('is partial when some task reached some file', () => {
    expect(actionStatus(['completed_successfully', 'expired'])).toBe('completed_partial');
    expect(actionStatus(['completed_partial', 'failed'])).toBe('completed_partial');
  });

  test('is a failure when no task reached any file', () => {
    expect(actionStatus(['failed', 'expired', 'cancelled'])).toBe('failed');
  });

  test('is never a whole success while one task is not', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...actionStatuses), { minLength: 1 }), (tasks) => {
        const whole = tasks.every((status) => status === 'completed_successfully');
        return (actionStatus(tasks) === 'completed_successfully') === whole;
      }),
    );
  });
});
