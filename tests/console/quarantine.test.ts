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
  await page.getByRole('heading', { name: 'New quarantine' }).waitFor();
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
  const looks = [
    { path, until: 'Its place is free', name: 'quarantine-plan' },
    { path: '/quarantine', until: '4 files', name: 'quarantine' },
    { path: `/quarantine/${hash}`, until: '4 copies in vaults', name: 'quarantine-content' },
    { path: `/quarantine/new?sha256=${hash}`, until: 'Blast radius', name: 'quarantine-new' },
  ];
  expect(await barriersElsewhere(opened, looks)).toEqual([]);
  await page.getByRole('button', { name: 'Restore 3 files' }).click();
  const dialog = page.getByRole('dialog', { name: 'Restore 3 files?' });
  const words = (await dialog.textContent()) ?? '';
  expect(words).toContain('2 files: back to where they were.');
  expect(words).toContain('1 file whose place another file has: swap (restore it');
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
  const views = page.getByRole('navigation', { name: 'Views of the quarantine' });
  expect(await views.locator('[aria-current]').allTextContents()).toEqual(['By SHA-256']);
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, 'quarantine-hashes');
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
  const copies = page.getByRole('grid', { name: 'Copies in vaults' });
  await copies
    .getByRole('row')
    .filter({ hasText: `evil.bin ${dirname(paths.deep)}/` })
    .click();
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

/** One file that is blocked, and that two machines hold: one of them away. */
async function prepareBlocked({ world }: ConsoleWorld) {
  const [first, second] = [world.agent(0), world.agent(1)];
  const [here, away] = [first.put('blocked.bin', bytes), second.put('blocked.bin', bytes)];
  await world.known(first, here);
  await world.known(second, away);
  for (const { id } of [first, second]) {
    const taken = await world.client.quarantineFile({ endpointIds: [id], path: null, sha256: hash });
    await world.client.waitForAction(taken.id);
  }
  await world.client.listHashes({ hashes: [hash], list: 'block' });
  await second.end('SIGTERM');
  return { here, away, second };
}

test('a plan waits for who is away, a blocked hash is allowed in the same act, and what goes too far waits for a second person', async () => {
  await using opened = await openConsole({ agents: 2, settings: { CUSTODY_GUARD_ENDPOINTS: '1' } });
  const { world, page } = opened;
  const { here, away, second } = await prepareBlocked(opened);
  const go = (path: string) => page.goto(`${world.server.url}/console${path}`);
  await go(`/quarantine/${hash}`);
  await page.getByText('It is blocked: new copies are quarantined where they come up.').waitFor();
  await page.getByRole('button', { name: 'Restore 2 copies' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Ask the endpoints' }).click();
  await page.getByRole('link', { name: '1 Its place is free' }).waitFor();
  await page.getByRole('heading', { name: '1 endpoint still to answer' }).waitFor();
  await page.getByRole('button', { name: 'Restore 1 file …' }).focus();
  await page.getByRole('tooltip', { name: 'The hash is blocked' }).waitFor();
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, 'quarantine-plan-waiting');

  // Its answer is shown when it comes, with nothing reloaded.
  await second.connect();
  await page.getByRole('link', { name: '2 Its place is free' }).waitFor();
  expect(await page.getByRole('heading', { name: 'still to answer' }).count()).toBe(0);
  await page.getByText('Allow the hash in the same act').click();
  await page.getByRole('button', { name: 'Restore 2 files …' }).click();
  const dialog = page.getByRole('dialog', { name: 'Restore 2 files?' });
  expect(await dialog.textContent()).toContain('The hash is taken off the block list, and allowed.');
  await dialog.getByRole('button', { name: 'Restore 2 files' }).click();
  expect((await ended(opened, page)).status).toBe('completed_successfully');
  expect([readFileSync(here, 'utf8'), readFileSync(away, 'utf8')]).toEqual([bytes, bytes]);
  expect((await world.client.findListedHashes()).items).toMatchObject([{ hash, list: 'allow' }]);
  await until('both are known to be back', async () => {
    const { seen } = await world.client.previewQuarantine({ sha256: hash });
    return seen.endpoints === 2;
  });

  await go(`/quarantine/new?sha256=${hash}`);
  await page.getByText('It concerns 2 endpoints. One person alone may order it for at most 1.').waitFor();
  await keepPicture(page, 'quarantine-new-held');
  await page.getByRole('button', { name: 'Quarantine on every endpoint that has it' }).click();
  const order = page.getByRole('alertdialog');
  expect(await order.textContent()).toContain('It waits for a second person');
  await order.getByRole('button', { name: 'Quarantine' }).click();
  await page.getByText('waits for approval: no endpoint is told of it until then.').waitFor();
  await page.getByRole('main').getByText('Waits for approval').first().waitFor();
  expect([existsSync(here), existsSync(away)]).toEqual([true, true]);
  await takeAtPath(opened, here);
  await lookWithoutPermission(opened);
}, 240_000);

/** By an endpoint and a path alone, where nobody has to know a hash. */
async function takeAtPath(opened: ConsoleWorld, path: string): Promise<void> {
  const { world, page } = opened;
  await page.goto(`${world.server.url}/console/quarantine/new?endpoint=${world.agent(0).id}`);
  await page.getByText('Which file?').waitFor();
  await page.getByLabel('Only at the path').fill(path);
  await page.getByText('1 file on one endpoint would go into its vault.').waitFor();
  await page.getByRole('button', { name: 'Quarantine on this endpoint alone' }).click();
  const order = page.getByRole('alertdialog', { name: 'Quarantine 1 file on 1 endpoint?' });
  await order.getByRole('button', { name: 'Quarantine' }).click();
  expect((await ended(opened, page)).status).toBe('completed_successfully');
  expect(existsSync(path)).toBe(false);
}

/** Buttons that would be refused say why; and what cannot be reached is said, too. */
async function lookWithoutPermission(opened: ConsoleWorld): Promise<void> {
  const { world } = opened;
  const viewer = { email: 'viewer@example.org', password: 'long enough for anybody' };
  await world.client.createUser({ ...viewer, role: 'Viewer' });
  const page = await opened.openFor(viewer);
  await page.goto(`${world.server.url}/console/quarantine/${hash}`);
  await page.getByRole('button', { name: 'Restore 1 copy' }).focus();
  await page.getByRole('tooltip', { name: 'Your role may not restore.' }).waitFor();
  await page.getByRole('button', { name: 'Delete 1 copy' }).focus();
  await page.getByRole('tooltip', { name: 'Your role may not delete what vaults hold.' }).waitFor();
  expect(await page.getByRole('link', { name: 'Evidence' }).count()).toBe(0);
  await page.goto(`${world.server.url}/console/evidence`);
  await page.getByText('You may not see the evidence.').waitFor();
  expect(await barriers(page)).toEqual([]);
  await page.getByRole('link', { name: 'Quarantine' }).click();
  await page.getByRole('link', { name: 'By SHA-256' }).waitFor();
  await page.context().setOffline(true);
  await page.getByRole('link', { name: 'By SHA-256' }).click();
  await page.getByText('The server cannot be reached.').waitFor();
  await keepPicture(page, 'quarantine-offline');
}
