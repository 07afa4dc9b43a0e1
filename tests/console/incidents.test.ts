import { expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { barriers } from '#kit/console/accessible.ts';
import { keepPicture, openConsole, owner, type Person } from '#kit/console/console.ts';

const bytes = 'the dropper';
const sha256 = createHash('sha256').update(bytes).digest('hex');
const vera: Person = { email: 'vera@example.org', password: 'correct horse battery staple' };

test('an incident is opened, and everything that is ordered for it stands on its timeline in order', async () => {
  await using opened = await openConsole({ agents: 1 });
  const { world, page } = opened;
  const agent = world.agent(0);
  const path = agent.put('dropper.exe', bytes);
  const guid = await world.known(agent, path);
  await page.getByRole('link', { name: 'Incidents' }).click();
  await page.getByText('No incident is open.').waitFor();
  expect(await barriers(page)).toEqual([]);
  await page.getByRole('button', { name: 'New incident' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Phishing <b>\u202Ewave</b>');
  await dialog.getByLabel('Severity').selectOption({ label: 'Critical' });
  await dialog.getByRole('button', { name: 'Open it' }).click();
  // What turns the reading of a name around is shown by its number.
  await page.getByRole('heading', { name: 'Phishing <b>U+202Ewave</b>' }).waitFor();
  const incidentId = new URL(page.url()).pathname.split('/').at(-1) ?? '';
  expect(await world.client.readIncident(incidentId)).toMatchObject({
    severity: 'critical',
    createdBy: { kind: 'user' },
  });

  const fetch = await world.client.startFetch({ guids: [guid], incidentId, reason: 'for the lab' });
  await world.client.waitForAction(fetch.action.id);
  const order = { endpointIds: [agent.id], path, sha256, incidentId, reason: 'it drops' };
  const quarantine = await world.client.quarantineFile(order);
  await world.client.waitForAction(quarantine.id);
  expect(existsSync(path)).toBe(false);

  const timeline = page.getByRole('region', { name: 'Timeline' });
  const entries = timeline.getByRole('listitem').filter({ hasText: 'ordered by' });
  await entries.nth(1).getByText('Done: 1').waitFor();
  // An outcome comes before the end of its action.
  await entries.nth(1).getByText('Completed').waitFor();
  const [first = '', second = ''] = await entries.allTextContents();
  for (const part of ['Fetch files', 'Completed', 'Reason: for the lab', fetch.action.id]) {
    expect(first).toContain(part);
  }
  for (const part of ['Quarantine', 'local administrator', 'Completed', 'Reason: it drops', quarantine.id]) {
    expect(second).toContain(part);
  }
  expect(await timeline.getByText('Outcome reported').count()).toBe(2);
  expect(await timeline.getByText('Order sent').count()).toBe(0);
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, 'incident');
  await timeline.getByText('Everything on record').click();
  await timeline.getByText('Order sent').first().waitFor();

  await page.goto(`${world.server.url}/console/incidents?status=open&severity=critical`);
  await page.getByRole('gridcell', { name: 'Phishing <b>U+202Ewave</b>' }).waitFor();
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, 'incidents');
  await page.getByLabel('Status').selectOption({ label: 'All that are resolved' });
  await page.getByText('No incident is like that.').waitFor();
}, 240_000);

test('a team comments, adds what it saw, judges, holds and exports an incident', async () => {
  await using opened = await openConsole({ agents: 1 });
  const { world, page } = opened;
  const agent = world.agent(0);
  const path = agent.put('dropper.exe', bytes);
  await world.known(agent, path);
  const { incident } = await world.client.createIncident({ name: 'Phishing' });
  const whole = () => world.client.readIncident(incident.id);
  await page.goto(`${world.server.url}/console/incidents/${incident.id}`);

  await page.getByRole('link', { name: 'Comments' }).click();
  await page.getByLabel('Comment', { exact: true }).fill('seen before');
  await page.getByRole('button', { name: 'Add the comment' }).click();
  await page.getByRole('listitem').filter({ hasText: 'seen before' }).waitFor();
  expect((await whole()).comments).toMatchObject([{ text: 'seen before', author: { name: owner.email } }]);
  expect(await barriers(page)).toEqual([]);

  await page.getByRole('link', { name: 'Observed' }).click();
  const tabs = page.getByRole('navigation', { name: 'About the incident' });
  const current = tabs.locator('[aria-current=page]');
  expect(await current.allTextContents()).toEqual(['Observed 0']);
  await page.getByRole('button', { name: 'Add an endpoint or a file' }).click();
  await page.getByLabel('Endpoint').fill('no such machine');
  await page.getByLabel('Path of a file').fill(path);
  await page.getByRole('button', { name: 'Add it' }).click();
  await page.getByRole('alert').getByText('No endpoint is called “no such machine”').waitFor();
  await page.getByLabel('Endpoint').fill(agent.id);
  await page.getByRole('button', { name: 'Add it' }).click();
  await page.getByRole('table', { name: 'Files of the incident' }).getByText(sha256).waitFor();
  expect((await whole()).files).toMatchObject([{ endpointId: agent.id, path, sha256 }]);
  expect(await barriers(page)).toEqual([]);

  await page.getByRole('button', { name: 'Change' }).click();
  await page.getByLabel('Status').selectOption({ label: 'Resolved: it was one' });
  await page.getByLabel('What came of it').fill('one machine cleaned');
  await page.getByLabel('Severity, as you judge').selectOption({ label: 'Low' });
  await page.getByRole('button', { name: 'Keep the changes' }).click();
  await page.getByText('Resolved: it was one').first().waitFor();
  expect(await whole()).toMatchObject({
    ...{ status: 'resolved_true_positive', manualSeverity: 'low', resolveComment: 'one machine cleaned' },
  });

  await page.getByRole('button', { name: 'Set legal hold' }).click();
  await page.getByRole('dialog').getByLabel('Reason').fill('case 12');
  await page.getByRole('button', { name: 'Set the hold' }).click();
  await page.getByRole('note').getByText('On legal hold').waitFor();
  expect((await whole()).hold).toMatchObject({ reason: 'case 12' });
  await page.getByRole('button', { name: 'End legal hold' }).click();
  await page.getByRole('alertdialog').getByLabel('Reason').fill('case closed');
  await page.getByRole('button', { name: 'End the hold' }).click();
  await page.getByRole('button', { name: 'Set legal hold' }).waitFor();
  expect((await whole()).hold).toBeNull();

  await page.getByRole('button', { name: 'Export bundle' }).click();
  expect(await barriers(page)).toEqual([]);
  const [saved] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Export it' }).click(),
  ]);
  expect(saved.suggestedFilename()).toBe(`custody-incident-${incident.id}.zip`);
  const zip = readFileSync(await saved.path());
  expect(zip.subarray(0, 2).toString()).toBe('PK');
  expect(zip.includes('report.html')).toBe(true);

  await world.client.createUser({ ...vera, role: 'Viewer' });
  const theirs = await opened.openFor(vera, { colorScheme: 'dark', width: 390, height: 844 });
  await theirs.goto(`${world.server.url}/console/incidents/${incident.id}?tab=comments`);
  await theirs.getByText('Your role may read comments, and not write them.').waitFor();
  expect(await theirs.getByRole('button', { name: 'Set legal hold' }).getAttribute('aria-disabled')).toBe('true');
  expect(await barriers(theirs)).toEqual([]);
  await theirs.getByRole('link', { name: 'Timeline' }).click();
  await theirs.getByText('Incident changed').first().waitFor();
  expect(await barriers(theirs)).toEqual([]);
  await keepPicture(theirs, 'incident-narrow-dark');
}, 240_000);
