import { expect, test } from 'bun:test';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { barriers } from '#kit/console/accessible.ts';
import { keepPicture, openConsole, owner } from '#kit/console/console.ts';
import { evaluate } from '#kit/console/evaluate.ts';
import { shortPages } from '#kit/console/short-pages.ts';
import { sha256 } from '#kit/disk.ts';
import { until } from '#kit/until.ts';

const evil = 'evil\u202egpj.exe';

test('files, endpoints, processes and incidents are found by a query that the address holds and people keep', async () => {
  await using opened = await openConsole({ agents: 2 });
  const { world, page } = opened;
  const path = world.agent(0).put('<b>invoice.docm', 'one');
  world.agent(0).put(evil, 'two');
  await world.known(world.agent(1), world.agent(1).put('invoice-2.docm', 'three'));
  await world.known(world.agent(0), path);
  await until('the server knows the hostile name', async () => {
    const { total } = await world.client.findFiles({ conditions: [{ field: 'sha256', values: [sha256('two')] }] });
    return total === 1;
  });
  const { incident } = await world.client.createIncident({
    ...{ name: 'Phishing', severity: 'high' },
    processes: [{ endpointId: world.agent(0).id, path: '/bin/sh', pid: 7, commandLine: 'sh -c evil', userName: 'ana' }],
  });
  await page.getByRole('link', { name: 'Investigate' }).click();
  const query = page.getByRole('list', { name: 'The query' });
  const field = page.getByRole('textbox', { name: /^Look for/ });
  await page.getByText('What are you looking for?').waitFor();
  expect(await barriers(page)).toEqual([]);

  // The keyboard alone: two alternatives of one field, and another field; and into the results.
  await page.keyboard.type('*.docm\n');
  await page.keyboard.type('name~evil*.exe\n');
  const files = page.getByRole('grid', { name: 'Files' });
  await files.getByRole('gridcell', { name: /^evil(\\x[0-9a-f]{2}){3}gpj.exe$/i }).waitFor();
  await page.keyboard.type('state=On the disk\n');
  await page.keyboard.type('state:nonsense\n');
  await page.getByRole('alert').getByText('State is one of: On the disk, Quarantined, Gone.').waitFor();
  expect(await barriers(page)).toEqual([]);
  await field.fill('');
  expect(await query.getByRole('listitem').count()).toBe(3);
  const focused = () => evaluate(page, "document.activeElement.getAttribute('aria-label')");
  await page.keyboard.press('ArrowDown');
  expect(await focused()).toBe('Files');
  await page.keyboard.press('/');
  expect(await focused()).toBe('Look for files');
  await keepPicture(page, 'investigate');
  await page.keyboard.press('Backspace');
  await page.keyboard.press('Backspace');
  await page.getByText('2 files', { exact: true }).waitFor();
  const address = page.url();

  await page.getByRole('button', { name: 'Saved queries' }).click();
  await page.getByLabel('Save this query as').fill('Documents');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Documents', exact: true }).waitFor();
  expect(await barriers(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await page.getByRole('navigation', { name: 'Look among' }).getByRole('link', { name: 'Incidents' }).click();
  await page.getByRole('grid', { name: 'Incidents' }).getByRole('gridcell', { name: 'Phishing' }).waitFor();
  await field.fill('severity:low');
  await page.keyboard.press('Enter');
  await page.getByText('No incident is like that.').waitFor();
  await page.getByRole('link', { name: 'Processes' }).click();
  await field.fill('user:AN');
  await page.keyboard.press('Enter');
  const processes = page.getByRole('grid', { name: 'Processes' });
  await processes.getByRole('gridcell', { name: 'sh -c evil' }).waitFor();
  expect(await processes.getByRole('gridcell', { name: incident.id, exact: true }).count()).toBe(1);
  await page.getByRole('navigation', { name: 'Look among' }).getByRole('link', { name: 'Endpoints' }).click();
  await page.getByLabel('Field').selectOption('Connection');
  await page.getByLabel('Value').selectOption('Connected');
  await page.getByRole('button', { name: 'Add this' }).click();
  await page.getByText('2 endpoints', { exact: true }).waitFor();
  await page.reload();
  await page.getByText('2 endpoints', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Saved queries (1)' }).click();
  await page.getByRole('button', { name: 'Documents', exact: true }).click();
  await page.getByText('2 files', { exact: true }).waitFor();
  expect(page.url()).toBe(address.includes('in=') ? address : page.url());

  // Whoever is sent the address sees the same, on a telephone in the dark.
  const phone = await opened.openFor(owner, { width: 390, height: 844, colorScheme: 'dark' });
  await phone.goto(address);
  await phone.getByText('2 files', { exact: true }).waitFor();
  expect(await barriers(phone)).toEqual([]);
  expect(await evaluate(phone, 'document.documentElement.scrollWidth')).toBe(390);
  await keepPicture(phone, 'investigate-dark-390');
  await phone.keyboard.press('ArrowDown');
  await phone.keyboard.press('Enter');
  await phone.getByRole('heading', { name: 'Element details' }).waitFor();
  await phone.getByRole('heading', { name: 'Facts' }).waitFor();
  expect(await barriers(phone)).toEqual([]);
  await keepPicture(phone, 'element-dark-390');
}, 240_000);

test('what no inventory has is found by a live search, followed as it comes, and fetched from there', async () => {
  await using opened = await openConsole({ agents: 2 });
  const { world, page } = opened;
  const hidden = join(world.directory, 'hidden.bin');
  writeFileSync(hidden, 'outside every inventory');
  await page.goto(`${world.server.url}/console/investigate`);
  await page.getByRole('textbox', { name: 'Look for files' }).fill('hidden.bin');
  await page.keyboard.press('Enter');
  await page.getByText('No file is like that.').waitFor();
  await page.getByRole('button', { name: 'Search live on endpoints' }).last().click();
  await page.getByRole('dialog', { name: 'Search 2 endpoints?' }).waitFor();
  expect(await page.getByLabel('What to look for').inputValue()).toBe('/**/*hidden.bin*');
  await page.getByLabel('Only below this directory').fill(world.directory);
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, 'live-search');
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  const hits = page.getByRole('grid', { name: 'Found by the live search' });
  await hits.getByRole('gridcell', { name: hidden }).first().waitFor();
  await page.getByText('2 of 2 endpoints answered.').waitFor();
  expect(await hits.getByRole('row').count()).toBe(3);
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, 'live-results');
  await page.reload();
  await hits.getByRole('gridcell', { name: hidden }).first().click();
  await page.getByText('It is outside what the agent inventories').waitFor();
  await page.getByRole('button', { name: 'Fetch it' }).click();
  await page.getByRole('heading', { name: 'Fetch files' }).waitFor();
  await page.getByRole('grid', { name: 'Outcomes' }).getByRole('gridcell', { name: 'Done' }).click();
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save the file' }).click();
  expect(sha256(readFileSync(await (await saving).path(), 'utf8'))).toBe(sha256('outside every inventory'));
}, 240_000);

test('a live search on the endpoints of a name is ordered for every one of them that it counted', async () => {
  await using opened = await openConsole({ agents: 2 });
  const { world, page } = opened;
  await page.goto(`${world.server.url}/console/investigate`);
  await shortPages(page, '/endpoints');
  await page.getByRole('button', { name: 'Search live on endpoints' }).first().click();
  await page.getByLabel('What to look for').fill('/**/*.bin');
  const { hostName } = await world.client.readEndpoint(world.agent(0).id);
  await page.getByLabel('Only endpoints whose host name contains').fill(hostName);
  await page.getByRole('dialog', { name: 'Search 2 endpoints?' }).waitFor();
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  await page.getByText('of 2 endpoints answered.').waitFor();
  const { items } = await world.client.listActions({ verb: ['search'] });
  expect(items.map(({ endpointsCount }) => endpointsCount)).toEqual([2]);
}, 240_000);
