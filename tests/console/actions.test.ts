import { expect, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { z } from 'zod';
import { barriers } from '#kit/console/accessible.ts';
import { type ConsoleWorld, keepPicture, openConsole, owner } from '#kit/console/console.ts';
import { sha256 } from '#kit/disk.ts';

const bytes = 'bytes that somebody wants\n';
const savedActions = z.array(z.object({ id: z.string(), verb: z.string() }));

async function savedText(page: Page, choice: string): Promise<string> {
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export' }).click();
  await page.getByRole('menuitem', { name: choice }).click();
  return readFileSync(await (await saving).path(), 'utf8');
}

async function standsAs(page: Page, label: string): Promise<void> {
  await page.getByRole('heading', { level: 1 }).locator('..').getByText(label).waitFor();
}

/** A fetch that failed for one of two files, a quarantine that is done, and a scan that waits for a machine that is away. */
async function openOrders(options: { readonly agents: number } = { agents: 2 }) {
  const opened = await openConsole(options);
  const { world } = opened;
  const taken = world.agent(0).put('=cmd.bin', bytes);
  const kept = world.agent(0).put('kept.bin', 'other bytes\n');
  const guid = await world.known(world.agent(0), taken);
  await world.known(world.agent(0), kept);
  const { client } = world;
  const endpointIds = [world.agent(0).id];
  const fetch = await client.retrieveFiles({ endpointIds, paths: [kept, `${world.agent(0).root}/none`] });
  await client.waitForAction(fetch.id);
  const quarantine = await client.quarantineFile({
    endpointIds,
    path: taken,
    sha256: sha256(bytes),
    reason: '=evil("x")',
  });
  await client.waitForAction(quarantine.id);
  await world.agent(1).end('SIGTERM');
  const scan = await client.startScan({ endpointIds: [world.agent(1).id] });
  return { opened, taken, kept, guid, fetch, quarantine, scan };
}

const endpointOf = ({ world }: ConsoleWorld, index: number) => world.agent(index).id;

test('actions are filtered, counted, laid out, kept so, exported, and found by their ids', async () => {
  const { opened, quarantine, fetch, scan } = await openOrders();
  await using _ = opened;
  const { page, world } = opened;
  await page.getByRole('link', { name: 'Action Center' }).click();
  const grid = page.getByRole('grid', { name: 'Actions' });
  await grid.getByRole('gridcell', { name: '=cmd.bin' }).waitFor();
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, 'actions');

  // The id is hidden at first, and stays where somebody put it.
  expect(await grid.getByRole('columnheader', { name: 'Action ID' }).count()).toBe(0);
  await page.getByRole('button', { name: 'Layout' }).click();
  await page.getByRole('checkbox', { name: 'Action ID' }).press('Space');
  for (let moved = 0; moved < 7; moved += 1) {
    await page.getByRole('button', { name: 'Move Action ID to the left' }).press('Enter');
  }
  await page.getByRole('checkbox', { name: 'Incident' }).press('Space');
  await page.getByRole('checkbox', { name: 'Reason' }).press('Space');
  expect(await barriers(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await page.reload();
  await grid.getByRole('columnheader', { name: 'Action ID' }).waitFor();
  const titles = await grid.getByRole('columnheader').allTextContents();
  expect(titles).toEqual(['Action ID', 'Action', 'Status', 'Of what', 'Ended', 'Ordered by', 'Ordered at', 'Reason']);

  await page.getByRole('button', { name: 'Partly done 1' }).click();
  await grid.getByRole('gridcell', { name: quarantine.id }).waitFor({ state: 'detached' });
  expect(await grid.getByRole('gridcell', { name: fetch.id }).count()).toBe(1);
  expect(await grid.getByRole('row').count()).toBe(2);
  expect(page.url()).toContain('completed_partial');
  const csv = await savedText(page, 'CSV, of the columns that are shown');
  expect(csv.split('\r\n')).toHaveLength(3);
  expect(csv).toContain(`\ufeff${titles.join(',')}\r\n${fetch.id},Fetch files,Partly done,`);
  await page.getByRole('button', { name: /^All 3$/ }).click();
  // No spreadsheet takes what somebody wrote for a formula.
  expect(await savedText(page, 'CSV, of the columns that are shown')).toContain(`,"'=evil(""x"")"\r\n`);
  const all = savedActions.parse(JSON.parse(await savedText(page, 'JSON, with everything')));
  expect(all.map(({ id }) => id)).toEqual([scan.id, quarantine.id, fetch.id]);

  await page.getByLabel('Action ID').fill(quarantine.id.slice(2));
  await page.getByRole('button', { name: /^All 1$/ }).waitFor();
  await grid.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Quarantine' }).waitFor();
  expect(page.url()).toContain(quarantine.id);
  await page.goto(`${world.server.url}/console/actions?endpoint=${endpointOf(opened, 1)}&verb=purge`);
  await page.getByText('No action is like that.').waitFor();
  await page.getByRole('button', { name: 'Show all actions' }).click();
  await page.getByRole('button', { name: /^All 3$/ }).waitFor();
}, 240_000);

test('an action is looked into, undone, ordered anew, cancelled and retried, and each does on the machine what it says', async () => {
  const { opened, taken, quarantine, fetch, scan } = await openOrders();
  await using _ = opened;
  const { page, world } = opened;
  const to = (id: string) => page.goto(`${world.server.url}/console/actions/${id}`);
  await to(quarantine.id);
  await page.getByText('evil').first().waitFor();
  expect(existsSync(taken)).toBe(false);
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Undo the quarantine' }).click();
  await page.getByRole('heading', { name: 'Undo', exact: true }).waitFor();
  await standsAs(page, 'Completed');
  expect(readFileSync(taken, 'utf8')).toBe(bytes);

  await to(quarantine.id);
  await page.getByRole('button', { name: 'Run again' }).click();
  await page.getByRole('alertdialog').getByText(`Takes ${taken} into the vault on 1 endpoint.`).waitFor();
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, 'action-again');
  await page.getByRole('button', { name: 'Order it' }).click();
  await page.waitForURL((url) => !url.pathname.includes(quarantine.id));
  await standsAs(page, 'Completed');
  expect(existsSync(taken)).toBe(false);

  await to(fetch.id);
  const grid = page.getByRole('grid', { name: 'Outcomes' });
  await grid.getByRole('gridcell', { name: 'No such file', exact: true }).waitFor();
  await keepPicture(page, 'action');
  expect(await barriers(page)).toEqual([]);
  world.agent(0).put('none', 'it is there now');
  await page.getByRole('button', { name: 'Retry what failed' }).click();
  await page.getByRole('button', { name: 'Try again' }).click();
  await standsAs(page, 'Completed');
  await page.getByLabel('Host, path or reason').fill('/none');
  await grid.getByRole('row').filter({ hasText: 'none /' }).getByRole('gridcell', { name: 'Done' }).click();
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save the file' }).click();
  expect(readFileSync(await (await saving).path(), 'utf8')).toBe('it is there now');
  await page.getByText('Earlier attempts').waitFor();

  await to(scan.id);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('alertdialog').getByText('1 endpoint without the order').waitFor();
  await page.getByRole('button', { name: 'Cancel it' }).click();
  await standsAs(page, 'Cancelled');
  await world.agent(1).connect();
  expect((await world.client.readAction(scan.id)).tasks.map(({ state }) => state)).toEqual(['cancelled']);
}, 240_000);

test('a fetch is closed after it was said what goes and what stays; what has come can be saved, and nothing is retried', async () => {
  const { opened, fetch } = await openOrders();
  await using _ = opened;
  const { page, world } = opened;
  const waiting = await world.client.retrieveFiles({ endpointIds: [endpointOf(opened, 1)], paths: ['/none'] });
  await page.goto(`${world.server.url}/console/actions/${waiting.id}`);
  await page.getByRole('button', { name: 'Close the fetch' }).click();
  const dialog = page.getByRole('alertdialog', { name: 'Close this fetch?' });
  await dialog.getByText('1 endpoint without the order: it is withdrawn').waitFor();
  await dialog.getByText('Nothing is deleted').waitFor();
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, 'action-close');
  await dialog.getByRole('button', { name: 'Close it' }).click();
  await standsAs(page, 'Cancelled');

  await page.goto(`${world.server.url}/console/actions/${fetch.id}`);
  await page.getByRole('button', { name: 'Close the fetch' }).click();
  await dialog.getByText('Nothing is deleted').waitFor();
  expect(await dialog.getByText('without the order').count()).toBe(0);
  await dialog.getByRole('button', { name: 'Close it' }).click();
  await page.getByRole('button', { name: 'Close the fetch' }).waitFor({ state: 'detached' });
  expect(typeof (await world.client.readAction(fetch.id)).closedAt).toBe('string');
  await page.getByRole('button', { name: 'Retry what failed' }).focus();
  await page.getByRole('tooltip').getByText('The fetch is closed.').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('grid', { name: 'Outcomes' }).getByRole('gridcell', { name: 'Done', exact: true }).click();
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save the file' }).click();
  expect(readFileSync(await (await saving).path(), 'utf8')).toBe('other bytes\n');
}, 240_000);

test('an undo is offered while vaults hold what a quarantine took, and counts just that', async () => {
  await using opened = await openConsole({ agents: 1 });
  const { page, world } = opened;
  const agent = world.agent(0);
  const paths = ['a.bin', 'b.bin', 'c.bin'].map((name) => agent.put(name, bytes));
  for (const path of paths) {
    await world.known(agent, path);
  }
  const { client } = world;
  const order = { endpointIds: [agent.id], path: null, sha256: sha256(bytes) };
  const { id } = await client.quarantineFile(order);
  await client.waitForAction(id);
  const [first] = (await client.listQuarantine({ actionId: [id] })).items;
  const { vaultObject = '' } = first ?? {};
  await client.waitForAction((await client.restoreFile({ sha256: sha256(bytes), vaultObject })).id);

  await page.goto(`${world.server.url}/console/actions/${id}`);
  const undo = page.getByRole('button', { name: 'Undo', exact: true });
  await undo.click();
  const dialog = page.getByRole('dialog', { name: 'Bring 2 files back to where they were?' });
  await dialog.getByText('2 files that this quarantine took are in vaults now.').waitFor();
  expect(await barriers(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Undo the quarantine' }).click();
  await page.getByRole('heading', { name: 'Undo', exact: true }).waitFor();
  await standsAs(page, 'Completed');
  expect(paths.filter((path) => existsSync(path))).toEqual(paths);

  await page.goto(`${world.server.url}/console/actions/${id}`);
  await undo.focus();
  await page.getByRole('tooltip').getByText('No vault holds anything that it took.').waitFor();
  await undo.click({ force: true });
  expect(await page.getByRole('dialog').count()).toBe(0);
}, 240_000);

test('the Action Center and an action can be used on a telephone, in the dark, and by whoever may only look', async () => {
  const { opened, quarantine } = await openOrders();
  await using _ = opened;
  const { world } = opened;
  const viewer = { email: 'viewer@example.org', password: 'long enough for anybody' };
  await world.client.createUser({ ...viewer, role: 'Viewer' });
  const page = await opened.openFor(viewer, { width: 390, height: 844, colorScheme: 'dark' });
  await page.goto(`${world.server.url}/console/actions`);
  await page.getByRole('grid', { name: 'Actions' }).getByRole('gridcell', { name: 'Quarantine' }).waitFor();
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, 'actions-dark-390');
  await page.goto(`${world.server.url}/console/actions/${quarantine.id}`);
  await page.getByRole('button', { name: 'Undo' }).focus();
  await page.getByRole('tooltip').getByText('Your role may not restore.').waitFor();
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, 'action-dark-390');

  const dark = await opened.openFor(owner, { colorScheme: 'dark' });
  await dark.goto(`${world.server.url}/console/actions`);
  await dark.getByRole('grid', { name: 'Actions' }).waitFor();
  expect(await barriers(dark)).toEqual([]);
  await keepPicture(dark, 'actions-dark');
}, 240_000);
