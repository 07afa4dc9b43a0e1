import { expect, test } from 'bun:test';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { barriers } from '#kit/console/accessible.ts';
import { keepPicture, openConsole, owner } from '#kit/console/console.ts';
import { sha256 } from '#kit/disk.ts';
import { SettableClock } from '#kit/settable-clock.ts';
import { until } from '#kit/until.ts';

const hour = 3_600_000;

test('an order that came too late stands first, says what it would do and from when it is, and is confirmed on one endpoint', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'custody-confirming-'));
  try {
    const clock = new SettableClock(join(directory, 'clock'));
    const settings = { CUSTODY_CONFIRM_AFTER: '1' };
    await using opened = await openConsole({ agents: 2, serverUnder: clock.under, settings });
    const { world } = opened;
    const { client } = world;
    const path = world.agent(0).put('bad.bin', 'bad');
    const endpointIds = world.agents.map(({ id }) => id);
    await world.known(world.agent(0), path);
    await Promise.all(world.agents.map((agent) => agent.end('SIGTERM')));
    const { id } = await client.quarantineFile({ endpointIds, path, sha256: sha256('bad') });
    clock.set(2 * hour);
    await until('the jump is seen', async () => (await client.readServer()).clockDoubt !== null);
    await client.acceptClock({ reason: 'two hours have passed' });
    await world.agent(0).connect();
    await until('it waits', async () => (await client.readAction(id)).tasks[0]?.unconfirmed?.keptBackAt ?? undefined);

    // What was open for two hours without a hand on it is logged out.
    const page = await opened.openFor(owner);
    const attention = page.getByRole('region', { name: 'Needs somebody' });
    await attention.getByText('Waits to be confirmed').waitFor();
    expect(await barriers(page)).toEqual([]);
    await keepPicture(page, 'overview-unconfirmed');
    await attention.getByRole('link', { name: 'Quarantine on 2 endpoints' }).click();
    const waiting = page.getByRole('region', { name: 'Waits to be confirmed' });
    await waiting.getByText('2 endpoints did not get this order').waitFor();
    await waiting.getByText('the endpoint has not been back').waitFor();
    expect(await barriers(page)).toEqual([]);
    await keepPicture(page, 'action-unconfirmed');

    await waiting.getByRole('button', { name: 'Confirm all 2' }).click();
    const dialog = page.getByRole('alertdialog', { name: 'Still “Quarantine” on 2 endpoints?' });
    expect(await dialog.getByRole('listitem').count()).toBe(2);
    await dialog.getByRole('button', { name: 'Leave it' }).click();
    const hostName = (await client.readAction(id)).tasks[0]?.hostName ?? expect.unreachable();
    await waiting.getByRole('button', { name: 'Confirm it on' }).first().click();
    const one = page.getByRole('alertdialog', { name: `Still “Quarantine” on ${hostName}?` });
    await one.getByText(`${path} with the SHA-256 ${sha256('bad')} is taken into its vault.`).waitFor();
    await one.getByText('Ordered, or confirmed last:').waitFor();
    expect(await barriers(page)).toEqual([]);
    await keepPicture(page, 'action-confirm');
    expect(existsSync(path)).toBe(true);
    await one.getByLabel('Reason').fill('still bad');
    await one.getByRole('button', { name: 'Confirm it' }).click();
    await page.getByText('Confirmed for 1 endpoint').waitFor();
    await until('it is done', async () => (await client.readAction(id)).tasks[0]?.status === 'completed_successfully');
    await waiting.getByText('1 endpoint did not get this order').waitFor();
    expect(existsSync(path)).toBe(false);

    await page.goto(`${world.server.url}/console/actions?unconfirmed=true`);
    await page.getByRole('button', { name: /^All 1$/ }).waitFor();
    await page.getByRole('button', { name: 'Show what does not wait, too' }).click();
    await page.goto(`${world.server.url}/console/actions/${id}`);
    await page
      .getByRole('button', { name: 'Abort' })
      .or(page.getByRole('button', { name: 'Cancel' }))
      .click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'it' }).last().click();
    await waiting.waitFor({ state: 'detached' });
    expect((await client.listActions({ unconfirmed: 'true' })).total).toBe(0);
  } finally {
    rmSync(directory, { recursive: true });
  }
}, 240_000);
