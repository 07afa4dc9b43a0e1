import { expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { codeAt } from '#kit/authenticator.ts';
import { barriers } from '#kit/console/accessible.ts';
import { type ConsoleWorld, keepPicture, openConsole, owner } from '#kit/console/console.ts';
import { runProgram } from '#kit/program.ts';
import { until } from '#kit/until.ts';
import { isSigned, openReceiver } from '#kit/webhook-receiver.ts';

const sections = [
  ...['account', 'users', 'roles', 'keys', 'licence', 'lists'],
  ...['retention', 'webhooks', 'policy', 'emergency-stop', 'server'],
] as const;

type Section = (typeof sections)[number];

async function openSection({ world }: ConsoleWorld, page: Page, section: Section): Promise<void> {
  await page.goto(`${world.server.url}/console/settings/${section}`);
  await page.getByRole('navigation', { name: 'Settings' }).waitFor();
}

/** What a person copies. */
async function copied(page: Page, label: string): Promise<string> {
  return (await page.getByRole('region', { name: label, exact: true }).textContent()) ?? '';
}

const ben = { email: 'ben@example.org', password: 'a first password of ben' };

test('users, roles and keys are made, let somebody in, and shut them out again', async () => {
  await using opened = await openConsole({ agents: 0 });
  const { page, world } = opened;
  await openSection(opened, page, 'roles');
  await page.getByRole('button', { name: 'Make a role …' }).click();
  await page.getByLabel('Name of the role').fill('Night desk');
  for (const permission of ['See endpoints', 'See actions and how they went', 'Fetch files']) {
    await page.getByLabel(permission).check();
  }
  await page.getByRole('button', { name: 'Make the role' }).click();
  await page.getByText('The role Night desk is made.').waitFor();
  await page.getByText('Night desk 3 permissions').click();
  await keepPicture(page, 'settings-roles');

  await page.getByRole('link', { name: 'Users' }).click();
  await page.getByRole('button', { name: 'Add a user …' }).click();
  await page.getByLabel('E-mail address').fill(ben.email);
  await page.getByLabel('First password').fill(ben.password);
  await page.getByText('They must choose another one at the first log-in').click();
  await page.getByRole('combobox', { name: 'Role' }).selectOption('Night desk');
  await page.getByRole('button', { name: 'Add the user' }).click();
  await page.getByText(`${ben.email} can log in, as Night desk.`).waitFor();
  const his = await opened.openFor(ben);
  await openSection(opened, his, 'users');
  await his.getByText('Your role may not see this.').waitFor();
  expect(await his.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'API keys' }).count()).toBe(
    0,
  );
  await openSection(opened, his, 'emergency-stop');
  const refused = his.getByRole('button', { name: 'Engage the emergency stop …' });
  await refused.hover();
  // A pointer that was nowhere before is taken for a finger.
  await his.mouse.move(10, 10);
  await refused.hover();
  await his.getByText('Your role may not engage it.').waitFor();

  await page.getByRole('button', { name: `Manage ${ben.email}` }).click();
  await page.getByRole('menuitem', { name: 'Disable …' }).click();
  await keepPicture(page, 'settings-users');
  await page.getByRole('button', { name: 'Disable', exact: true }).click();
  await page.getByText(`${ben.email} cannot log in any more.`).waitFor();
  const again = await opened.openFor(undefined);
  await again.getByLabel('E-mail address').fill(ben.email);
  await again.getByLabel('Password').fill(ben.password);
  await again.getByRole('button', { name: 'Log in' }).click();
  await again.getByRole('alert').waitFor();
  expect((await world.client.listUsers()).items.find(({ email }) => email === ben.email)?.disabled).toBe(true);

  await page.getByRole('link', { name: 'API keys' }).click();
  for (const [level, path] of [
    ['standard', '/api/v1/me'],
    ['advanced', '/public_api/v1/endpoints/get_endpoints'],
  ] as const) {
    await page.getByRole('button', { name: 'Make a key …' }).click();
    await page.getByLabel('What it is for').fill(`SOAR, ${level}`);
    await page.getByLabel('Security level').selectOption(level);
    await page.getByRole('button', { name: 'Make the key' }).click();
    const dialog = page.getByRole('alertdialog', { name: 'The key is made' });
    await dialog.waitFor();
    await keepPicture(page, `settings-key-${level}`);
    // As somebody pastes it, beside the authority's file.
    const example = level === 'standard' ? 'Custody’s own API, with curl' : 'Cortex XDR API, signed, with curl';
    const command = await copied(page, example);
    expect(command).toContain(path);
    const cwd = join(world.server.data, 'tls');
    const said = await runProgram(['bash', '-e'], { input: command, cwd });
    expect({ level, said: said.out }).toEqual({
      level,
      said: expect.stringContaining(level === 'standard' ? '"role":"Responder"' : '{"reply": []}'),
    });
    await dialog.getByRole('button', { name: 'I have kept it' }).click();
  }
  const { items } = await world.client.listKeys();
  const first = items.find(({ level }) => level === 'standard');
  await page.getByRole('button', { name: `Delete … the key ${first?.id}` }).click();
  await page.getByRole('button', { name: 'Delete for good' }).click();
  await page.getByText(`The key ${first?.id} is deleted.`).waitFor();
  expect((await world.client.listKeys()).items).toHaveLength(1);
}, 240_000);

test('somebody changes their password, sets up a second factor, and ends their other sessions', async () => {
  await using opened = await openConsole({ agents: 0 });
  const { page, world } = opened;
  const other = await opened.openFor(owner);
  await openSection(opened, page, 'account');
  await page.getByRole('button', { name: /^End it: the session from/ }).click();
  await page.getByText('1 session is ended.').waitFor();
  await other.goto(`${world.server.url}/console/`);
  await other.getByRole('button', { name: 'Log in' }).waitFor();

  const changed = 'another password of the owner';
  await page.getByLabel('Password until now').fill(owner.password);
  await page.getByLabel('New password', { exact: true }).fill(changed);
  await page.getByLabel('New password again').fill('something else entirely');
  await page.getByRole('button', { name: 'Change the password' }).click();
  await page.getByText('The two new passwords are not the same.').waitFor();
  await page.getByLabel('New password again').fill(changed);
  await page.getByRole('button', { name: 'Change the password' }).click();
  await page.getByText('Your password is changed.').waitFor();

  await page.getByRole('button', { name: 'Set it up' }).click();
  const secret = await copied(page, 'Secret');
  const link = await page.getByRole('link', { name: 'Open the application on this device' }).getAttribute('href');
  expect(link).toStartWith('otpauth://totp/');
  await page.getByRole('img', { name: 'The secret, for the camera of the device' }).waitFor();
  await keepPicture(page, 'settings-second-factor');
  await page.getByLabel('Code', { exact: true }).fill(codeAt(secret, Date.now()));
  await page.getByRole('button', { name: 'Turn it on' }).click();
  const codes = (await copied(page, 'Recovery codes')).split('\n');
  await page.getByText('It is on: every log-in asks for a code.').waitFor();
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, 'settings-recovery-codes');

  const next = await opened.openFor(undefined);
  await next.getByLabel('E-mail address').fill(owner.email);
  await next.getByLabel('Password').fill(changed);
  await next.getByRole('button', { name: 'Log in' }).click();
  await next.getByLabel('Code').fill(codes[0] ?? '');
  await next.getByRole('button', { name: 'Log in' }).click();
  await next.getByRole('navigation', { name: 'Pages' }).waitFor();
  await openSection(opened, next, 'account');
  await next.getByText(`${codes.length - 1} recovery codes left`).waitFor();
}, 240_000);

test('hashes are listed, retention and lifetimes are set, and the fleet is stopped and let go on', async () => {
  await using opened = await openConsole({ agents: 1 });
  const { page, world } = opened;
  const agent = world.agent(0);
  const path = agent.put('bad.bin', 'bad bytes');
  await world.known(agent, path);
  const hash = createHash('sha256').update('bad bytes').digest('hex');

  await openSection(opened, page, 'emergency-stop');
  await page.getByRole('button', { name: 'Engage the emergency stop …' }).click();
  await page.getByLabel('Reason').fill('A system library was blocked.');
  await keepPicture(page, 'settings-emergency-stop');
  await page.getByRole('button', { name: 'Stop it now' }).click();
  await page.getByText('Engaged: nothing is taken and nothing is deleted.').waitFor();
  await page.getByText('The emergency stop is engaged by').waitFor();
  expect((await world.client.readEmergencyStop()).stop?.reason).toBe('A system library was blocked.');

  await openSection(opened, page, 'lists');
  await page.getByText('No hash is on it.').waitFor();
  await page.getByRole('button', { name: 'Block hashes …' }).click();
  await page.getByRole('textbox', { name: 'Hashes' }).fill(hash);
  await page.getByLabel('Comment').fill('seen on the till');
  await page.getByText('Quarantine the copies that are there already, too').click();
  await page.getByRole('button', { name: 'Block 1 hash' }).click();
  await page.getByText('1 copy on endpoints; 1 quarantine ordered.').waitFor();
  await page.getByRole('grid', { name: 'Block list' }).getByText('seen on the till').waitFor();
  // The stop holds it back, until it is released.
  await Bun.sleep(1_500);
  expect(await Bun.file(path).exists()).toBe(true);
  await openSection(opened, page, 'emergency-stop');
  await page.getByRole('button', { name: 'Release it …' }).click();
  await page.getByLabel('Reason').fill('It was another library.');
  await page.getByRole('button', { name: 'Let it go on' }).click();
  await page.getByText('Not engaged: everything goes its way.').waitFor();
  await until('the file is taken', async () => !(await Bun.file(path).exists()));

  await openSection(opened, page, 'lists');
  await page.getByRole('checkbox', { name: 'Choose this row' }).check();
  await page.getByRole('button', { name: 'Take 1 hash off …' }).click();
  await page.getByRole('button', { name: 'Take off', exact: true }).click();
  await page.getByText('1 hash taken off the block list.').waitFor();
  expect((await world.client.findListedHashes()).total).toBe(0);

  await openSection(opened, page, 'retention');
  await page.getByRole('button', { name: 'Change …' }).click();
  await page.getByRole('combobox', { name: 'Kept' }).selectOption('days');
  await page.getByRole('textbox', { name: 'Days' }).fill('90');
  await page.getByRole('button', { name: 'Change it' }).click();
  await page.getByText('What nobody has fetched for 90 days is deleted').waitFor();
  expect(await world.client.readRetention()).toEqual({ days: 90 });
  await page.getByLabel('Quarantine (hours)').fill('48');
  await page.getByRole('button', { name: 'Change 1 lifetime' }).click();
  await page.getByText('1 lifetime changed').waitFor();
  expect((await world.client.readLifetimes()).quarantine).toBe(172_800);
}, 240_000);

test('webhooks are made, tried, paused, and their dead letters are sent again', async () => {
  using receiver = openReceiver();
  const hosts = { CUSTODY_WEBHOOK_HOSTS: `127.0.0.1:${receiver.port}` };
  await using opened = await openConsole({ agents: 0, settings: hosts });
  const { page, world } = opened;
  await openSection(opened, page, 'webhooks');
  await page.getByText(`127.0.0.1:${receiver.port}`).waitFor();
  await page.getByRole('button', { name: 'Make a webhook …' }).click();
  await page.getByLabel('What it is for').fill('Chat');
  await page.getByLabel('Address').fill('https://elsewhere.example.org/');
  await page.getByLabel('How often an event is tried').fill('1');
  await page.getByRole('checkbox', { name: 'Blocked and allowed hashes' }).check();
  await page.getByRole('button', { name: 'Make the webhook' }).click();
  await page.getByRole('alert').filter({ hasText: 'CUSTODY_WEBHOOK_HOSTS' }).waitFor();
  await page.getByLabel('Address').fill(receiver.url);
  await page.getByRole('button', { name: 'Make the webhook' }).click();
  const secret = await copied(page, 'Secret of the webhook');
  await page.getByRole('button', { name: 'I have kept it' }).click();

  await page.getByRole('button', { name: 'Test' }).click();
  await page.getByText('Chat took the test').waitFor();
  const [message] = receiver.received;
  expect(message !== undefined && isSigned(message, secret, Date.now() / 1_000)).toBe(true);

  receiver.answer = () => new Response('No room', { status: 500 });
  await world.client.listHashes({ hashes: ['ab'.repeat(32)], list: 'block' });
  await page.getByRole('region', { name: 'Chat' }).getByText('Is not taken').waitFor({ timeout: 30_000 });
  await page.getByRole('button', { name: 'Dead letters' }).click();
  await page.getByRole('table', { name: 'Dead letters' }).getByText('500').waitFor();
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, 'settings-dead-letters');
  receiver.answer = () => new Response(null, { status: 204 });
  await page.getByRole('button', { name: 'Send all of them again' }).click();
  await page.getByText('There is none any more.').waitFor();
  expect(receiver.taken()).toHaveLength(2);
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByText('Chat is paused.').waitFor();
  expect((await world.client.listWebhooks()).items[0]?.paused).toBe(true);
}, 240_000);

test('every section can be used by everybody, in light and dark, wide and narrow, and says what was set at the start', async () => {
  const settings = { CUSTODY_RINGS: '2,20', CUSTODY_LICENSE: 'prevent', CUSTODY_STORE_RESERVE_MIB: '0' };
  await using opened = await openConsole({ agents: 0, settings });
  const { page } = opened;
  await opened.world.client.createKey({ role: 'Responder', level: 'standard', name: 'SOAR' });
  await opened.world.client.listHashes({ hashes: ['ab'.repeat(32)], list: 'block', comment: 'hostile \u202e name' });
  const dark = await opened.openFor(owner, { colorScheme: 'dark', width: 390 });
  for (const section of sections) {
    for (const [each, look] of [
      [page, 'wide'],
      [dark, 'narrow'],
    ] as const) {
      await openSection(opened, each, section);
      await each.getByRole('heading', { level: 2 }).first().waitFor();
      await until('everything is loaded', async () => (await each.getByText('Loading').count()) === 0);
      expect({ section, barriers: await barriers(each) }).toEqual({ section, barriers: [] });
      await keepPicture(each, `settings-${section}-${look}`);
    }
  }
  await openSection(opened, page, 'policy');
  const rings = page.getByRole('row').filter({ hasText: 'CUSTODY_RINGS' });
  expect(await rings.textContent()).toContain('2,20');
  expect(await rings.textContent()).toContain('the environment');
  await openSection(opened, page, 'licence');
  expect(await page.getByRole('listitem').filter({ hasText: 'Prevent' }).textContent()).toContain('On');
  expect(await page.getByRole('listitem').filter({ hasText: 'Host Insights' }).textContent()).toContain('Off');
  await openSection(opened, page, 'server');
  await page.getByRole('region', { name: 'Certificate' }).getByText('Custody authority').waitFor();
}, 240_000);
