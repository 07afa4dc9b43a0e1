import { expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { codeAt } from '#kit/authenticator.ts';
import { barriers } from '#kit/console/accessible.ts';
import { type ConsoleWorld, keepPicture, logIn, openConsole, owner } from '#kit/console/console.ts';
import { evaluate } from '#kit/console/evaluate.ts';
import { clientId, clientSecret, TestProvider } from '#kit/oidc-provider.ts';

test('people log in, are told what was wrong, and come to the page that they wanted', async () => {
  await using opened = await openConsole({ agents: 0 });
  const { world } = opened;
  const page = await opened.openFor(undefined);
  await page.goto(`${world.server.url}/console/endpoints?group=offline`);
  await page.getByRole('button', { name: 'Log in' }).waitFor();
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, 'log-in');

  await page.getByLabel('E-mail address').fill(owner.email);
  await page.getByLabel('Password').fill('not the password');
  await page.getByRole('button', { name: 'Log in' }).click();
  expect(await page.getByRole('alert').textContent()).toContain('password');

  await logIn(page, owner);
  await page.getByRole('heading', { name: 'Endpoints' }).waitFor();
  // A script of the page cannot read the session.
  expect(await evaluate(page, 'document.cookie')).toBe('');
  const cookies = await page.context().cookies();
  expect(cookies.map(({ name, httpOnly, secure, sameSite }) => ({ name, httpOnly, secure, sameSite }))).toEqual([
    { name: '__Host-custody-session', httpOnly: true, secure: true, sameSite: 'Strict' },
  ]);

  await page.getByRole('button', { name: owner.email }).click();
  await page.getByRole('menuitem', { name: 'Log out' }).click();
  await page.getByRole('button', { name: 'Log in' }).waitFor();
  expect(await page.context().cookies()).toEqual([]);
}, 240_000);

const ana = { email: 'ana@example.org', password: 'an old password of Ana' };
const renewed = 'another password of hers';

/** Somebody with an authenticator, whose password has to be changed. @returns the secret of the one, and codes in place of the other */
async function openAna({ world }: ConsoleWorld) {
  await world.client.createUser({ ...ana, role: 'Responder' });
  const own = world.server.clientOf((await world.client.logIn(ana)).token);
  const { secret } = await own.prepareSecondFactor();
  const { recoveryCodes } = await own.confirmSecondFactor({ code: codeAt(secret, Date.now()) });
  await world.client.expirePassword({ email: ana.email });
  return { secret, recoveryCodes };
}

async function logOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: ana.email }).click();
  await page.getByRole('menuitem', { name: 'Log out' }).click();
  await page.getByRole('button', { name: 'Log in' }).waitFor();
}

test('a forced new password and a second factor are asked for in turn, and refused where they are wrong', async () => {
  await using opened = await openConsole({ agents: 0 });
  const { secret, recoveryCodes } = await openAna(opened);
  const page = await opened.openFor(undefined);
  const submit = () => page.getByRole('button', { name: 'Log in' }).click();
  await page.getByLabel('E-mail address').fill(ana.email);
  await page.getByLabel('Password').fill(ana.password);
  await submit();
  const newPassword = page.getByLabel('New password');
  await newPassword.fill('short');
  await submit();
  await page.getByText('A password has at least 12 characters.').waitFor();
  expect(await barriers(page)).toEqual([]);
  await newPassword.fill(renewed);
  await submit();
  const code = page.getByLabel('Code');
  await code.fill('000000');
  await submit();
  await page.getByRole('alert').waitFor();
  expect([await code.inputValue(), await code.count()]).toEqual(['', 1]);
  await keepPicture(page, 'log-in-code');
  expect(await barriers(page)).toEqual([]);
  // A code is good once, and the one of just now made the second factor.
  await code.fill(codeAt(secret, Date.now() + 30_000));
  await submit();
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
  await logOut(page);

  await page.getByLabel('E-mail address').fill(ana.email);
  await page.getByLabel('Password').fill(renewed);
  await submit();
  await code.fill(recoveryCodes[0] ?? '');
  await submit();
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
  const used = await opened.world.client.listEvents({ type: ['recovery_code_used'] });
  expect(used.items.map(({ actor }) => actor.name)).toEqual([ana.email]);
}, 240_000);

test('a log-in at the identity provider ends on the page of the console that was wanted', async () => {
  await using opened = await openConsole({ agents: 0 });
  const { server } = opened.world;
  await using provider = await TestProvider.open({
    redirectUri: `${server.url}/api/v1/sessions/provider/callback`,
    people: { ada: { email: 'ada@example.org', groups: ['soc'] } },
  });
  await server.end('SIGTERM');
  await server.start({
    ...{ CUSTODY_OIDC_ISSUER: provider.issuer, CUSTODY_OIDC_NAME: 'Acme', CUSTODY_OIDC_CLIENT_ID: clientId },
    ...{ CUSTODY_OIDC_CLIENT_SECRET: clientSecret, CUSTODY_OIDC_ROLES: '[{"group":"soc","role":"Responder"}]' },
    ...{ CUSTODY_OIDC_SCOPES: 'openid email groups' },
  });
  // The provider is another site, which a page of the console never asks by itself.
  const context = await opened.browser.newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();
  await page.goto(`${server.url}/console/endpoints?presence=lost`);
  await page.getByRole('link', { name: 'Log in with Acme' }).click();
  await page.getByPlaceholder('Enter any login').fill('ada');
  await page.getByPlaceholder('and password').fill('any');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('heading', { name: 'Endpoints' }).waitFor();
  expect(page.url()).toBe(`${server.url}/console/endpoints?presence=lost`);
  await page.getByRole('button', { name: 'ada@example.org' }).waitFor();
  expect(
    (await context.cookies(server.url))
      .filter(({ name }) => name.startsWith('__Host-'))
      .map(({ name, sameSite }) => [name, sameSite]),
  ).toEqual([['__Host-custody-session', 'Strict']]);
  await context.close();
}, 240_000);
