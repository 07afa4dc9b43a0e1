import { describe, expect, test } from 'bun:test';
import { minute } from '#core/time.ts';
import {
  ask,
  attemptCookie,
  begin,
  challenge,
  handle,
  logIn,
  logInForCommandLine,
  openProviderWorld,
  refusals,
  site,
  trade,
} from './provider-world.ts';

const ada = { email: 'ada@example.org', groups: ['soc'] };

describe('A log-in for a command line', () => {
  test('ends in a page that a person must go on from, and in a session for whoever began it', async () => {
    await using world = await openProviderWorld({ people: { ada } });
    const browser = world.newBrowser();
    const { code, page } = await logInForCommandLine(browser, 'ada');
    expect(page.status).toBe(200);
    expect(page.text).toContain('You are ada@example.org.');
    expect(page.text).toContain(`It shows: ${challenge.slice(0, 8)}`);
    expect(page.text).toContain(`href="http://127.0.0.1:4711/?code=${code}&amp;handle=${handle}"`);
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    expect(browser.cookie(site, 'JSESSIONID')).toBeUndefined();
    expect(browser.cookie(site, attemptCookie)).toBeUndefined();
    const traded = await trade(world, { code });
    expect(traded.status).toBe(201);
    const session = (await traded.json()) as { readonly token: string };
    expect(session).toMatchObject({ user: { email: 'ada@example.org', identity: { subject: 'ada' } } });
    const request = new Request(`${site}/api/v1/me`, { headers: { authorization: `Bearer ${session.token}` } });
    const me = await world.native.handle(request, { remoteAddress: '192.0.2.1', local: false });
    expect(await me.json()).toMatchObject({ name: 'ada@example.org', role: 'Responder' });
    expect((await world.events()).map(({ type }) => type)).toEqual(['user_created', 'logged_in']);
  });

  test('is good once, by rivals too', async () => {
    await using world = await openProviderWorld({ people: { ada } });
    const { code } = await logInForCommandLine(world.newBrowser(), 'ada');
    const traded = await Promise.all([1, 2, 3].map(() => trade(world, { code })));
    expect(traded.map(({ status }) => status).toSorted()).toEqual([201, 401, 401]);
  });

  test('is good for a minute, and for nobody who has only seen the code', async () => {
    await using world = await openProviderWorld({ people: { ada } });
    const { code } = await logInForCommandLine(world.newBrowser(), 'ada');
    const attempt = (await ask(world, begin)).headers.get('set-cookie')?.split(/[=;]/)[1] ?? '';
    const wrong = [{ code, verifier: 'w'.repeat(43) }, { code: attempt }, { code: 'AAAA' }, { code: '' }];
    for (const body of wrong) {
      expect((await trade(world, body)).status).toBe(401);
    }
    world.ports.clock.advance(minute);
    expect((await trade(world, { code })).status).toBe(401);
    expect(await refusals(world)).toEqual([...wrong, code].map(() => 'hand_over_refused'));
  });

  test('is refused to who may not come in', async () => {
    await using world = await openProviderWorld({ people: { ada: { ...ada, groups: [] } } });
    const { code, page } = await logInForCommandLine(world.newBrowser(), 'ada');
    expect([page.status, code]).toEqual([403, '']);
  });

  test('is begun with all that it needs, and a port', async () => {
    await using world = await openProviderWorld({ people: { ada } });
    const whole = { port: '4711', challenge, handle };
    for (const query of [
      { ...whole, port: '0' },
      { ...whole, port: '65536' },
      { ...whole, port: '127.0.0.1' },
      { ...whole, port: '4711@evil.test' },
      { ...whole, challenge: 'short' },
      { ...whole, returnTo: '/' },
      { port: '4711' },
      { challenge, handle },
    ]) {
      const refused = await ask(world, `${begin}?${new URLSearchParams(query)}`);
      expect([query, refused.status]).toEqual([query, 400]);
    }
    expect((await logIn(world.newBrowser(), 'ada')).status).toBe(200);
  });
});
