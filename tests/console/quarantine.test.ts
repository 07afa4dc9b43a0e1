import { expect, test } from 'bun:test';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Page } from 'playwright-core';
import { barriers } from '#kit/console/accessible.ts';
import { type ConsoleWorld, keepPicture, openConsole } from '#kit/console/console.ts';
import { barriersElsewhere } from '#kit/console/looks.ts';
import { sha256 } from '#kit/disk.ts';
import { until } from '#kit/until.ts';

const bytes = 'bytes that somebody takes out of reach\n';
const hash = sha256(bytes);
/** Turns what follows around, and would be a picture if it were shown as HTML. */
const hostile = 'evil\u202egpj.<img src=x>.bin';

/** Two machines with four copies of one file. */
async function prepare({ world }: ConsoleWorld) {
  const [first, second] = [world.agent(0), world.agent(1)];
  const paths = {
    taken: first.put('evil.bin', bytes),
    hostile: first.put(hostile, bytes),
    deep: second.put('deep/evil.bin', bytes),
    other: second.put('other.bin', bytes),
  };
  await until('the server knows all copies', async () => {
    const { total } = await world.client.findFiles({ conditions: [{ field: 'sha256', values: [hash] }] });
    return total === 4;
  });
  return { first, second, paths };
}

/** The action to which an order leads, once it has ended. */
async function ended({ world }: ConsoleWorld, page: Page) {
  await page.waitForURL(/\/actions\/\d+$/);
  return world.client.waitForAction(/(\d+)$/.exec(page.url())?.[1] ?? '');
}

async function quarantineAll(opened: ConsoleWorld): Promise<void> {
  const { page } = opened;
  await page.getByRole('button', { name: 'New quarantine' }).click();
  await page.getByLabel('SHA-256').fill('abc');
  await page.getByText('This is no SHA-256.').waitFor();
  await page.getByLabel('SHA-256').fill(hash);
  await page.getByText('4 files on 2 endpoints would go into the vaults there.').waitFor();
  expect(page.url()).toContain(`sha256=${hash}`);
  const radius = page.getByRole('region', { name: 'Blast radius' });
  for (const words of [
    '100 %',
    'No approval needed',
    '4 paths',
    'None has these bytes',
    'Neither blocked nor allowed',
  ]) {
    expect(await radius.getByText(words).isVisible()).toBe(true);
  }
  // The name is text: neither a picture, nor turned around.
  expect(await radius.getByRole('img').count()).toBe(0);
  expect(await radius.textContent()).not.toContain('\u202e');
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, 'quarantine-new');
  await page.getByRole('button', { name: 'Ask the endpoints where it runs' }).click();
  await radius.getByText('2 of 2 endpoints have answered just now: it runs on none of them.').waitFor();
  await page.getByRole('button', { name: 'Quarantine on every endpoint that has it' }).click();
  const dialog = page.getByRole('alertdialog', { name: 'Quarantine 4 files on 2 endpoints?' });
  await dialog.getByLabel('Reason').fill('a drill');
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, 'quarantine-new-dialog');
  await dialog.getByRole('button', { name: 'Quarantine' }).click();
  expect(await ended(opened, page)).toMatchObject({ status: 'completed_successfully', reason: 'a drill' });
}

/** Everything is as it was but for two places: somebody else has one, the other's folder is gone. */
async function restoreByPlan(opened: ConsoleWorld, paths: Awaited<ReturnType<typeof prepare>>['paths']): Promise<void> {
  const { page } = opened;
  writeFileSync(paths.taken, 'an occupant');
  rmSync(dirname(paths.deep), { recursive: true });
  await page.getByRole('button', { name: 'Restore 4 copies' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Ask the endpoints' }).click();
  await page.waitForURL(/\/quarantine\/plans\/\d+$/);
  const found = page.getByRole('list', { name: 'What was found' });
  await found.getByRole('link', { name: '2 Its place is free' }).waitFor();
  await found.getByRole('link', { name: '1 Another file has its place' }).waitFor();
  await page.getByLabel('Where another file has the place (1)').selectOption('swap');
  await page.getByLabel('Where the folder or volume is gone, or is another one (1)').selectOption('skip');
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, 'quarantine-plan');
  const path = new URL(page.url()).pathname.replace('/console', '');
  const elsewhere = { path, until: 'Its place is free', name: 'quarantine-plan' };
  expect(await barriersElsewhere(opened, elsewhere)).toEqual([]);
  await page.getByRole('button', { name: 'Restore 3 files' }).click();
  const dialog = page.getByRole('dialog', { name: 'Restore 3 files?' });
  const words = (await dialog.textContent()) ?? '';
  expect(words).toContain('2 files: back to where they were.');
  expect(words).toContain('1 where another file has the place: swap');
  await keepPicture(page, 'quarantine-plan-dialog');
  await dialog.getByRole('button', { name: 'Restore 3 files' }).click();
  expect((await ended(opened, page)).status).toBe('completed_successfully');
}

test('a hash is quarantined after its blast radius was shown, restored by a plan, and deleted', async () => {
  await using opened = await openConsole({ agents: 2 });
  const { world, page } = opened;
  const { first, second, paths } = await prepare(opened);
  const go = (path: string) => page.goto(`${world.server.url}/console${path}`);
  await go('/quarantine');
  await page.getByText('No vault holds a file.').waitFor();
  expect(await barriers(page)).toEqual([]);

  await quarantineAll(opened);
  expect(Object.values(paths).map(existsSync)).toEqual([false, false, false, false]);

  await go('/quarantine');
  const files = page.getByRole('grid', { name: 'Quarantined files' });
  await files.getByRole('row').nth(4).waitFor();
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, 'quarantine-files');
  await page.getByLabel('Path contains').fill('EVIL');
  await page.getByText('3 files', { exact: true }).waitFor();
  await page.getByRole('link', { name: 'By SHA-256' }).click();
  expect(page.url()).toMatch(/path=EVIL.*view=hashes|view=hashes.*path=EVIL/);
  const hashes = page.getByRole('grid', { name: 'Quarantined hashes' });
  await hashes.getByText(hash).waitFor();
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, 'quarantine-hashes');
  for (const [path, words, picture] of [
    ['/quarantine', '4 files', 'quarantine'],
    [`/quarantine/${hash}`, '4 copies in vaults', 'quarantine-content'],
    [`/quarantine/new?sha256=${hash}`, 'Blast radius', 'quarantine-new'],
  ] as const) {
    const name = picture;
    expect(await barriersElsewhere(opened, { path, until: words, name })).toEqual([]);
  }
  await hashes.focus();
  await page.keyboard.press('Enter');
  await page.getByText('4 copies in vaults').waitFor();

  await restoreByPlan(opened, paths);
  const back = [paths.taken, paths.hostile, paths.other];
  expect(back.map((path) => readFileSync(path, 'utf8'))).toEqual([bytes, bytes, bytes]);
  expect(existsSync(paths.deep)).toBe(false);

  await go(`/quarantine/${hash}`);
  const vault = () => readdirSync(join(second.data, 'vault')).filter((name) => name.endsWith('.age'));
  expect(vault()).toHaveLength(1);
  await page.getByRole('grid', { name: 'Copies in vaults' }).getByText(paths.deep).click();
  const copy = page.getByRole('region', { name: 'Chosen copy' });
  await copy.getByText('In the vault').waitFor();
  expect(page.url()).toContain('copy=');
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, 'quarantine-copy');
  await copy.getByRole('button', { name: 'Delete this copy' }).click();
  const dialog = page.getByRole('alertdialog', { name: 'Delete this copy for good?' });
  await dialog.getByText('This cannot be undone').waitFor();
  expect(await dialog.textContent()).toContain('1 file in the vault of 1 endpoint');
  await keepPicture(page, 'quarantine-delete');
  await dialog.getByRole('button', { name: 'Delete for good' }).click();
  expect((await ended(opened, page)).status).toBe('completed_successfully');
  expect(vault()).toEqual([]);
  // The swap took the occupant; it stays where it is.
  expect(readdirSync(join(first.data, 'vault')).filter((name) => name.endsWith('.age'))).toHaveLength(1);
}, 240_000);
