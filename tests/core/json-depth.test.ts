import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { Fault } from '#core/fault.ts';
import { demandShallowJson } from '#core/json-depth.ts';
import { testSeed } from '#kit/chance.ts';

function isRefused(text: string): boolean {
  try {
    demandShallowJson(text);
    return false;
  } catch (thrown) {
    return thrown instanceof Fault && thrown.code === 'invalid_json';
  }
}

const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

test('a hundred lists in each other are let through, and one more is not', () => {
  expect([isRefused(nested(100)), isRefused(nested(101))]).toEqual([false, true]);
  expect([isRefused('{"a":'.repeat(100)), isRefused('{"a":'.repeat(101))]).toEqual([false, true]);
  expect(isRefused('[]'.repeat(1_000))).toBe(false);
});

test('brackets in texts count for nothing, however they are escaped', () => {
  const brackets = '['.repeat(1_000);
  for (const text of [brackets, `\\${brackets}`, `"${brackets}`, `\\"${brackets}"`, `${brackets}\\`, '\\\\"']) {
    expect(isRefused(JSON.stringify([{ [text]: text }]))).toBe(false);
    expect(isRefused(`[${JSON.stringify(text)},${nested(200)}]`)).toBe(true);
  }
  expect(isRefused(`"${brackets}`)).toBe(false);
});

/** How deep a parsed value is. */
function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) {
    return 0;
  }
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

test('of any JSON it says what parsing it would show', () => {
  fc.assert(
    fc.property(
      fc.jsonValue({ maxDepth: 8, stringUnit: 'binary' }),
      fc.integer({ min: 90, max: 104 }),
      (value, around) => {
        const text = `${'['.repeat(around)}${JSON.stringify(value)}${']'.repeat(around)}`;
        expect(isRefused(text)).toBe(around + depthOf(value) > 100);
      },
    ),
    { numRuns: 2_000, seed: testSeed() },
  );
});
