import { expect, test } from 'bun:test';
import { needsConfirmation } from '#core/action/needs-confirmation.ts';
import { taskStates } from '#core/action/task-state.ts';
import { type Verb, verbs } from '#core/action/verb.ts';
import { quarantineOf } from '#kit/parameters.ts';
import { sha256Of, taskOf } from '../conformance/store/records.ts';

const after = 100;
const order = taskOf(1, { createdAt: 1_000, parameters: quarantineOf('/a', sha256Of('a')) });

test('Only what takes or deletes waits, while no agent has said to have it.', () => {
  const waits = (verb: Verb) =>
    needsConfirmation({ ...order, parameters: { ...order.parameters, verb } as typeof order.parameters }, after, 2_000);
  expect(verbs.filter(waits)).toEqual(['quarantine', 'purge']);
  const states = taskStates.filter((state) => needsConfirmation({ ...order, state }, after, 2_000));
  expect(states).toEqual(['pending', 'sent']);
  expect(needsConfirmation({ ...order, state: 'sent', acceptedAt: 1_001 }, after, 2_000)).toBe(false);
});

const cases: readonly (readonly [
  words: string,
  at: readonly [now: number, confirmedAt: number | null],
  expected: boolean,
])[] = [
  ['is young enough', [1_100, null], false],
  ['is too old', [1_101, null], true],
  ['was confirmed a moment ago', [2_000, 1_950], false],
  ['was confirmed too long ago', [2_051, 1_950], true],
];

test.each(cases)('An order %s.', (_, [now, confirmedAt], expected) => {
  expect(needsConfirmation({ ...order, confirmedAt }, after, now)).toBe(expected);
  expect(needsConfirmation({ ...order, confirmedAt }, null, now)).toBe(false);
});
