import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import {
  deliverableStates,
  endedStates,
  nextState,
  openStates,
  statesBefore,
  type TaskState,
  taskEvents,
  taskStates,
} from '#core/action/task-state.ts';

const anyEvents = fc.array(fc.constantFrom(...taskEvents), { maxLength: 40 });

function run(start: TaskState, events: readonly (typeof taskEvents)[number][]): readonly TaskState[] {
  const path: TaskState[] = [start];
  for (const event of events) {
    path.push(nextState(path.at(-1) ?? start, event) ?? path.at(-1) ?? start);
  }
  return path;
}

describe('the life cycle of a task', () => {
  test('has every state either open or ended, never both', () => {
    for (const state of taskStates) {
      expect(openStates.includes(state) !== endedStates.includes(state)).toBe(true);
    }
  });

  test('lets every open state expire, so that every task ends by its deadline', () => {
    for (const state of openStates) {
      expect(nextState(state, 'expire')).toBe('expired');
    }
  });

  test('lets nothing follow a finished or a cancelled task', () => {
    for (const event of taskEvents) {
      expect(nextState('finished', event)).toBeUndefined();
      expect(nextState('cancelled', event)).toBeUndefined();
    }
  });

  test('takes a late report from an expired task, and nothing else', () => {
    for (const event of taskEvents) {
      expect(nextState('expired', event)).toBe(event === 'report' ? 'finished' : undefined);
    }
  });

  test('never reopens: once ended, no sequence of events leads back to an open state', () => {
    fc.assert(
      fc.property(fc.constantFrom(...taskStates), anyEvents, (start, events) => {
        const path = run(start, events);
        const ended = path.findIndex((state) => endedStates.includes(state));
        return ended === -1 || path.slice(ended).every((state) => endedStates.includes(state));
      }),
    );
  });

  test('ends exactly once with a report, whatever came before, unless it was cancelled', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        const path = run('pending', [...events, 'report', 'report']);
        const last = path.at(-1);
        return last === 'finished' || last === 'cancelled';
      }),
    );
  });

  test('never cancels a task that an agent may have begun without asking the agent', () => {
    expect(nextState('sent', 'cancel')).toBe('cancelling');
    expect(nextState('running', 'cancel')).toBe('cancelling');
  });

  test('hands a held task to nobody', () => {
    expect(deliverableStates).not.toContain('held');
    expect(nextState('held', 'send')).toBeUndefined();
  });

  test('states the guard of a write as the exact inverse of the table', () => {
    for (const event of taskEvents) {
      for (const target of taskStates) {
        for (const state of taskStates) {
          expect(statesBefore(event, target).includes(state)).toBe(nextState(state, event) === target);
        }
      }
    }
  });
});
