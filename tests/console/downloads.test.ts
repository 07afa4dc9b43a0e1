import { expect, test } from 'bun:test';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { barriers } from '#kit/console/accessible.ts';
import { keepPicture, openConsole } from '#kit/console/console.ts';
import { evaluate } from '#kit/console/evaluate.ts';
import { damageEvidence } from '#kit/damage.ts';
import { until } from '#kit/until.ts';

const mebibyte = 1024 ** 2;
const barSchema = z.object({ value: z.number(), max: z.number(), words: z.string() }).nullable();

test('a download shows which bytes are safe on the server, and never more', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'custody-downloads-'));
  try {
    const policy = join(directory, 'policy.toml');
    writeFileSync(policy, 'upload_rate = "4 MiB"\n');
    await using opened = await openConsole({ agents: 1, ofAgents: { words: ['--policy', policy] } });
    const { world, page } = opened;
    const size = 40 * mebibyte;
    const path = world.agent(0).put('memory.dmp', randomBytes(size));
    const guid = await world.known(world.agent(0), path);
    await page.goto(`${world.server.url}/console/files/${guid}`);
    await page.getByRole('button', { name: 'Download the file' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Download it' }).click();
    const download = page.getByRole('region', { name: 'The download' });
    await download.getByRole('progressbar', { name: 'Bytes on the server' }).waitFor();
    const [action = expect.unreachable()] = (await world.client.listActions({ verb: ['fetch'] })).items;
    const bar = `(() => {
      const bar = document.querySelector('progress[aria-label="Bytes on the server"]');
      return bar && { value: bar.value, max: bar.max, words: bar.getAttribute('aria-valuetext') };
    })()`;
    const seen = await until('some bytes are here', async () => {
      const shown = barSchema.parse(await evaluate(page, bar));
      return shown !== null && shown.value > 0 ? shown : undefined;
    });
    const { upload } = await world.client.readAction(action.id);
    expect(seen).toMatchObject({
      max: size,
      words: expect.stringMatching(/^\d+(\.\d)? MiB of 40\.0 MiB on the server$/),
    });
    expect(upload?.bytesReceived ?? size).toBeGreaterThanOrEqual(seen.value);
    expect(seen.value % mebibyte).toBe(0);
    expect(await barriers(page)).toEqual([]);
    await keepPicture(page, 'element-arriving');
    await page.goto(`${world.server.url}/console/actions/${action.id}`);
    await page.getByRole('progressbar', { name: 'Bytes on the server' }).waitFor();
    expect((await world.client.waitForAction(action.id)).upload).toBeNull();
    await page.getByRole('progressbar', { name: 'Bytes on the server' }).waitFor({ state: 'detached' });
  } finally {
    rmSync(directory, { recursive: true });
  }
}, 240_000);

/** Beyond what goes through the memory of the page. */
const large = 66 * mebibyte;

/** A large file, and a small one, on the server; the page shows the action that brought them. */
async function openFetched() {
  const opened = await openConsole({ agents: 1 });
  const { world, page } = opened;
  const agent = world.agent(0);
  const bytes = randomBytes(large);
  const paths = [agent.put('disk\u202Egpj.img', bytes), agent.put('small.bin', 'small')];
  const { id } = await world.client.retrieveFiles({ endpointIds: [agent.id], paths });
  const { tasks } = await world.client.waitForAction(id, { timeout: 60_000 });
  const [image = expect.unreachable(), small = expect.unreachable()] = tasks[0]?.files ?? [];
  const address = `${world.server.url}/console/actions/${id}`;
  await page.goto(address);
  const open = async (name: string) => {
    const grid = page.getByRole('grid', { name: 'Outcomes' });
    await grid.getByRole('row').filter({ hasText: name }).getByRole('gridcell', { name: 'Done' }).click();
    await page.getByRole('button', { name: 'Save the file' }).waitFor();
  };
  return { opened, bytes, id, image, small, address, open };
}

const hashOf = (file: { readonly sha256: string | null }) => file.sha256 ?? expect.unreachable();

test('a file that is too large for the memory of a page goes straight to the disk, whole and on the record', async () => {
  const { opened, bytes, id, image, address, open } = await openFetched();
  await using _ = opened;
  const { page, world } = opened;
  await open('disk');
  await page.getByRole('dialog').getByText(hashOf(image)).first().waitFor();
  const [saved] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save the file' }).click(),
  ]);
  expect(saved.url()).toStartWith(`${world.server.url}/api/v1/actions/${id}/`);
  expect(saved.suggestedFilename()).toBe('disk_xe2_x80_xaegpj.img');
  expect(readFileSync(await saved.path()).equals(bytes)).toBe(true);
  await page.getByText('The browser saves 66.0 MiB').waitFor();
  expect(page.url()).toBe(address);
  const types = async () =>
    (await world.client.listEvents({ actionId: id, limit: 1_000 })).items.map(({ type }) => type);
  await until('it is on the record', async () => (await types()).includes('evidence_delivered'));
  expect((await types()).filter((type) => type === 'evidence_opened')).toHaveLength(1);
}, 240_000);

test('what cannot be had is told where one is, and never saved, be it that it shows before the first byte or behind it', async () => {
  const { opened, image, small, address, open } = await openFetched();
  await using _ = opened;
  const { page, world } = opened;
  const evidence = join(world.server.data, 'evidence');
  const downloads: string[] = [];
  page.on('download', (download) => downloads.push(download.suggestedFilename()));
  const refused = async (name: string, words: RegExp) => {
    await page.goto(address);
    await open(name);
    await page.getByRole('button', { name: 'Save the file' }).click();
    await page.locator('.notice.bad').filter({ hasText: words }).waitFor();
    expect(page.url()).toBe(address);
  };
  // Damage at its end shows only when all before it has gone out: the browser must not take that for a file.
  damageEvidence(evidence, hashOf(image));
  await open('disk');
  const broken = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save the file' }).click();
  expect(await (await broken).failure()).not.toBeNull();
  expect(downloads).toEqual(['disk_xe2_x80_xaegpj.img']);
  await refused('disk', /damaged/);
  damageEvidence(evidence, hashOf(small));
  await refused('small', /broke|damaged|reached|network/i);
  await world.client.deleteEvidence(hashOf(image), { reason: 'no longer needed' });
  await refused('disk', /deleted/);
  expect(downloads).toHaveLength(1);
}, 240_000);

test('an archive that breaks off is no download that has succeeded, nor is one that nobody may have any more', async () => {
  const { opened, image } = await openFetched();
  await using _ = opened;
  const { page, world } = opened;
  damageEvidence(join(world.server.data, 'evidence'), hashOf(image));
  await page.goto(`${world.server.url}/console/first-steps`);
  const broken = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save the archive' }).click();
  expect(await (await broken).failure()).not.toBeNull();
  expect(page.url()).toBe(`${world.server.url}/console/first-steps`);

  const colleague = { email: 'colleague@example.org', password: 'long enough for anybody' };
  await world.client.createUser({ ...colleague, role: 'Investigator' });
  const theirs = await opened.openFor(colleague);
  await theirs.goto(`${world.server.url}/console/first-steps`);
  await theirs.getByRole('button', { name: 'Save the archive' }).waitFor();
  await world.client.changeUser(colleague.email, { role: 'Viewer' });
  let downloads = 0;
  theirs.on('download', () => {
    downloads += 1;
  });
  await theirs.getByRole('button', { name: 'Save the archive' }).click();
  await theirs.locator('.notice.bad').or(theirs.getByLabel('Password')).first().waitFor();
  expect(downloads).toBe(0);
}, 240_000);
