import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { barriers } from '#kit/console/accessible.ts';
import { type ConsoleWorld, keepPicture, openConsole } from '#kit/console/console.ts';
import { barriersElsewhere } from '#kit/console/looks.ts';
import { sha256 } from '#kit/disk.ts';
import { unzip } from '#kit/unzip.ts';

/** A page, if it were rendered; text that turns around, and bytes that are no text. */
const head = '<script>document.title = "ran"</script>\n<img src=x onerror=alert(1)>\nabc\u202edcba\n';
const bytes = Buffer.concat([Buffer.from(head), Buffer.from([0, 1, 0xff, 0x1b]), Buffer.alloc(6_000, 'z')]);
const hash = sha256(bytes);

/** One file from two machines, fetched for an incident. */
async function prepare({ world }: ConsoleWorld) {
  const { incident } = await world.client.createIncident({ name: 'a case' });
  const guids: string[] = [];
  for (const agent of [world.agent(0), world.agent(1)]) {
    guids.push(await world.known(agent, agent.put('page.html', bytes)));
  }
  const { action } = await world.client.startFetch({ guids, incidentId: incident.id, reason: 'case 2026-114' });
  const done = await world.client.waitForAction(action.id);
  expect(done.status).toBe('completed_successfully');
  return { incident: incident.id, actionId: action.id };
}

async function lookAtBytes({ page }: ConsoleWorld): Promise<void> {
  const look = page.getByRole('region', { name: 'What it looks like' });
  await look.getByLabel('Reason').fill('to know what it is');
  await look.getByRole('button', { name: 'Look at the first' }).click();
  const numbers = page.getByRole('region', { name: 'Bytes in hexadecimal' });
  expect(await numbers.textContent()).toStartWith('00000000  3c 73 63 72 69 70 74 3e');
  expect(await look.getByRole('status').textContent()).toBe(`Bytes 0 to 4095 of ${bytes.length}.`);
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, 'evidence-hex');
  await look.getByRole('combobox', { name: 'As' }).selectOption('text');
  const words = page.getByRole('region', { name: 'Bytes as text' });
  const shown = (await words.textContent()) ?? '';
  expect(shown).toContain('<script>document.title = "ran"</script>');
  expect(shown).toContain('abcU+202Edcba');
  expect(shown).toContain('U+0000U+0001');
  expect(await words.getByRole('img').count()).toBe(0);
  expect(await page.title()).not.toContain('ran');
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, 'evidence-text');
  await look.getByRole('button', { name: 'The next' }).click();
  await look.getByText(`Bytes 4096 to ${bytes.length - 1} of ${bytes.length}.`).waitFor();
}

async function download({ page }: ConsoleWorld): Promise<void> {
  await page.getByRole('button', { name: 'Download …' }).click();
  const dialog = page.getByRole('dialog', { name: 'Download this file?' });
  await dialog.getByLabel('Reason').fill('for the laboratory');
  const saving = page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Download' }).click();
  const saved = await saving;
  expect(saved.suggestedFilename()).toBe('page.html');
  expect(readFileSync(await saved.path())).toEqual(bytes);
  await page.getByText('with the right hash; the browser has saved them').waitFor();
}

async function exportBundle({ page }: ConsoleWorld, actionId: string): Promise<void> {
  await page.getByRole('button', { name: 'Export a bundle' }).click();
  const dialog = page.getByRole('dialog', { name: 'Export a bundle?' });
  await keepPicture(page, 'evidence-bundle');
  expect(await barriers(page)).toEqual([]);
  const saving = page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Export' }).click();
  const saved = await saving;
  expect(saved.suggestedFilename()).toBe(`custody-action-${actionId}.zip`);
  const entries = await unzip(readFileSync(await saved.path()));
  expect(Object.keys(entries).some((name) => name.endsWith(`evidence/${hash}`))).toBe(true);
}

/** The chain as people read it. */
async function chain({ page }: ConsoleWorld): Promise<readonly string[]> {
  const line = page.getByRole('region', { name: 'Chain of custody' }).getByRole('listitem');
  return line.locator('strong').allTextContents();
}

test('fetched bytes are found, looked at without running them, followed hand by hand, carried away, held and deleted', async () => {
  await using opened = await openConsole({ agents: 2 });
  const { world, page } = opened;
  const { incident, actionId } = await prepare(opened);
  const go = (path: string) => page.goto(`${world.server.url}/console${path}`);
  await go('/evidence?path=no%20such');
  await page.getByText('No fetched file is like that.').waitFor();
  await page.getByRole('link', { name: 'Show all evidence' }).click();
  const table = page.getByRole('grid', { name: 'Evidence' });
  await table.getByText('and 1 more').waitFor();
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, 'evidence');
  await table.getByText('page.html').click();
  await page.getByRole('heading', { name: 'Chain of custody' }).waitFor();
  expect(page.url()).toEndWith(`/evidence/${hash}`);
  expect(await page.getByRole('list', { name: 'Places' }).getByRole('listitem').count()).toBe(2);
  await page.getByText('Signed report by the agent of').waitFor();
  expect(await chain(opened)).toEqual([
    'Ordered by',
    'Signed order handed to the agent of',
    'Order taken, its signature checked, by the agent of',
    'Bytes received and sealed by this server, from',
    'Signed report by the agent of',
  ]);
  expect(await barriers(page)).toEqual([]);

  await lookAtBytes(opened);
  await download(opened);
  await exportBundle(opened, actionId);
  await page.getByText('Bundle exported by').waitFor();
  const hands = [
    'Looked at by',
    'Looked at by',
    'Download begun by',
    'Downloaded, to the last byte, by',
    'Bundle exported by',
  ];
  expect((await chain(opened)).slice(5)).toEqual(hands);
  expect(await page.getByText('reason: for the laboratory').count()).toBe(2);
  await keepPicture(page, 'evidence-file');
  const looks = [
    { path: '/evidence', until: 'page.html', name: 'evidence' },
    { path: `/evidence/${hash}`, until: 'Bundle exported by', name: 'evidence-file' },
  ];
  expect(await barriersElsewhere(opened, looks)).toEqual([]);

  await page.getByRole('button', { name: 'Hold …' }).click();
  const hold = page.getByRole('dialog', { name: `Hold incident ${incident}?` });
  await hold.getByLabel('Reason').fill('court');
  await hold.getByRole('button', { name: 'Hold it' }).click();
  await page.getByText(`Incident ${incident} is on hold.`).waitFor();
  // What is held is not deleted: the button says why.
  await page.getByRole('button', { name: 'Release …' }).waitFor();
  await page.getByRole('button', { name: 'Delete the bytes …' }).focus();
  await page.getByRole('tooltip', { name: `Incident ${incident} is on hold and keeps these bytes.` }).waitFor();
  expect((await world.client.listEvidence()).items).toMatchObject([{ heldBy: [incident], state: 'kept' }]);
  await page.getByRole('button', { name: 'Release …' }).click();
  const release = page.getByRole('alertdialog');
  await release.getByLabel('Reason').fill('closed');
  await release.getByRole('button', { name: 'Release it' }).click();
  await page.getByRole('button', { name: 'Hold …' }).waitFor();

  await page.getByRole('button', { name: 'Delete the bytes …' }).click();
  const deletion = page.getByRole('alertdialog', { name: 'Delete these bytes for good?' });
  expect(await deletion.textContent()).toContain('2 fetches brought or needed');
  await keepPicture(page, 'evidence-delete');
  await deletion.getByLabel('Reason').fill('private');
  await deletion.getByRole('button', { name: 'Delete for good' }).click();
  await page.getByText('Bytes deleted by').waitFor();
  expect((await world.client.listEvidence()).items).toMatchObject([
    { state: 'deleted', deletion: { reason: 'private' } },
  ]);
  expect(await page.getByRole('button', { name: 'Download …' }).count()).toBe(0);
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, 'evidence-deleted');
}, 240_000);
