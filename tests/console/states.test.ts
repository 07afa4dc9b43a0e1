import { expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { barriers } from '#kit/console/accessible.ts';
import { keepPicture, logIn, openConsole, owner } from '#kit/console/console.ts';

const away = 'What you see is as it was before';

test('while the server is away the page says so, keeps what was typed, and goes on by itself when it is back', async () => {
  await using opened = await openConsole({ agents: 1 });
  const { page, world } = opened;
  await page.getByRole('link', { name: 'Action Center' }).click();
  await page.getByRole('heading', { name: 'Action Center' }).waitFor();
  await page.getByText('✓ Live').waitFor();
  const typed = page.getByLabel('Incident');
  await typed.fill('case 4711');

  await world.server.end('SIGKILL');
  await page.getByRole('alert').filter({ hasText: away }).waitFor();
  await page.getByText('Reconnecting').waitFor();
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, 'server-away');
  // A page whose code had not come yet does not take the console away with it.
  await page.getByRole('link', { name: 'Investigate' }).click();
  await page.getByRole('alert').filter({ hasText: 'could not be loaded' }).waitFor();
  await page.goBack();
  expect(await typed.inputValue()).toBe('case 4711');
  // A log-out of which the server was not told is none.
  await page.getByRole('button', { name: owner.email }).click();
  await page.getByRole('menuitem', { name: 'Log out' }).click();
  await page.getByText('You are still logged in', { exact: false }).waitFor();

  await world.server.start();
  await page.getByRole('alert').filter({ hasText: away }).waitFor({ state: 'detached' });
  await page.getByText('✓ Live').waitFor();
  expect(await typed.inputValue()).toBe('case 4711');
  await typed.fill('');
  await world.agent(0).connect();
  await world.client.startScan({ endpointIds: [world.agent(0).id] });
  await page.getByRole('row').filter({ hasText: 'Scan' }).first().waitFor();
  await page.getByRole('link', { name: 'Investigate' }).click();
  await page.getByRole('heading', { name: 'Investigate' }).waitFor();
}, 240_000);

test('a session that ends is told where people are, and what they typed is there when they are back', async () => {
  await using opened = await openConsole({ agents: 0 });
  const { page, world } = opened;
  await page.getByRole('link', { name: 'Action Center' }).click();
  await page.getByLabel('Action ID').fill('123');
  await world.client.endUserSessions(owner.email);
  await page.getByRole('alert').filter({ hasText: 'Your session has ended.' }).waitFor();
  expect(await barriers(page)).toEqual([]);
  const other = await page.context().newPage();
  await other.goto(`${world.server.url}/console/`);
  await logIn(other, owner);
  await other.close();
  await page.bringToFront();
  await returned(page);
  await page.getByRole('alert').filter({ hasText: 'Your session has ended.' }).waitFor({ state: 'detached' });
  expect(await page.getByLabel('Action ID').inputValue()).toBe('123');
}, 240_000);

/** Somebody who comes back to a tab, as the browser tells its page. */
async function returned(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: `window.dispatchEvent(new Event('visibilitychange'))` });
  await session.detach();
}

/** What a page asks the server to do, from here on. */
function ordersOf(page: Page): readonly string[] {
  const orders: string[] = [];
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    // A search for files is a question too long for an address.
    if (request.method() !== 'GET' && pathname !== '/api/v1/files/search') {
      orders.push(`${request.method()} ${pathname}`);
    }
  });
  return orders;
}

const pagesOf = (page: Page) => page.getByRole('navigation', { name: 'Pages' }).getByRole('link').allTextContents();

/** What a page offers to whoever may do it, pressed whether or not it lets itself be. */
async function pressAll(page: Page, { url, guid }: { readonly url: string; readonly guid: string }): Promise<void> {
  await page.goto(`${url}/console/first-steps`);
  await page.getByRole('button', { name: 'Make the commands' }).click({ force: true });
  await page.getByRole('link', { name: 'Overview' }).click();
  await page.getByRole('region', { name: 'Server' }).getByText('Version').waitFor();
  await page.goto(`${url}/console/files/${guid}`);
  await page.getByRole('button', { name: 'Download the file' }).click({ force: true });
  const question = page.getByRole('dialog');
  for (const dialog of await question.all()) {
    await dialog.getByRole('button', { name: 'Download it' }).click();
    await question.waitFor({ state: 'detached' });
  }
  await page.getByRole('link', { name: 'Overview' }).click();
  await page.getByRole('region', { name: 'Server' }).getByText('Version').waitFor();
}

test('whoever may only look is offered nothing else, and is told why', async () => {
  await using opened = await openConsole({ agents: 1 });
  const { world } = opened;
  const viewer = { email: 'viewer@example.org', password: 'only here to look around' };
  await world.client.createUser({ ...viewer, role: 'Viewer' });
  const agent = world.agent(0);
  const guid = await world.known(agent, agent.put('a.txt', 'a'));
  const page = await opened.openFor(viewer);
  await page.getByRole('region', { name: 'Server' }).getByText('Version').waitFor();
  await opened.page.getByRole('region', { name: 'Latest events' }).waitFor();
  await opened.page.getByRole('region', { name: 'First steps' }).waitFor();
  const kept = new Set(await pagesOf(opened.page)).difference(new Set(await pagesOf(page)));
  expect([...kept]).toEqual(['Evidence', 'Audit']);
  expect(await page.getByRole('region', { name: 'Latest events' }).count()).toBe(0);
  expect(await page.getByRole('region', { name: 'First steps' }).count()).toBe(0);
  expect(await barriers(page)).toEqual([]);

  // An address that somebody sent them says why there is nothing for them.
  await page.goto(`${world.server.url}/console/first-steps`);
  const make = page.getByRole('button', { name: 'Make the commands' });
  await make.waitFor();
  // Reasons are for whoever has no pointer, too.
  await page.keyboard.press('Tab');
  await make.focus();
  await page.getByRole('tooltip').filter({ hasText: 'Your role may not enrol machines.' }).waitFor();

  const theirs = ordersOf(page);
  await pressAll(page, { url: world.server.url, guid });
  expect(theirs).toEqual([]);
  await page.goto(`${world.server.url}/console/files/${guid}`);
  await page.getByRole('button', { name: 'Download the file' }).waitFor();
  expect(await barriers(page)).toEqual([]);
  // Whoever may do it orders just that by the same presses.
  const owners = ordersOf(opened.page);
  await pressAll(opened.page, { url: world.server.url, guid });
  expect(owners).toEqual(['POST /api/v1/enrolment-tokens', 'POST /api/v1/actions/fetch']);
  const { items } = await world.client.listActions({});
  expect(items).toHaveLength(1);
  await world.client.waitForAction(items[0]?.id ?? '');
}, 240_000);
