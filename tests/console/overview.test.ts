import { expect, test } from 'bun:test';
import { barriers } from '#kit/console/accessible.ts';
import { keepPicture, openConsole, owner } from '#kit/console/console.ts';

test('the Overview leads to what needs somebody, and follows what happens without being loaded anew', async () => {
  // One endpoint is enough to need a second person.
  await using opened = await openConsole({ agents: 2, settings: { CUSTODY_GUARD_ENDPOINTS: '1' } });
  const { page, world } = opened;
  const region = (name: string) => page.getByRole('region', { name, exact: true });
  await region('Needs somebody').getByText('Nothing waits for you.').waitFor();
  await region('Running').getByText('Nothing is running.').waitFor();
  await region('Failed, last 7 days').getByText('Nothing has failed in seven days.').waitFor();
  await region('Endpoints').getByRole('definition').filter({ hasText: '2' }).waitFor();
  await region('Server').getByText('Signed, and disputed by no agent').waitFor();
  await region('Server')
    .getByText(/GiB free|TiB free/)
    .waitFor();
  await region('The last 24 hours').getByText('0 actions').waitFor();

  const [first, second] = [world.agent(0), world.agent(1)];
  await world.client.retrieveFiles({ endpointIds: [first.id], paths: [first.path('none')], reason: 'Was it there?' });
  const failed = region('Failed, last 7 days').getByRole('listitem');
  await failed.filter({ hasText: 'Was it there?' }).waitFor();
  await region('The last 24 hours').getByText('1 action, 1 of them failed').waitFor();
  await region('The last 24 hours').getByRole('table').waitFor({ state: 'attached' });

  await second.end('SIGTERM');
  await world.client.retrieveFiles({ endpointIds: [second.id], paths: [second.path('later')] });
  await region('Running').getByRole('link', { name: 'Fetch files on 1 endpoint' }).waitFor();
  await region('Endpoints').getByText('Went away last').waitFor();

  const { sha256 } = await world.client.readFile(await world.known(first, first.put('a.bin', 'bad')));
  const endpointIds = [first.id, second.id];
  const held = await world.client.quarantineFile({ endpointIds, path: first.path('a.bin'), sha256 });
  const waiting = region('Needs somebody').getByRole('link', { name: 'Quarantine on 2 endpoints' });
  await waiting.waitFor();
  await region('Latest events').getByText('Waits for a second person').waitFor();
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, 'overview');
  await waiting.click();
  await page.waitForURL(`**/console/approvals/${held.id}`);
  await page.goBack();
  await failed.getByRole('link').first().click();
  await page.waitForURL('**/console/actions/*');

  for (const look of [{ colorScheme: 'dark' }, { width: 390 }, { width: 390, colorScheme: 'dark' }] as const) {
    const other = await opened.openFor(owner, look);
    await other.getByRole('region', { name: 'The last 24 hours' }).getByRole('table').waitFor({ state: 'attached' });
    expect(await barriers(other)).toEqual([]);
    await keepPicture(other, `overview-${Object.values(look).join('-')}`);
    await other.close();
  }
}, 240_000);
