import { expect, test } from 'bun:test';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { barriers } from '#kit/console/accessible.ts';
import { type ConsoleWorld, keepPicture, openConsole, owner } from '#kit/console/console.ts';
import { checkout, type Finished, type Program, runProgram, startProgram } from '#kit/program.ts';
import { until } from '#kit/until.ts';

/** A machine of its own, as far as the commands of the page can tell. */
interface Machine {
  readonly data: string;
  readonly root: string;
  /** As somebody pastes it into a shell. */
  paste(commands: string): Promise<Finished>;
  run(command: string): Program;
}

function openMachine({ world }: ConsoleWorld, name: string): Machine {
  const directory = join(world.directory, name);
  const [data, root] = [join(directory, 'data'), join(directory, 'files')];
  mkdirSync(root, { recursive: true });
  const environment = { PATH: `${join(checkout, 'bin')}:${process.env['PATH']}` };
  return {
    ...{ data, root },
    paste: (commands) => runProgram(['bash', '-e'], { input: commands, cwd: directory, environment }),
    run: (command) => startProgram(['bash', '-c', `exec ${command}`], { cwd: directory, environment }),
  };
}

async function makeToken(page: Page, tags: string): Promise<void> {
  await page.getByLabel('Tags that the machines get (optional)').fill(tags);
  await page.getByRole('button', { name: 'Make a token' }).click();
}

/** What the page gives for a machine with these places. */
async function commandsFor(page: Page, { data, root }: Machine): Promise<readonly string[]> {
  await page.getByLabel('Directories to inventory (: between)').fill(root);
  await page.getByLabel('The agent’s own directory').fill(data);
  const commands = await page.getByRole('region', { name: 'Commands for Linux' }).textContent();
  return (commands ?? '').split('\n');
}

test('a machine is enrolled with the pasted commands, seen to arrive, tagged, renamed and revoked', async () => {
  await using opened = await openConsole({ agents: 0 });
  const { page, world } = opened;
  await page.getByRole('link', { name: 'Endpoints' }).click();
  await page.getByText('No endpoint is enrolled yet.').waitFor();
  expect(await barriers(page)).toEqual([]);
  await page.getByRole('link', { name: 'Enrol the first machine' }).click();
  await page.getByText('There is no token.').waitFor();

  const machine = openMachine(opened, 'pasted');
  writeFileSync(join(machine.root, 'invoice.docm'), 'macro');
  await makeToken(page, 'lab, second floor');
  const commands = await commandsFor(page, machine);
  expect(commands.at(-1)).toBe(`custody agent run --data ${machine.data}`);
  expect(await machine.paste(commands.slice(0, -1).join('\n'))).toMatchObject({ code: 0 });
  await using agent = machine.run(commands.at(-1) ?? '');
  await page.getByRole('list', { name: 'Machines that have come' }).getByText('Connected').waitFor();
  await page.getByRole('table', { name: 'Enrolment tokens' }).getByText('Used up').waitFor();
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, 'endpoints-enrolment');

  const [endpoint] = (await world.client.listEndpoints()).items;
  expect(endpoint).toMatchObject({ tags: ['lab', 'second floor'], roots: [machine.root], presence: 'connected' });
  const { id, hostName } = endpoint ?? { id: '', hostName: '' };
  await page.getByRole('list', { name: 'Machines that have come' }).getByRole('link', { name: hostName }).click();
  await page.getByRole('heading', { name: hostName }).waitFor();

  await page.getByRole('button', { name: 'Tags …' }).click();
  await page.getByLabel('Put on').fill('paris');
  await page.getByLabel('lab').check();
  await page.getByRole('button', { name: 'Change the tags' }).click();
  await page.getByText('The tags of 1 endpoint are changed.').waitFor();
  expect((await world.client.readEndpoint(id)).tags.toSorted()).toEqual(['paris', 'second floor']);
  await page.getByRole('button', { name: 'Rename …' }).click();
  await page.getByLabel('Alias').fill('the till');
  await page.getByRole('button', { name: 'Rename', exact: true }).click();
  await page.getByRole('heading', { name: `the till (${hostName})` }).waitFor();
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, 'endpoint');

  await page.getByRole('link', { name: 'Files' }).click();
  await page.getByRole('grid', { name: 'Files of the endpoint' }).getByText('invoice.docm').waitFor();
  await page.getByLabel('Path (with * a pattern)').fill('*.exe');
  await page.getByText('No file that it has listed is like that.').waitFor();
  await page.getByLabel('Path (with * a pattern)').fill('*.docm');
  await page.getByRole('grid', { name: 'Files of the endpoint' }).getByText('invoice.docm').waitFor();
  await keepPicture(page, 'endpoint-files');

  await page.getByRole('button', { name: 'Revoke …' }).click();
  await page.getByRole('alertdialog').getByText('The server refuses its agent from now on').waitFor();
  await keepPicture(page, 'endpoint-revoke');
  await page.getByLabel('Reason').fill('The machine was sold.');
  await page.getByRole('button', { name: 'Revoke for good' }).click();
  await page.getByText('1 endpoint revoked.').waitFor();
  expect((await world.client.readEndpoint(id)).revokedAt).not.toBeNull();
  await until('its agent is refused', () => /revoked|refused|removed/i.test(agent.err()) || !agent.isRunning);
  if (agent.isRunning) {
    await agent.end('SIGTERM');
  }
  await page.getByRole('button', { name: 'Rename …' }).hover();
  await page.getByText('It is revoked: nothing can be asked of it any more.').waitFor();
}, 240_000);

test('a withdrawn token lets nobody in, and the fleet is filtered, grouped and changed together', async () => {
  await using opened = await openConsole({ agents: 2 });
  const { page, world } = opened;
  await page.goto(`${world.server.url}/console/endpoints?view=enrolment`);
  const machine = openMachine(opened, 'late');
  await makeToken(page, '');
  const commands = await commandsFor(page, machine);
  await page.getByRole('button', { name: 'Withdraw …' }).click();
  await page.getByRole('button', { name: 'Withdraw it' }).click();
  await page.getByText('The token is withdrawn').waitFor();
  const refused = await machine.paste(commands.slice(0, -1).join('\n'));
  expect(refused.code).not.toBe(0);
  expect((await world.client.listEndpoints()).total).toBe(2);

  await page.getByRole('link', { name: 'Back to the fleet' }).click();
  const fleet = page.getByRole('grid', { name: 'Endpoints' });
  await page.getByRole('checkbox', { name: 'Choose all that are loaded' }).check();
  await page.getByRole('button', { name: 'Tags …' }).click();
  await page.getByLabel('Put on').fill('tills');
  await page.getByRole('button', { name: 'Change the tags' }).click();
  await page.getByText('The tags of 2 endpoints are changed.').waitFor();
  await page.getByLabel('Tag', { exact: true }).fill('no such tag');
  await page.getByText('No endpoint is like that.').waitFor();
  await page.getByLabel('Tag', { exact: true }).fill('tills');
  await fleet.getByText('tills').first().waitFor();
  expect(await fleet.getByRole('row').count()).toBe(3);

  await world.agent(0).end('SIGTERM');
  const groups = page.getByRole('navigation', { name: 'Groups of endpoints' });
  const current = groups.locator('[aria-current=page]');
  expect(await current.allTextContents()).toEqual(['All 2']);
  await page.getByRole('link', { name: 'Offline 1' }).click();
  expect(await current.allTextContents()).toEqual(['Offline 1']);
  await fleet.getByText('Offline').waitFor();
  expect(await fleet.getByRole('row').count()).toBe(2);
  await page.getByRole('checkbox', { name: 'Choose this row' }).check();
  await page.getByRole('button', { name: 'Archive …' }).click();
  await page.getByRole('button', { name: 'Archive', exact: true }).click();
  await page.getByText('1 endpoint put aside.').waitFor();
  await page.getByRole('link', { name: 'Archived 1' }).click();
  await fleet.getByText('Archived').waitFor();
  expect((await world.client.countEndpoints()).archived).toBe(1);

  const dark = await opened.openFor(owner, { colorScheme: 'dark', width: 390 });
  for (const path of ['endpoints', 'endpoints?view=enrolment', `endpoints/${world.agent(1).id}`]) {
    await dark.goto(`${world.server.url}/console/${path}`);
    await dark.getByRole('heading', { level: 2 }).or(dark.getByRole('grid')).first().waitFor();
    expect(await barriers(dark)).toEqual([]);
    await keepPicture(dark, `narrow-${path.replaceAll(/\W+/g, '-').slice(0, 24)}`);
  }
  await world.agent(0).connect();
}, 240_000);

test('what was ordered of an endpoint stands on its page, and a copy of its machine is shown until somebody settles it', async () => {
  await using opened = await openConsole({ agents: 1 });
  const { page, world } = opened;
  const agent = world.agent(0);
  await page.goto(`${world.server.url}/console/endpoints/${agent.id}`);
  await page.getByRole('button', { name: 'Scan …' }).click();
  await page.getByRole('button', { name: 'Scan', exact: true }).click();
  await page.getByText('It is ordered; this is the action.').waitFor();
  await page.getByText('Completed').first().waitFor();
  await page.goto(`${world.server.url}/console/endpoints/${agent.id}?tab=actions`);
  await page.getByRole('grid', { name: 'Actions of the endpoint' }).getByText('Scan').waitFor();

  // Somebody cloned the machine.
  const copy = join(world.directory, 'copy');
  cpSync(agent.data, copy, { recursive: true });
  await agent.end('SIGTERM');
  await agent.connect();
  await using twin = startProgram([join(checkout, 'bin', 'custody'), 'agent', 'run', '--data', copy]);
  const card = page.getByRole('region', { name: 'Copies of this machine' });
  await card.getByRole('table', { name: 'Copies' }).waitFor();
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, 'endpoint-copies');
  await twin.end('SIGTERM');
  await card.getByRole('button', { name: 'Forget the copies …' }).click();
  await page.getByRole('button', { name: 'Forget them' }).click();
  await page.getByText('The copies are forgotten.').waitFor();
  await card.waitFor({ state: 'hidden' });
  expect((await world.client.readEndpoint(agent.id)).clone).toBeNull();

  await world.client.tagEndpoints({ endpointIds: [agent.id], add: ['paris', 'tills'] });
  await page.getByRole('link', { name: 'Endpoints', exact: true }).first().click();
  await page.getByRole('grid', { name: 'Endpoints' }).getByText('tills').waitFor();
  await keepPicture(page, 'endpoints-fleet');
}, 240_000);
