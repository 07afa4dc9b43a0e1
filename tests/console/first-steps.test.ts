import { expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import type { Page } from 'playwright-core';
import { barriers } from '#kit/console/accessible.ts';
import { keepPicture, openConsole, owner } from '#kit/console/console.ts';
import { custody, type Program, runProgram, startProgram } from '#kit/program.ts';
import { unzip } from '#kit/unzip.ts';

const bytes = 'the first file that was ever fetched here\n';
const chosen = 'a password that I alone know';

test('somebody new gets from an empty server to a first file, and each step ticks itself', async () => {
  await using opened = await openConsole({ agents: 0 });
  const { page } = opened;
  const directory = mkdtempSync(join(tmpdir(), 'custody-first-'));
  const step = (title: string) =>
    page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: title }) });
  const done = (title: string) => step(title).getByRole('heading').getByText('Done').waitFor();
  try {
    await page.getByRole('region', { name: 'First steps' }).getByRole('link').click();
    await page.getByText('5 steps to go.').waitFor();
    expect(await barriers(page)).toEqual([]);
    await keepPicture(page, 'first-steps-empty');

    await page.getByRole('link', { name: 'Change the password' }).click();
    await changePassword(page);
    await page.goto(`${opened.world.server.url}/console/first-steps`);
    await done('Make the account yours');

    await page.getByRole('button', { name: 'Make the commands' }).click();
    const commands = await page.getByRole('region', { name: 'Commands for Linux' }).textContent();
    const root = join(directory, 'root');
    mkdirSync(root);
    writeFileSync(join(root, 'report.txt'), bytes);
    await using agent = await enrolAsPasted(commands ?? '', { directory, root });
    expect(agent.isRunning).toBe(true);
    await done('Enrol a machine');
    await done('See its files');

    await page.getByLabel('Part of a path').fill('report');
    await step('Fetch a file')
      .getByRole('button', { name: /^Fetch .*report\.txt$/ })
      .click();
    await done('Fetch a file');
    const coming = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save the archive' }).click();
    const saved = join(directory, 'saved.zip');
    await (await coming).saveAs(saved);
    expect(Object.values(await unzip(readFileSync(saved)))).toContain(bytes);
    await done('Download it');
    await page.getByText('All five are done').waitFor();
    expect(await barriers(page)).toEqual([]);
    await keepPicture(page, 'first-steps-done');

    for (const look of [{ colorScheme: 'dark' }, { width: 390 }, { width: 390, colorScheme: 'dark' }] as const) {
      const other = await opened.openFor({ ...owner, password: chosen }, look);
      await other.goto(`${opened.world.server.url}/console/first-steps`);
      await other.getByText('All five are done').waitFor();
      expect(await barriers(other)).toEqual([]);
      await keepPicture(other, `first-steps-${Object.values(look).join('-')}`);
      await other.close();
    }
    await page.getByRole('link', { name: 'Overview' }).click();
    await page.getByRole('region', { name: 'Needs somebody' }).waitFor();
    expect(await page.getByRole('region', { name: 'First steps' }).count()).toBe(0);
  } finally {
    rmSync(directory, { recursive: true });
  }
}, 240_000);

async function changePassword(page: Page): Promise<void> {
  await page.getByLabel('Password until now').fill(owner.password);
  await page.getByLabel('New password', { exact: true }).fill(chosen);
  await page.getByLabel('New password again').fill(chosen);
  await page.getByRole('button', { name: 'Change the password' }).click();
  await page.getByText('changed', { exact: false }).first().waitFor();
}

interface Place {
  readonly directory: string;
  readonly root: string;
}

/** The very commands, but that the agent keeps to the test's own directory, and that nothing is started by the system. */
async function enrolAsPasted(commands: string, { directory, root }: Place): Promise<Program> {
  const data = join(directory, 'data');
  expect(commands).toContain('systemctl start custody-agent');
  const script = commands
    .replace(/--roots \S+/, `--data ${data} --roots ${root}`)
    .replace('systemctl start custody-agent', '');
  const environment = { PATH: [dirname(custody), process.env['PATH']].join(delimiter) };
  const { code, err } = await runProgram(['sh', '-ec', script], { cwd: directory, environment });
  expect([code, err]).toEqual([0, expect.any(String)]);
  return startProgram([custody, 'agent', 'run', '--data', data]);
}
