import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { barriers } from '#kit/console/accessible.ts';
import { type ConsoleWorld, keepPicture, openConsole, owner } from '#kit/console/console.ts';
import { until } from '#kit/until.ts';

async function openAudit({ world, page }: ConsoleWorld, search = ''): Promise<void> {
  await page.goto(`${world.server.url}/console/audit${search}`);
  await page.getByRole('grid', { name: 'Events' }).waitFor();
}

/** What stands in the first rows, from the newest on. */
async function firstRows(page: Page, count: number): Promise<readonly string[]> {
  const rows = page.getByRole('grid', { name: 'Events' }).getByRole('row');
  await rows.nth(1).waitFor();
  return (await rows.allTextContents()).slice(1, count + 1);
}

async function choose(page: Page, what: string): Promise<void> {
  await page.getByLabel('What happened').selectOption({ label: what });
}

test('the record is read newest first, follows what happens, is filtered by its address, and each event is proven', async () => {
  await using opened = await openConsole({ agents: 1 });
  const { world, page } = opened;
  const path = world.agent(0).put('lure.exe', 'bytes');
  await world.known(world.agent(0), path);
  const { incident } = await world.client.createIncident({ name: 'Phishing' });
  await openAudit(opened);
  expect((await firstRows(page, 1))[0]).toContain('Incident opened');
  const record = page.getByRole('region', { name: 'The record' });
  await record.getByText('this browser has checked it').waitFor();
  await record.getByText('This browser has not seen the record before').waitFor();
  await record.getByText('None has seen another one').waitFor();

  // What happens now stands on top without a reload.
  await world.client.commentOnIncident(incident.id, { text: 'seen last week, too' });
  await page.getByRole('gridcell', { name: 'seen last week, too' }).waitFor();
  await record.getByText('It still begins with').waitFor();
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, 'audit');

  await choose(page, 'Comment');
  await until('only comments are left', async () => (await page.getByRole('row').count()) === 2);
  expect(page.url()).toContain('what=incident_commented');
  await page.getByRole('gridcell', { name: 'seen last week, too' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('This browser has made the root').waitFor();
  expect(await dialog.textContent()).toContain('seen last week, too');
  await dialog.getByText('The event as it is hashed').click();
  const { leaf } = await world.client.proveEvent(Number(new URL(page.url()).searchParams.get('event')));
  expect(await dialog.getByRole('region', { name: 'The event as it is hashed' }).textContent()).toContain(leaf);
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, 'audit-event');

  // The address alone shows somebody else the same.
  const other = await opened.openFor(owner, { colorScheme: 'dark', width: 390, height: 844 });
  await other.goto(page.url());
  await other.getByRole('dialog').getByText('This browser has made the root').waitFor();
  expect(await barriers(other)).toEqual([]);
  await other.getByRole('button', { name: 'Close' }).click();
  await other.getByRole('grid', { name: 'Events' }).waitFor();
  expect(await barriers(other)).toEqual([]);
  await keepPicture(other, 'audit-narrow-dark');
}, 240_000);

test('what is filtered is saved whole, and a name that a spreadsheet would run is text in it', async () => {
  await using opened = await openConsole({ agents: 1 });
  const { world, page } = opened;
  const { incident } = await world.client.createIncident({ name: '=1+1' });
  await world.client.commentOnIncident(incident.id, { text: 'one "quoted", two' });
  await openAudit(opened, `?incident=${incident.id}`);
  const save = async (format: string) => {
    await page.getByRole('button', { name: 'Export' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Format').selectOption({ label: format });
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      dialog.getByRole('button', { name: 'Save the file' }).click(),
    ]);
    await page.getByText('2 events saved: all that the filters leave.').first().waitFor();
    return readFileSync(await saved.path(), 'utf8');
  };
  const { items } = await world.client.listEvents({ incidentId: incident.id, direction: 'descending' });
  const lines = (await save('CSV, for a spreadsheet')).split('\r\n');
  expect(lines).toHaveLength(4);
  expect(lines[0]).toStartWith('\ufeffnumber,type,at,');
  expect(lines[1]).toStartWith(`${items[0]?.sequence},incident_commented,`);
  expect(lines[1]).toContain('one \\""quoted\\"", two');
  expect(JSON.parse(await save('JSON, for a program'))).toMatchObject({ isWhole: true, events: items });

  await page.getByLabel('Endpoint (name or id)').fill('no such machine');
  await page.getByText('No endpoint is called “no such machine”').waitFor();
  await page.getByRole('button', { name: 'Show everything' }).click();
  await page.getByLabel('Endpoint (name or id)').fill(world.agent(0).id);
  const cells = (name: string) => page.getByRole('gridcell', { name });
  await until('only what is of the endpoint is left', async () => (await cells('Incident opened').count()) === 0);
  await cells('Endpoint connected').first().waitFor();
}, 240_000);

test('a record that does not go on from what this browser saw is called changed, and who may not see it is told so', async () => {
  await using opened = await openConsole({ agents: 0 });
  const { world, page } = opened;
  await world.client.createUser({ ...viewer, role: 'Viewer' });
  await openAudit(opened);
  await page.getByText('This browser has not seen the record before').waitFor();
  const { origin, verifierKey, size } = await world.client.readLedger();
  const root = Buffer.alloc(32, 7).toString('base64');
  const seen = JSON.stringify({ origin, verifierKey, size, root, at: Date.now() });
  await page
    .context()
    .addInitScript({ content: `localStorage.setItem('custody.ledger.seen', ${JSON.stringify(seen)})` });
  await page.reload();
  await page.getByText('Somebody changed what was on record').waitFor();
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, 'audit-changed');

  const theirs = await opened.openFor(viewer);
  expect(await theirs.getByRole('link', { name: 'Audit' }).count()).toBe(0);
  await theirs.goto(`${world.server.url}/console/audit`);
  await theirs.getByText('You may not see the record.').waitFor();
  expect(await barriers(theirs)).toEqual([]);
}, 240_000);

const viewer = { email: 'vera@example.org', password: 'correct horse battery staple' };
