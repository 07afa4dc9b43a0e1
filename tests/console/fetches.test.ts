import { expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { logIn, openConsole, owner } from '#kit/console/console.ts';
import { evaluate } from '#kit/console/evaluate.ts';

const ben = { email: 'ben@example.org', password: 'a first password of ben' };

const kept = (page: Page) => evaluate(page, 'JSON.stringify({ ...sessionStorage, ...localStorage })');

async function order(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Download the file' }).click();
  await page.getByRole('button', { name: 'Download it' }).click();
  await page.getByRole('region', { name: 'The download' }).getByText('Action').waitFor();
}

/** Counts how often the page asks how an action is. */
function asked(page: Page): () => number {
  let count = 0;
  page.on('request', (request) => {
    count += /\/api\/v1\/actions\/\d+$/.test(request.url()) ? 1 : 0;
  });
  return () => count;
}

const found = (page: Page) => page.getByRole('grid', { name: 'Files' });

/** Without loading the page anew. */
async function lookFor(page: Page, what: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Investigate' }).click();
  const field = page.getByRole('textbox', { name: /^Look for/ });
  await field.fill(what);
  await field.press('Enter');
  await found(page).waitFor();
}

test('whoever logs in next finds nothing of what the one before had fetched', async () => {
  await using opened = await openConsole({ agents: 1 });
  const { page, world } = opened;
  const agent = world.agent(0);
  const guid = await world.known(agent, agent.put('salaries.xlsx', 'everybody’s'));
  const { hostName } = await world.client.readEndpoint(agent.id);
  await agent.end('SIGTERM');
  const permissions = ['files.read', 'files.fetch', 'actions.read'] as const;
  await world.client.createRole({ name: 'Files alone', permissions: [...permissions] });
  await world.client.createUser({ ...ben, role: 'Files alone', mustChangePassword: false });
  const count = asked(page);
  await page.goto(`${world.server.url}/console/files/${guid}`);
  await order(page);
  expect(await kept(page)).toContain('salaries.xlsx');
  await lookFor(page, '*.xlsx');
  await found(page).getByRole('gridcell', { name: hostName, exact: true }).waitFor();
  await page.getByRole('button', { name: owner.email }).click();
  await page.getByRole('menuitem', { name: 'Log out' }).click();
  await page.getByRole('button', { name: 'Log in' }).waitFor();
  expect(await kept(page)).not.toContain('salaries');

  await logIn(page, ben);
  const before = count();
  await lookFor(page, '*.xlsx');
  await found(page).getByRole('gridcell', { name: 'salaries.xlsx', exact: true }).waitFor();
  expect(await found(page).getByRole('gridcell', { name: hostName, exact: true }).count()).toBe(0);
  await Bun.sleep(2_500);
  expect(count()).toBe(before);

  // A session that ends is followed by somebody else, who does not log the one before out.
  await page.goto(`${world.server.url}/console/files/${guid}`);
  await order(page);
  await world.client.endUserSessions(ben.email);
  await page.getByRole('link', { name: 'Log in again' }).click();
  await logIn(page, owner);
  await page.getByRole('heading', { level: 1 }).waitFor();
  expect(await kept(page)).not.toContain('salaries');
  expect(await page.getByRole('region', { name: 'The download' }).count()).toBe(0);
}, 240_000);

test('a download that cannot be seen any more is told of once, and not asked after again', async () => {
  await using opened = await openConsole({ agents: 1 });
  const { page, world } = opened;
  const agent = world.agent(0);
  const guid = await world.known(agent, agent.put('a.txt', 'a'));
  await agent.end('SIGTERM');
  await page.goto(`${world.server.url}/console/files/${guid}`);
  await page.route(/\/api\/v1\/actions\/\d+$/, (route) =>
    route.fulfill({
      status: 404,
      contentType: 'application/problem+json',
      body: JSON.stringify({
        type: 'about:blank',
        title: 'Not found',
        status: 404,
        detail: 'It is gone.',
        code: 'not_found',
        details: {},
      }),
    }),
  );
  const count = asked(page);
  await page.getByRole('button', { name: 'Download the file' }).click();
  await page.getByRole('button', { name: 'Download it' }).click();
  await page.getByText('What became of', { exact: false }).waitFor();
  await page.getByText('How far it is cannot be seen any more.', { exact: false }).waitFor();
  // The record tells of the order, which has it looked at once more.
  await Bun.sleep(3_000);
  const before = count();
  await Bun.sleep(4_000);
  expect(count()).toBe(before);
  await page.reload();
  await page.getByRole('region', { name: 'The download' }).getByRole('button', { name: 'Put away' }).click();
  await page.getByRole('region', { name: 'The download' }).waitFor({ state: 'detached' });
}, 240_000);
