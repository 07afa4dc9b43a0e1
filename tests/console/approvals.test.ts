import { expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { barriers } from '#kit/console/accessible.ts';
import { type ConsoleWorld, keepPicture, openConsole, owner, type Person } from '#kit/console/console.ts';
import { shortPages } from '#kit/console/short-pages.ts';
import { until } from '#kit/until.ts';

const password = 'correct horse battery staple';
const ana: Person = { email: 'ana@example.org', password };
const vera: Person = { email: 'vera@example.org', password };

const openGuarded = () => openConsole({ agents: 2, settings: { CUSTODY_GUARD_ENDPOINTS: '1', CUSTODY_RINGS: 'off' } });

/** An order by somebody who takes a file from two machines, which is one more than one person may. */
async function orderWide({ world }: ConsoleWorld, person: Person, name: string) {
  const agents = [world.agent(0), world.agent(1)];
  const paths = agents.map((agent) => agent.put(name, `bytes of ${name}`));
  for (const [index, agent] of agents.entries()) {
    await world.known(agent, paths[index] ?? '');
  }
  const sha256 = createHash('sha256').update(`bytes of ${name}`).digest('hex');
  const { token } = await world.client.logIn(person);
  const order = { endpointIds: 'holders', path: null, sha256, reason: `because of ${name}` } as const;
  const { id, approval } = await world.server.clientOf(token).quarantineFile(order);
  return {
    id,
    sha256,
    paths,
    digest: approval?.digest ?? '',
    areThere: () => paths.filter((path) => existsSync(path)).length,
  };
}

async function openOrder(page: Page, world: ConsoleWorld['world'], id: string): Promise<void> {
  await page.goto(`${world.server.url}/console/approvals/${id}`);
  await page.getByRole('heading', { name: 'What exactly it would touch' }).waitFor();
}

const decision = (page: Page) => page.getByRole('region', { name: 'Your decision' });
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

/** What a dialog asks, answered. */
async function answer(page: Page, { reason, word }: { readonly reason: string; readonly word: string }): Promise<void> {
  const dialog = page.getByRole('alertdialog').or(page.getByRole('dialog'));
  await dialog.getByLabel(/^Reason/).fill(reason);
  await dialog.getByRole('button', { name: word }).click();
}

test('a second person sees the whole order, and lets it out; whoever ordered it cannot', async () => {
  await using opened = await openGuarded();
  const { world, page } = opened;
  await world.client.createUser({ ...ana, role: 'Privileged Responder' });
  const order = await orderWide(opened, ana, 'worm.bin');

  const theirs = await opened.openFor(ana);
  await openOrder(theirs, world, order.id);
  await decision(theirs).getByText('you cannot approve it: a second person has to').waitFor();
  expect(await button(theirs, 'Approve').count()).toBe(0);
  // Only an Instance Administrator breaks the glass.
  expect(await button(theirs, 'Break the glass').count()).toBe(0);
  expect(await barriers(theirs)).toEqual([]);

  await page.getByRole('link', { name: 'Approvals' }).click();
  await page.getByText('It concerns 2 endpoints. One person alone may order it for at most 1.').waitFor();
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, 'approvals');
  await shortPages(page, '/files/search');
  await page.getByRole('link', { name: 'Quarantine: 2 files on 2 endpoints' }).click();
  await page.getByText('because of worm.bin').waitFor();
  const told = await page.getByRole('main').textContent();
  for (const part of [ana.email, order.digest, order.sha256, '2 endpoints']) {
    expect(told).toContain(part);
  }
  const files = page.getByRole('grid', { name: 'Files' });
  for (const path of order.paths) {
    await files.getByRole('gridcell', { name: path }).waitFor();
  }
  expect(await files.getByRole('row').count()).toBe(3);
  await keepPicture(page, 'approval');
  const saving = page.waitForEvent('download');
  await button(page, 'Save this list as CSV').click();
  const csv = readFileSync(await (await saving).path(), 'utf8').split('\r\n');
  expect(csv[0]).toBe('\ufeffEndpoint,Endpoint ID,Path,SHA-256');
  expect(
    csv
      .slice(1)
      .flatMap((line) => line.split(',')[2] ?? [])
      .toSorted(),
  ).toEqual(order.paths);
  expect(order.areThere()).toBe(2);
  await button(page, 'Approve').click();
  expect(await page.getByRole('alertdialog').textContent()).toContain(order.digest);
  expect(await barriers(page)).toEqual([]);
  await answer(page, { reason: 'agreed with ana', word: 'Approve it' });
  await page.getByText(`Approved. Action ${order.id} goes out.`).waitFor();
  await until('the files are gone', () => order.areThere() === 0);

  await page.getByRole('link', { name: 'Approvals' }).first().click();
  await page.getByText('Nothing waits for a second person.').waitFor();
  const decided = page.getByRole('grid', { name: 'Decided approvals' });
  await decided.getByRole('gridcell', { name: 'agreed with ana' }).waitFor();
  expect(await decided.textContent()).toContain('Approved');
  // Who ordered it sees the decision without a reload.
  await theirs.getByRole('heading', { name: 'What it was about' }).waitFor();
}, 240_000);

test('one person alone breaks the glass with a reason, and everybody is told; another order is refused', async () => {
  await using opened = await openGuarded();
  const { world, page } = opened;
  await world.client.createUser({ ...ana, role: 'Privileged Responder' });
  const urgent = await orderWide(opened, owner, 'urgent.bin');
  await openOrder(page, world, urgent.id);
  await button(page, 'Break the glass').click();
  const dialog = page.getByRole('alertdialog');
  await dialog.getByText('Everybody is told of it for a day').waitFor();
  expect(await barriers(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Let it out alone' }).click();
  // Nothing goes out without a reason.
  expect(await dialog.count()).toBe(1);
  expect((await world.client.readApproval(urgent.id)).state).toBe('waiting');
  await answer(page, { reason: 'it spreads', word: 'Let it out alone' });
  await until('the files are gone', () => urgent.areThere() === 0);

  const wrong = await orderWide(opened, owner, 'wrong.bin');
  const theirs = await opened.openFor(ana, { colorScheme: 'dark', width: 390, height: 844 });
  await theirs.getByRole('link', { name: 'Approvals' }).click();
  await theirs.getByRole('alert').getByText('let an order out alone').waitFor();
  await theirs.getByRole('link', { name: 'Quarantine: 2 files on 2 endpoints' }).click();
  await decision(theirs).waitFor();
  expect(await barriers(theirs)).toEqual([]);
  await keepPicture(theirs, 'approval-narrow-dark');
  await button(theirs, 'Refuse').click();
  await answer(theirs, { reason: 'the wrong hash', word: 'Refuse it' });
  await theirs.getByText(`Refused. No endpoint was told of action ${wrong.id}.`).waitFor();
  expect(await world.client.readApproval(wrong.id)).toMatchObject({ state: 'refused', reason: 'the wrong hash' });
  expect(wrong.areThere()).toBe(2);
}, 240_000);

test('where there is no second person the numbers are typed, and whose role decides nothing is told so', async () => {
  await using opened = await openGuarded();
  const { world, page } = opened;
  await world.client.createUser({ ...vera, role: 'Viewer' });
  const order = await orderWide(opened, owner, 'worm.bin');
  const theirs = await opened.openFor(vera);
  await openOrder(theirs, world, order.id);
  await decision(theirs).getByText('Your role decides nothing here.').waitFor();
  expect(await decision(theirs).getByRole('button').count()).toBe(0);

  await openOrder(page, world, order.id);
  await button(page, 'Confirm by typing the numbers').click();
  const dialog = page.getByRole('alertdialog');
  await dialog.getByLabel('How many endpoints').fill('20');
  await dialog.getByLabel('How many files').fill('2');
  await dialog.getByRole('button', { name: 'Confirm it' }).click();
  await dialog.getByRole('alert').getByText('These are not the numbers of this order').waitFor();
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, 'approval-confirm');
  expect(order.areThere()).toBe(2);
  await dialog.getByLabel('How many endpoints').fill('2');
  await dialog.getByRole('button', { name: 'Confirm it' }).click();
  await until('the files are gone', () => order.areThere() === 0);
  expect((await world.client.readApproval(order.id)).state).toBe('confirmed');
}, 240_000);

test('a retry that is held is said to wait, and who refuses it is not told that no endpoint ever had the order', async () => {
  await using opened = await openGuarded();
  const { world, page } = opened;
  await world.client.createUser({ ...ana, role: 'Privileged Responder' });
  const order = await orderWide(opened, ana, 'worm.bin');
  for (const path of order.paths) {
    rmSync(path);
  }
  const { token } = await world.client.logIn(owner);
  await world.server.clientOf(token).approveAction(order.id, { digest: order.digest, reason: 'agreed' });
  await world.client.waitForAction(order.id);

  await page.goto(`${world.server.url}/console/actions/${order.id}`);
  await button(page, 'Retry what failed').click();
  await answer(page, { reason: 'they are back', word: 'Try again' });
  await page.getByText('the retry waits for approval, and no endpoint is told of it until then.').waitFor();
  const outcomes = page.getByRole('grid', { name: 'Outcomes' });
  await outcomes.getByText('The retry waits for approval; the endpoint was told nothing of it.').first().waitFor();

  const theirs = await opened.openFor(ana);
  await openOrder(theirs, world, order.id);
  await button(theirs, 'Approve').click();
  await theirs.getByRole('alertdialog').getByText('The order goes out once more, where it failed').waitFor();
  await theirs.keyboard.press('Escape');
  await button(theirs, 'Refuse').click();
  await theirs.getByRole('dialog').getByText('The retry ends here: no endpoint was told of it').waitFor();
  await answer(theirs, { reason: 'the wrong hash', word: 'Refuse it' });
  await theirs.getByText('what earlier attempts did stays done.').waitFor();
  expect(await theirs.getByText(`No endpoint was told of action ${order.id}.`).count()).toBe(0);
}, 240_000);
