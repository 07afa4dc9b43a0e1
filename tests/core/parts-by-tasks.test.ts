import { expect, test } from 'bun:test';
import { partsByTasks } from '#core/action/parts-by-tasks.ts';

const cases: readonly (readonly [readonly number[], readonly (readonly number[])[]])[] = [
  [[], []],
  [[1, 2, 3], [[1, 2, 3]]],
  [
    [4, 6, 1],
    [[4, 6], [1]],
  ],
  [
    [30, 1, 30, 2, 8, 1],
    [[30], [1], [30], [2, 8], [1]],
  ],
];

test.each(cases)('actions of %j endpoints are read in parts of at most ten tasks: %j', (counts, parts) => {
  const actions = counts.map((endpointsCount) => ({ endpointsCount }));
  const found = partsByTasks(actions, 10).map((part) => part.map(({ endpointsCount }) => endpointsCount));
  expect(found).toEqual(parts.map((part) => [...part]));
});
