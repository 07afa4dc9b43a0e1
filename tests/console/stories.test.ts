import { expect, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { barriers } from '#kit/console/accessible.ts';
import { keepPicture, openConsole } from '#kit/console/console.ts';
import { sha256 } from '#kit/disk.ts';
import { until } from '#kit/until.ts';

const bytes = 'what somebody was sent\n'.repeat(5_000);

/** Waits for the headline of the action that the page was led to. @returns its id */
async function actionOf(page: Page): Promise<string> {
  await page.waitForURL(/\/console\/actions\/\d+/);
  return /actions\/(\d+)/.exec(page.url())?.[1] ?? expect.unreachable();
}

async function endsAs(page: Page, label: string): Promise<void> {
  await page.getByRole('heading', { level: 1 }).locator('..').getByText(label).waitFor();
}

test('from click to file: a file is found, its details opened, and its bytes saved from wherever one is then', async () => {
  await using opened = await openConsole({ agents: 2 });
  const { world, page } = opened;
  const path = world.agent(0).put('invoice.docm', bytes);
  world.agent(1).put('other.txt', 'nothing');
  await world.known(world.agent(0), path);

  await page.getByRole('link', { name: 'Investigate' }).click();
  await page.getByRole('textbox', { name: 'Look for files' }).fill('invoice');
  await page.keyboard.press('Enter');
  await page.getByRole('grid', { name: 'Files' }).getByRole('gridcell', { name: 'invoice.docm', exact: true }).click();
  await page.getByRole('heading', { name: 'Element details' }).waitFor();
  await page.getByText(sha256(bytes)).waitFor();

  await page.getByRole('button', { name: 'Download the file' }).click();
  await page.getByRole('alertdialog').or(page.getByRole('dialog')).getByRole('button', { name: 'Download it' }).click();
  await page.getByRole('region', { name: 'The download' }).waitFor();
  // Whoever goes elsewhere meanwhile is told there.
  await page.getByRole('link', { name: 'Endpoints' }).click();
  await page.getByRole('link', { name: 'Go and save it' }).click();
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save the file' }).click();
  const saved = await saving;
  expect(saved.suggestedFilename()).toBe('invoice.docm');
  expect(sha256(readFileSync(await saved.path(), 'utf8'))).toBe(sha256(bytes));
  await keepPicture(page, 'element-downloaded');
  // The record says that somebody took it.
  await page.reload();
  await page.getByRole('heading', { name: 'History on the record' }).locator('..').getByText('Ordered').waitFor();
  // An address with a point in it is a page all the same.
  expect((await page.goto(`${world.server.url}/console/files/1234567890.42`))?.status()).toBe(200);
  await page.getByText('No endpoint has reported a file 1234567890.42.').waitFor();
}, 240_000);

test('from click to file: every copy is quarantined, one endpoint gets its back, then all, on the incident’s timeline', async () => {
  await using opened = await openConsole({ agents: 3 });
  const { world, page } = opened;
  const paths = world.agents.map((agent) => agent.put('deep/invoice.docm', bytes));
  for (const [index, path] of paths.entries()) {
    await world.known(world.agent(index), path);
  }
  const { incident } = await world.client.createIncident({ name: 'Phishing' });
  const guid = await world.known(world.agent(0), paths[0] ?? expect.unreachable());

  await page.goto(`${world.server.url}/console/files/${guid}`);
  await page.getByRole('button', { name: 'Quarantine everywhere' }).click();
  const dialog = page.getByRole('alertdialog');
  await dialog.getByText('3 files on 3 endpoints').waitFor();
  await keepPicture(page, 'element-quarantine');
  await dialog.getByLabel('Incident ID').fill(incident.id);
  await dialog.getByLabel('Reason').fill('sent by a stranger');
  await dialog.getByRole('button', { name: 'Quarantine all of them' }).click();
  const quarantine = await actionOf(page);
  await endsAs(page, 'Completed');
  expect(paths.filter((path) => existsSync(path))).toEqual([]);

  await page.getByRole('grid', { name: 'Outcomes' }).getByRole('gridcell', { name: 'Done' }).first().click();
  await page.getByRole('link', { name: 'Element details of this file' }).click();
  await page.getByRole('button', { name: 'Restore here' }).click();
  await page.getByRole('dialog').getByText('1 copy').waitFor();
  await page.getByLabel('Incident ID').fill(incident.id);
  await page.getByRole('button', { name: 'Restore it' }).click();
  const one = await actionOf(page);
  await endsAs(page, 'Completed');
  expect(paths.filter((path) => existsSync(path))).toHaveLength(1);

  await page.goto(`${world.server.url}/console/files/${guid}`);
  await page.getByRole('button', { name: 'Restore everywhere' }).click();
  await page.getByRole('dialog').getByText('2 copies').waitFor();
  await page.getByLabel('Incident ID').fill(incident.id);
  await page.getByRole('button', { name: 'Restore all of them' }).click();
  const rest = await actionOf(page);
  await endsAs(page, 'Completed');
  await until('all files are back', () => paths.every((path) => existsSync(path)) || undefined);
  expect(paths.map((path) => readFileSync(path, 'utf8'))).toEqual([bytes, bytes, bytes]);

  const { items } = await world.client.readTimeline(incident.id, { limit: 1_000 });
  expect([...new Set<string>(items.flatMap(({ actionId }) => actionId ?? []))]).toEqual([quarantine, one, rest]);
  await page.getByRole('link', { name: 'Action Center' }).first().click();
  await page.getByLabel('Incident').fill(incident.id);
  await page.getByRole('button', { name: 'All 3' }).waitFor();
}, 240_000);

test('a file is blocked with the copies that are there, taken off the list, and restored for good', async () => {
  await using opened = await openConsole({ agents: 1 });
  const { world, page } = opened;
  const path = world.agent(0).put('tool.bin', bytes);
  const guid = await world.known(world.agent(0), path);
  await page.goto(`${world.server.url}/console/files/${guid}`);
  await page.getByRole('button', { name: 'Block', exact: true }).click();
  const dialog = page.getByRole('alertdialog');
  await dialog.getByText('Quarantine the 1 copy on 1 endpoint that are there now, too').click();
  await dialog.getByLabel('Reason').fill('a tool of theirs');
  expect(await barriers(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Block it' }).click();
  await page.getByText(/The hash is blocked; action \d+ takes the copies\./).waitFor();
  await page.getByText('Blocked by').waitFor();
  await until('the file is gone', () => !existsSync(path) || undefined);

  await page.getByRole('button', { name: 'Restore here' }).click();
  await page.getByText('Its hash is blocked').waitFor();
  await page.getByText('Allow the hash first, so that it stays').click();
  expect(await barriers(page)).toEqual([]);
  await page.getByRole('button', { name: 'Restore it' }).click();
  await actionOf(page);
  await endsAs(page, 'Completed');
  expect(readFileSync(path, 'utf8')).toBe(bytes);
  await page.goto(`${world.server.url}/console/files/${guid}`);
  await page.getByRole('button', { name: 'Allow no longer' }).click();
  await page.getByRole('button', { name: 'Take it off' }).click();
  await page.getByRole('button', { name: 'Allow', exact: true }).waitFor();
  expect(await barriers(page)).toEqual([]);
}, 240_000);
