import { expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { openConsole } from '#kit/console/console.ts';
import { evaluate } from '#kit/console/evaluate.ts';
import { until } from '#kit/until.ts';

const hash = (index: number) => index.toString(16).padStart(64, 'a');

test('what is shown is asked for to the end where things happen faster than answers come', async () => {
  await using opened = await openConsole({ agents: 0 });
  const { page, world } = opened;
  await world.client.listHashes({ hashes: [hash(0)], list: 'block' });
  await page.goto(`${world.server.url}/console/settings/lists`);
  await page
    .getByRole('row')
    .filter({ hasText: hash(0) })
    .waitFor();
  await page.getByText('✓ Live').waitFor();
  await page.route(/\/api\/v1\/hashes\?/, async (route) => {
    await Bun.sleep(2_000);
    // A page that gave it up wants no answer.
    await route.continue().catch(() => undefined);
  });
  let isOver = false;
  const happening = (async () => {
    for (let index = 1; !isOver; index += 1) {
      await world.client.listHashes({ hashes: [hash(index)], list: 'block' });
      await Bun.sleep(200);
    }
  })();
  try {
    await page
      .getByRole('row')
      .filter({ hasText: hash(1) })
      .waitFor();
  } finally {
    isOver = true;
    await happening;
  }
}, 240_000);

test('the keyboard stays at its row when others come before it, and acts on none in its stead where it is gone', async () => {
  await using opened = await openConsole({ agents: 0 });
  const { page, world } = opened;
  for (const index of [1, 2, 3]) {
    await world.client.listHashes({ hashes: [hash(index)], list: 'block' });
  }
  await page.goto(`${world.server.url}/console/settings/lists`);
  const row = (index: number) => page.getByRole('row').filter({ hasText: hash(index) });
  await row(1).waitFor();
  await page.getByText('✓ Live').waitFor();
  // The newest is the first.
  const grid = page.getByRole('grid', { name: 'Block list' });
  await grid.focus();
  await page.keyboard.press('ArrowDown');
  await world.client.listHashes({ hashes: [hash(4)], list: 'block' });
  await row(4).waitFor();
  await page.keyboard.press(' ');
  await row(2).getByRole('checkbox', { checked: true }).waitFor();
  expect(await grid.getByRole('checkbox', { checked: true }).count()).toBe(1);
  expect(await current(page)).toContain(hash(2));

  await world.client.forgetHashes({ hashes: [hash(2)] });
  await row(2).waitFor({ state: 'detached' });
  await page.keyboard.press(' ');
  expect(await grid.getByRole('checkbox', { checked: true }).count()).toBe(0);
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press(' ');
  await grid.getByRole('checkbox', { checked: true }).waitFor();
}, 240_000);

/** The row of which whoever cannot see it is told. */
function current(page: Page): Promise<unknown> {
  const of = "document.querySelector('[role=grid]').getAttribute('aria-activedescendant')";
  return evaluate(page, `document.getElementById(${of})?.textContent`);
}

const names = `[...document.querySelectorAll('[role=row]:not([aria-busy])')].flatMap((row) =>
  /incident no \\d+/.exec(row.textContent ?? '') ?? [])`;

test('no row of a long list is there twice when others have come before it meanwhile', async () => {
  await using opened = await openConsole({ agents: 0 });
  const { page, world } = opened;
  for (let index = 0; index < 260; index += 1) {
    await world.client.createIncident({ name: `incident no ${index}` });
  }
  // The page is told of nothing, as it is between two looks.
  await page.route(/events\/stream/, () => undefined);
  await page.goto(`${world.server.url}/console/incidents`);
  const place = (index: number) => page.locator(`[role=row][aria-rowindex="${index + 2}"]:not([aria-busy])`);
  const grid = page.getByRole('grid', { name: 'Incidents' });
  await grid.focus();
  for (let presses = 0; presses < 10; presses += 1) {
    await page.keyboard.press('PageDown');
    await place(15 * (presses + 1)).waitFor();
  }
  await world.client.createIncident({ name: 'incident no 999' });
  for (let presses = 0; presses < 4; presses += 1) {
    await page.keyboard.press('PageDown');
  }
  await place(210).waitFor();
  await page.keyboard.press('PageUp');
  await place(199).waitFor();
  const shown = (await evaluate(page, names)) as string[];
  expect(shown.length).toBeGreaterThan(10);
  expect(shown.filter((name, index) => shown.indexOf(name) !== index)).toEqual([]);
  await until('all of them are there', async () => (await page.locator('[role=row][aria-busy]').count()) === 0);

  // Rows that go out of sight are used for those that come into it: to make new ones takes longer than a frame has.
  await evaluate(page, `document.querySelectorAll('.table-row').forEach((row) => row.setAttribute('data-old', ''))`);
  await page.keyboard.press('Home');
  await place(0).waitFor();
  expect(await page.locator('.table-row:not([data-old])').count()).toBe(0);
}, 240_000);
