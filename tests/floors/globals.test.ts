import { describe, expect, test } from 'bun:test';
import table from '../../tools/floors.json' with { type: 'json' };
import { House } from './house.ts';

const bun = 'export const seed = Bun.version;\n';
const timer = 'export const seed = setTimeout(() => undefined, 1);\n';

/** One file of each room that the table names, found from its pattern. */
const bunRooms = table.bunRooms.map(examplePath);
const timerRooms = table.timerRooms.map(examplePath);

function examplePath(pattern: string): string {
  const path = pattern.replaceAll(/[\\^$]/g, '');
  return path.endsWith('/') ? `${path}seed.ts` : path;
}

/** Lints one source under one name. @returns whether Biome let it pass. */
async function passes(path: string, source: string): Promise<boolean> {
  await using house = await House.build({ [path]: source });
  const { code, text } = await house.lint(path);
  if (code !== 0 && !text.includes('noRestrictedGlobals') && !text.includes(' plugin ')) {
    throw new Error(`Biome failed for another reason:\n${text}`);
  }
  return code === 0;
}

describe('Globals of the runtime', () => {
  test.each([
    ['src/core/seed.ts', bun],
    ['src/server/seed.ts', bun],
    ['src/server/system-clock.ts', bun],
    ['src/core/seed.ts', 'export const seed = globalThis.Bun;\n'],
    ['src/gateway/seed.ts', timer],
    ['src/server/listen.ts', timer],
    ['src/core/seed.ts', 'export const seed = setInterval(() => undefined, 1);\n'],
    ['src/core/seed.ts', 'export const seed = Date.now();\n'],
    ['src/store/seed.ts', 'export const seed = new Date();\n'],
    ['src/store/drivers/sqlite/seed.ts', 'export const seed = performance.now();\n'],
    ['src/core/seed.ts', 'export const seed = Math.random();\n'],
    ['src/sdk/seed.ts', 'export const seed = crypto.randomUUID();\n'],
  ])('are refused in %s: %s', async (path, source) => {
    expect(await passes(path, source)).toBe(false);
  });

  test.each(bunRooms)('include Bun in %s, a room that the table names', async (path) => {
    expect(await passes(path, bun)).toBe(true);
  });

  test.each(timerRooms)('include timers in %s, a clock that the table names', async (path) => {
    expect(await passes(path, timer)).toBe(true);
  });

  test('let a given time be written as a date', async () => {
    expect(await passes('src/core/seed.ts', 'export const seed = new Date(5);\n')).toBe(true);
  });
});
