import { expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { openConsole, owner } from '#kit/console/console.ts';
import { evaluate } from '#kit/console/evaluate.ts';
import { until } from '#kit/until.ts';

/** What has the focus, as whoever cannot see it is told, and whether whoever sees can see that it has. */
const focused = `(() => {
  const element = document.activeElement;
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  const isShown = (parseFloat(style.outlineWidth) >= 2 && style.outlineStyle !== 'none') || style.boxShadow !== 'none';
  return {
    name: (element.getAttribute('aria-label') ?? element.textContent ?? '').trim(),
    id: element.id,
    isNothing: element === document.body,
    isShown,
    isInView: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight,
    isInDialog: element.closest('[role=dialog], [role=alertdialog]') !== null,
  };
})()`;

interface Focused {
  readonly name: string;
  readonly id: string;
  /** The end of the page. */
  readonly isNothing: boolean;
  readonly isShown: boolean;
  readonly isInView: boolean;
  readonly isInDialog: boolean;
}

async function focus(page: Page): Promise<Focused> {
  return (await evaluate(page, focused)) as Focused;
}

test('everything is reached with the keyboard, and what has the focus can be seen', async () => {
  await using opened = await openConsole({ agents: 0 });
  const { page, world } = opened;
  await page.goto(`${world.server.url}/console/`);
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  await page.getByRole('region', { name: 'First steps' }).waitFor();
  const visited: Focused[] = [];
  for (let presses = 0; presses < 40; presses += 1) {
    await page.keyboard.press('Tab');
    const now = await focus(page);
    if (now.isNothing) {
      break;
    }
    visited.push(now);
  }
  const names = visited.map(({ name }) => name);
  expect(names[0]).toBe('Skip to the content');
  const pages = await page.getByRole('navigation', { name: 'Pages' }).getByRole('link').allTextContents();
  for (const name of [...pages, 'Put away', 'Begin the first steps', 'The whole record']) {
    expect(names).toContain(name);
  }
  expect(visited.filter(({ isShown, isInView }) => !(isShown && isInView))).toEqual([]);

  // The first stop leads past everything that stands on every page.
  await page.goto(`${world.server.url}/console/`);
  await page.getByRole('region', { name: 'First steps' }).waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  expect((await focus(page)).id).toBe('content');
  await page.keyboard.press('Tab');
  expect((await focus(page)).name).toBe('Put away');
}, 240_000);

test('two keys lead to each page, and none of them where somebody writes', async () => {
  await using opened = await openConsole({ agents: 0 });
  const { page } = opened;
  const links = page.getByRole('navigation', { name: 'Pages' }).getByRole('link');
  const keys = await Promise.all((await links.all()).map(async (link) => (await link.getAttribute('title')) ?? ''));
  const titles = await links.allTextContents();
  expect(titles.length).toBe(10);
  const current = page.getByRole('navigation', { name: 'Pages' }).locator('[aria-current=page]');
  for (const [index, title] of titles.entries()) {
    // Some pages begin within a field; and a busy machine may take longer between two keys than a person does.
    await until(`two keys lead to ${title}`, async () => {
      for (const key of ['Escape', 'g', keys[index]?.at(-1) ?? '']) {
        await page.keyboard.press(key);
      }
      return (await current.textContent()) === title;
    });
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.getByText('Loading this page').waitFor({ state: 'detached' });
  }
  await page.goto(`${opened.world.server.url}/console/actions`);
  const field = page.getByLabel('Incident');
  await field.focus();
  await page.keyboard.type('gig');
  expect([await field.inputValue(), new URL(page.url()).pathname]).toEqual(['gig', '/console/actions']);
  await page.keyboard.press('Control+k');
  const palette = page.getByRole('dialog', { name: 'Find anything' });
  await palette.waitFor();
  await page.keyboard.press('Escape');
  await palette.waitFor({ state: 'detached' });
  const id = await field.getAttribute('id');
  await until('the field has the focus again', async () => (await focus(page)).id === id);
  await page.keyboard.press('Escape');
  expect((await focus(page)).isNothing).toBe(true);
  // A field of another kind, which takes Escape for its own.
  await page.goto(`${opened.world.server.url}/console/investigate`);
  await page.locator('main input').first().focus();
  await page.keyboard.press('Escape');
  expect((await focus(page)).isNothing).toBe(true);
}, 240_000);

test('the palette finds pages, actions and endpoints, keeps the focus while it is open and gives it back', async () => {
  await using opened = await openConsole({ agents: 1 });
  const { page, world } = opened;
  const { id } = await world.client.startScan({ endpointIds: 'all' });
  const overview = page.getByRole('link', { name: 'Overview' });
  await overview.focus();
  const palette = page.getByRole('dialog', { name: 'Find anything' });
  await page.keyboard.press('Control+k');
  await palette.waitFor();
  for (let presses = 0; presses < 8; presses += 1) {
    await page.keyboard.press('Tab');
    expect((await focus(page)).isInDialog).toBe(true);
  }
  await page.keyboard.press('Escape');
  await palette.waitFor({ state: 'detached' });
  await until('the link has the focus again', async () => (await focus(page)).name === 'Overview');

  await page.keyboard.press('Control+k');
  await page.keyboard.type('quar');
  await palette.getByRole('menuitem', { name: 'Go to Quarantine' }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Quarantine', level: 1 }).waitFor();

  await page.keyboard.press('Control+k');
  await page.keyboard.type(id);
  await palette.getByRole('menuitem', { name: `Action ${id}` }).waitFor();
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/console/actions/${id}`);
}, 240_000);

test('a dialog keeps the focus, is left with Escape, and gives it back to what opened it', async () => {
  await using opened = await openConsole({ agents: 1 });
  const { page, world } = opened;
  const agent = world.agent(0);
  const guid = await world.known(agent, agent.put('a.txt', 'a'));
  await page.goto(`${world.server.url}/console/files/${guid}`);
  const button = page.getByRole('button', { name: 'Quarantine here' });
  await button.waitFor();
  await button.focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('alertdialog');
  await dialog.waitFor();
  for (let presses = 0; presses < 8; presses += 1) {
    await page.keyboard.press('Tab');
    const now = await focus(page);
    expect([now.isInDialog, now.isShown]).toEqual([true, true]);
  }
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await until('the button has the focus again', async () => (await focus(page)).name === 'Quarantine here');
  expect((await world.client.listActions({})).total).toBe(0);

  // A menu, too.
  const menu = page.getByRole('button', { name: owner.email });
  await menu.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'Log out' }).waitFor();
  await page.keyboard.press('Escape');
  await until('the menu has the focus again', async () => (await focus(page)).name.includes(owner.email));
}, 240_000);
