import { describe, expect, test } from 'bun:test';
import { House } from './house.ts';
import { cleanHouse, cycleEnds, type Seed, seeds, wrongSingleFiles } from './seeds.ts';

/** Several seeds in one file are written one below the other. */
function filesOf(all: readonly Seed[]): Readonly<Record<string, string>> {
  const byPath = [...Map.groupBy(all, ({ path }) => path)];
  return Object.fromEntries(byPath.map(([path, some]) => [path, some.map(({ source }) => source).join('')]));
}

async function cruise(files: Readonly<Record<string, string>>): ReturnType<House['cruise']> {
  await using house = await House.build(files);
  return await house.cruise();
}

describe('The floors', async () => {
  const clean = await cruise(cleanHouse);
  const seeded = await cruise({ ...cleanHouse, ...cycleEnds, ...filesOf(seeds) });
  const replaced = await cruise({ ...cleanHouse, ...filesOf(wrongSingleFiles) });

  test('let a house that keeps every rule pass, all of it read', () => {
    expect([...clean.found]).toEqual([]);
    expect(clean.cruised).toBeGreaterThanOrEqual(Object.keys(cleanHouse).length);
  });

  test('fail the check when a rule is broken, and only then', async () => {
    await using house = await House.build(cleanHouse);
    expect((await house.check()).code).toBe(0);
    await using brokenHouse = await House.build({ ...cleanHouse, ...filesOf(seeds.slice(0, 1)) });
    const { code, text } = await brokenHouse.check();
    expect(code).not.toBe(0);
    expect(text).toContain(seeds[0]?.rule ?? 'a rule');
  });

  test.each(seeds.map((seed) => [seed.rule, seed.path] as const))('see %s broken by %s', (rule, path) => {
    expect([...(seeded.found.get(path) ?? [])]).toContain(rule);
  });

  test.each(wrongSingleFiles.map((seed) => [seed.rule, seed.path] as const))(
    'see %s broken by a wrong %s',
    (rule, path) => {
      expect([...(replaced.found.get(path) ?? [])]).toContain(rule);
    },
  );

  test('blame nobody but the wrong files', () => {
    const wrong = new Set(seeds.map(({ path }) => path));
    expect([...seeded.found.keys()].filter((path) => !wrong.has(path))).toEqual([]);
  });

  test('have a seed for every rule', () => {
    const seen = new Set([...seeds, ...wrongSingleFiles].map(({ rule }) => rule));
    expect(clean.rules.filter((rule) => !seen.has(rule))).toEqual([]);
  });
});
