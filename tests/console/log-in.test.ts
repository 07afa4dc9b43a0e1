import { expect, test } from 'bun:test';
import { barriers } from '#kit/console/accessible.ts';
import { keepPicture, logIn, openConsole, owner } from '#kit/console/console.ts';
import { evaluate } from '#kit/console/evaluate.ts';

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
}, 90_000);
