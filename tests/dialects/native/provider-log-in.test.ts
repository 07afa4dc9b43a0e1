import { describe, expect, test } from 'bun:test';
import { logIn, openProviderWorld, site } from './provider-world.ts';

const ada = { email: 'Ada@example.org', email_verified: true, groups: ['everyone', 'soc'] };

describe('A log-in through the provider', () => {
  test('opens a session of both APIs', async () => {
    await using world = await openProviderWorld({ people: { ada } });
    const browser = world.newBrowser();
    const page = await logIn(browser, 'ada');
    console.log(page, world.logged);
    expect(page.status).toBe(200);
    expect(page.url.href).toBe(`${site}/app.html`);
    console.log(await world.events());
  });
});
