import { expect, test } from 'bun:test';
import { openConsole } from '#kit/console/console.ts';

const hashes = (count: number, first = 0) =>
  Array.from({ length: count }, (_, index) => (first + index).toString(16).padStart(64, 'a'));

test('hashes are taken off the list on which they were chosen, and off no other', async () => {
  await using opened = await openConsole({ agents: 0 });
  const { page, world } = opened;
  const [blocked = '', other = ''] = hashes(2);
  const [allowed = ''] = hashes(1, 10);
  await world.client.listHashes({ hashes: [blocked, other], list: 'block' });
  await world.client.listHashes({ hashes: [allowed], list: 'allow' });
  const takeOff = (count: string) => page.getByRole('button', { name: `Take ${count} off …` });
  const lists = page.getByRole('navigation', { name: 'Lists' });
  const row = (hash: string) => page.getByRole('row').filter({ hasText: hash });

  await page.goto(`${world.server.url}/console/settings/lists`);
  await row(blocked).getByRole('checkbox').check();
  await takeOff('1 hash').waitFor();
  await lists.getByRole('link', { name: 'Allow list' }).click();
  await row(allowed).waitFor();
  expect(await takeOff('0 hashes').count()).toBe(1);

  // What is out of sight is not acted on, either.
  await lists.getByRole('link', { name: 'Block list' }).click();
  await row(blocked).getByRole('checkbox').check();
  await page.getByLabel('Hash contains').fill(other);
  await row(blocked).waitFor({ state: 'detached' });
  expect(await takeOff('0 hashes').count()).toBe(1);

  // Somebody who goes back while they are asked is not asked about the other list.
  await row(other).getByRole('checkbox').check();
  await takeOff('1 hash').click();
  await page.getByRole('alertdialog', { name: 'Take 1 hash off the block list?' }).waitFor();
  await page.goBack();
  await page.getByRole('alertdialog').waitFor({ state: 'detached' });
  expect((await world.client.findListedHashes()).total).toBe(3);
}, 240_000);

/** Of nothing, which is never blocked. */
const empty = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  'da39a3ee5e6b4b0d3255bfef95601890afd80709',
  'd41d8cd98f00b204e9800998ecf8427e',
];

test('what was refused stays in the dialog with the reasons, and is told of once', async () => {
  await using opened = await openConsole({ agents: 0 });
  const { page, world } = opened;
  await page.goto(`${world.server.url}/console/settings/lists`);
  await page.getByRole('button', { name: 'Block hashes …' }).click();
  const dialog = page.getByRole('dialog', { name: 'Block hashes' });
  const field = dialog.getByRole('textbox', { name: 'Hashes' });
  await field.fill(empty.join(' '));
  await dialog.getByLabel('Comment').fill('seen on the till');
  await dialog.getByRole('button', { name: 'Block 3 hashes' }).click();
  await dialog.getByRole('alert').filter({ hasText: '3 of 3 hashes were not listed' }).waitFor();
  expect(await dialog.getByRole('list', { name: 'Not listed' }).getByRole('listitem').count()).toBe(3);
  expect(await field.inputValue()).toBe(empty.join('\n'));
  expect(await dialog.getByLabel('Comment').inputValue()).toBe('seen on the till');
  expect(await page.locator('.notice').count()).toBe(0);

  // What is right is listed, and what is left can be set right.
  const [right = ''] = hashes(1);
  await field.fill(`${right}\n${empty[0]}`);
  await dialog.getByRole('button', { name: 'Block 2 hashes' }).click();
  await dialog.getByRole('alert').filter({ hasText: '1 of 2 hashes was not listed' }).waitFor();
  await page.locator('.notice').filter({ hasText: '1 hash put on the block list' }).waitFor();
  expect(await field.inputValue()).toBe(empty[0] ?? '');
  await field.fill(hashes(1, 1).join());
  await dialog.getByRole('button', { name: 'Block 1 hash' }).click();
  await dialog.waitFor({ state: 'detached' });
  expect((await world.client.findListedHashes({ list: 'block' })).total).toBe(2);
}, 240_000);
