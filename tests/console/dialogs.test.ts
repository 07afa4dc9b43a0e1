import { expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import type { Page, Route } from 'playwright-core';
import { barriers } from '#kit/console/accessible.ts';
import { type ConsoleWorld, keepPicture, logIn, openConsole, owner } from '#kit/console/console.ts';
import { evaluate } from '#kit/console/evaluate.ts';
import { sha256 } from '#kit/disk.ts';
import { until } from '#kit/until.ts';

const bytes = 'bytes that come and go while somebody reads\n';
const hash = sha256(bytes);
const changed = 'has changed since you opened this';

function go({ world, page }: ConsoleWorld, path: string) {
  return page.goto(`${world.server.url}/console${path}`);
}

/** A further copy, on this machine, in its vault. */
async function takeOne({ world }: ConsoleWorld, index: number, name: string): Promise<string> {
  const agent = world.agent(index);
  const path = agent.put(name, bytes);
  await world.known(agent, path);
  const taken = await world.client.quarantineFile({ endpointIds: [agent.id], path, sha256: hash });
  await world.client.waitForAction(taken.id);
  return path;
}

/** How many actions there are of a verb. */
async function ordered({ world }: ConsoleWorld, verb: 'quarantine' | 'purge' | 'restore' | 'restore_objects') {
  return (await world.client.listActions({ verb: [verb] })).total;
}

/** One file is asked about; while somebody reads, a second one comes. */
async function quarantineAsRead(opened: ConsoleWorld): Promise<void> {
  const { world, page } = opened;
  const first = world.agent(0).put('one.bin', bytes);
  await world.known(world.agent(0), first);
  await go(opened, `/quarantine/new?sha256=${hash}`);
  await page.getByRole('button', { name: 'Quarantine on every endpoint that has it' }).click();
  const dialog = page.getByRole('alertdialog');
  await dialog.getByText('1 file on 1 endpoint would go').waitFor();
  await dialog.getByLabel('Reason').fill('read and decided');
  const second = world.agent(1).put('two.bin', bytes);
  await world.known(world.agent(1), second);
  // Something that the server tells of has the page ask anew.
  await world.client.startScan({ endpointIds: [world.agent(0).id] });
  await dialog.getByText(changed).waitFor();
  expect(await dialog.getByRole('heading').first().textContent()).toBe('Quarantine 1 file on 1 endpoint?');
  await dialog.getByLabel('Reason').press('Enter');
  await dialog.getByRole('button', { name: 'Quarantine', exact: true }).click({ force: true });
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, 'dialog-changed');
  expect(await ordered(opened, 'quarantine')).toBe(0);
  await dialog.getByRole('button', { name: 'Look again' }).click();
  await page.getByRole('alertdialog', { name: 'Quarantine 2 files on 2 endpoints?' }).waitFor();
  expect(await dialog.getByLabel('Reason').inputValue()).toBe('read and decided');
  await dialog.getByRole('button', { name: 'Quarantine', exact: true }).click();
  await page.waitForURL(/\/actions\/\d+$/);
  await until('both are taken', () => !existsSync(first) && !existsSync(second));
}

/** What was counted is named to the server, whatever else came into a vault. */
async function purgeAsCounted(opened: ConsoleWorld): Promise<void> {
  const { world, page } = opened;
  await page.getByRole('link', { name: 'Quarantine', exact: true }).click();
  await page.getByRole('grid', { name: 'Quarantined files' }).getByRole('row').nth(1).click();
  await page.getByRole('button', { name: 'Delete 2 copies' }).click();
  const dialog = page.getByRole('alertdialog', { name: 'Delete 2 copies for good?' });
  await dialog.getByText('2 files in the vaults of 2 endpoints').waitFor();
  const counted = (await world.client.listQuarantine({ state: ['held'] })).items.map((copy) => copy.vaultObject);
  await takeOne(opened, 0, 'three.bin');
  await dialog.getByText(changed).waitFor();
  await dialog.getByRole('button', { name: 'Delete for good' }).click({ force: true });
  expect(await ordered(opened, 'purge')).toBe(0);
  // Whoever was shut off from the server while it changed is told by the server.
  await dialog.getByRole('button', { name: 'Leave it' }).click();
  const kept = await world.client.listQuarantine({ sha256: [hash], state: ['held'] });
  let isShutOff = true;
  await page.route('**/api/v1/quarantine?*', (route) => (isShutOff ? route.fulfill({ json: kept }) : route.continue()));
  await page.route('**/api/v1/actions/purge', (route) => {
    isShutOff = false;
    return route.continue();
  });
  await page.getByRole('button', { name: 'Delete 3 copies' }).click();
  const asked = page.getByRole('alertdialog', { name: 'Delete 3 copies for good?' });
  await asked.getByText('three.bin').waitFor();
  const [gone = ''] = counted;
  const one = kept.items.find(({ vaultObject }) => vaultObject === gone) ?? expect.unreachable();
  const restored = await world.client.restoreFile({ sha256: hash, endpointId: one.endpointId, vaultObject: gone });
  await world.client.waitForAction(restored.id);
  await asked.getByRole('button', { name: 'Delete for good' }).click();
  await asked.getByText('1 of the 3 copies are in no vault any more.').waitFor();
  await asked.getByText(changed).waitFor();
  expect(await ordered(opened, 'purge')).toBe(0);
  await asked.getByRole('button', { name: 'Look again' }).click();
  await page.getByRole('alertdialog', { name: 'Delete 2 copies for good?' }).waitFor();
  const request = page.waitForRequest((each) => each.url().endsWith('/actions/purge'));
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete for good' }).click();
  const { vaultObjects } = (await request).postDataJSON() as { readonly vaultObjects: readonly string[] };
  const left = kept.items.map(({ vaultObject }) => vaultObject).filter((each) => each !== gone);
  expect(vaultObjects.toSorted()).toEqual(left.toSorted());
  await page.waitForURL(/\/actions\/\d+$/);
  await world.client.waitForAction(/(\d+)$/.exec(page.url())?.[1] ?? '');
}

test('what a dialog asks stays as it was read: where it is another by now, nothing is ordered before somebody looks again', async () => {
  await using opened = await openConsole({ agents: 2 });
  await quarantineAsRead(opened);
  await purgeAsCounted(opened);
}, 240_000);

test('a restore says which copies go back and names just these, on its page and after what the quarantine has asked', async () => {
  await using opened = await openConsole({ agents: 1 });
  const { world, page } = opened;
  const path = await takeOne(opened, 0, 'mine.bin');
  const other = await takeOne(opened, 0, 'other.bin');
  const mine = (await world.client.listQuarantine({ pathContains: 'mine.bin' })).items[0] ?? expect.unreachable();
  await world.client.listHashes({ hashes: [hash], list: 'block' });
  await go(opened, `/files/${mine.guid}`);
  await page.getByRole('button', { name: 'Restore everywhere' }).click();
  const everywhere = page.getByRole('dialog', { name: 'Restore every copy of this file, on every endpoint?' });
  await everywhere.getByText('2 copies').waitFor();
  await everywhere.getByRole('button', { name: 'Leave it' }).click();
  // What the one page has asked the other asks, too, and is answered in the same form.
  await page.getByRole('link', { name: 'Quarantine', exact: true }).click();
  await page.getByRole('grid', { name: 'Quarantined files' }).getByRole('row').nth(1).click();
  await page.getByRole('button', { name: 'Delete 2 copies' }).click();
  await page.getByRole('alertdialog').getByText('2 files in the vault of 1 endpoint').waitFor();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Leave it' }).click();
  await page.goBack();
  await page.goBack();
  await page.getByRole('button', { name: 'Restore here' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Allow the hash first, so that it stays').click();
  await dialog.getByRole('button', { name: 'Leave it' }).click();

  // The copies are not known yet: nothing can be ordered.
  const held: Route[] = [];
  let isSlow = true;
  await page.route('**/api/v1/quarantine?*', async (route) => {
    if (isSlow) {
      held.push(route);
    } else {
      await route.continue();
    }
  });
  await world.client.forgetHashes({ hashes: [hash] });
  await page.getByRole('button', { name: 'Block', exact: true }).waitFor();
  await page.getByRole('button', { name: 'Restore here' }).click();
  await dialog.getByLabel('Reason').press('Enter');
  await dialog.getByRole('button', { name: 'Restore it' }).click({ force: true });
  await until('the copies are asked for', () => held.length > 0);
  isSlow = false;
  await Promise.all(held.map((route) => route.continue()));
  await dialog.getByText('1 copy').waitFor();
  const list = dialog.getByRole('list', { name: 'What goes back' });
  expect(await list.getByRole('listitem').allTextContents()).toEqual([expect.stringContaining('mine.bin')]);
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, 'element-restore');
  const request = page.waitForRequest((each) => each.url().endsWith('/actions/restore'));
  await dialog.getByRole('button', { name: 'Restore it' }).click();
  // What was ticked while the hash was blocked is not asked for where nobody sees it any more.
  const order = { sha256: hash, vaultObjects: [mine.vaultObject], allow: false };
  expect((await request).postDataJSON()).toMatchObject(order);
  await page.waitForURL(/\/actions\/\d+$/);
  await until('the one file is back', () => existsSync(path));
  await world.client.waitForAction(/(\d+)$/.exec(page.url())?.[1] ?? '');
  expect([await ordered(opened, 'restore'), existsSync(other)]).toEqual([1, false]);
}, 240_000);

const refusal = {
  type: 'about:blank',
  title: 'Conflict',
  status: 409,
  code: 'conflict',
  detail: 'Not now.',
  details: {},
};
const no = { status: 409, contentType: 'application/problem+json', body: JSON.stringify(refusal) };

/** Holds what a page sends to an address until somebody lets it go. */
async function holding(page: Page, address: string) {
  const held: Route[] = [];
  await page.route(address, (route) => {
    held.push(route);
  });
  return held;
}

test('an act is done once, its dialog stays until it is known what came of it, and what failed is told wherever one is', async () => {
  await using opened = await openConsole({ agents: 1 });
  const { world, page } = opened;
  const guid = await world.known(world.agent(0), world.agent(0).put('one.bin', bytes));
  await go(opened, `/files/${guid}`);
  const held = await holding(page, '**/api/v1/actions/fetch');
  await page.getByRole('button', { name: 'Download the file' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Reason').fill('twice, in haste');
  // Two submits before anything is drawn.
  const twice = "const form = document.querySelector('.dialog form'); form.requestSubmit(); form.requestSubmit();";
  await evaluate(page, `(() => { ${twice} })()`);
  await until('it is asked for', () => held.length > 0);
  await page.keyboard.press('Escape');
  await page.mouse.click(5, 5);
  await dialog.getByRole('button', { name: 'Leave it' }).click({ force: true });
  expect([await dialog.isVisible(), held.length]).toEqual([true, 1]);
  await held[0]?.fulfill(no);
  await dialog.getByRole('alert').getByText('Not now.').waitFor();
  expect(await dialog.getByLabel('Reason').inputValue()).toBe('twice, in haste');

  await dialog.getByRole('button', { name: 'Download it' }).click();
  await until('it is asked for again', () => held.length === 2);
  await evaluate(page, `document.querySelector('nav a[href$="/investigate"]').click()`);
  await page.getByRole('heading', { name: 'Investigate' }).waitFor();
  await held[1]?.fulfill(no);
  await page.getByText('Not now.').waitFor();
  expect((await world.client.listActions({})).total).toBe(0);
}, 240_000);

test('a page that cannot be drawn says so in its place, and leads on', async () => {
  await using opened = await openConsole({ agents: 0 });
  const { world } = opened;
  // Not one of the pages that may do nothing wrong.
  const context = await opened.browser.newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();
  const body = `export function EvidencePage() { if (self.isMended) { return 'drawn'; } throw new Error('drawn badly \\u202e'); }`;
  await page.route('**/assets/evidence-page-*.js', (route) => route.fulfill({ contentType: 'text/javascript', body }));
  await page.goto(`${world.server.url}/console/`);
  await logIn(page, owner);
  await page.getByRole('link', { name: 'Evidence' }).click();
  const broken = page.getByRole('alert').filter({ hasText: 'This page could not be shown.' });
  await broken.getByText('drawn badly').waitFor();
  expect(await broken.textContent()).toContain('U+202E');
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, 'broken-page');
  // The rest of the console is there.
  await page.getByRole('link', { name: 'Endpoints' }).click();
  await page.getByRole('heading', { name: 'Endpoints' }).waitFor();
  expect(await broken.count()).toBe(0);
  await page.getByRole('link', { name: 'Evidence' }).click();
  await broken.waitFor();
  await broken.getByRole('link', { name: 'Go to the overview' }).click();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  await page.getByRole('link', { name: 'Evidence' }).click();
  await broken.waitFor();
  await evaluate(page, 'self.isMended = true');
  await broken.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('drawn', { exact: true }).waitFor();
  await context.close();
}, 240_000);
