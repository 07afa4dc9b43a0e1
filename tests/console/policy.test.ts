import { expect, test } from 'bun:test';
import type { Page, Response } from 'playwright-core';
import { barriers } from '#kit/console/accessible.ts';
import { type ConsoleWorld, logIn, openConsole, owner } from '#kit/console/console.ts';
import { evaluate } from '#kit/console/evaluate.ts';

const elsewhere = 'https://elsewhere.invalid';

/** What a page of the console may not be brought to do by whatever is written into it: true where it did. */
const attempts: Readonly<Record<string, string>> = {
  'run a script that is written into the page': `(() => {
    const script = document.createElement('script');
    script.textContent = 'self.wasRun = true';
    document.body.append(script);
    return self.wasRun === true;
  })()`,
  'run the handler of an element': `new Promise((resolve) => {
    const image = document.createElement('img');
    image.setAttribute('onerror', 'self.wasRun = true');
    image.src = '/console/no-such-picture.png';
    document.body.append(image);
    setTimeout(() => resolve(self.wasRun === true), 1_000);
  })`,
  'turn text into mark-up': `(() => {
    const place = document.createElement('p');
    place.innerHTML = '<b>bold</b>';
    return place.children.length === 1;
  })()`,
  'turn text into a program': `new Promise((resolve) => {
    setTimeout('self.wasRun = true');
    setTimeout(() => resolve(self.wasRun === true), 1_000);
  })`,
  'take a style from the page': `(() => {
    const style = document.createElement('style');
    style.textContent = 'body { opacity: 0.5 }';
    document.head.append(style);
    return getComputedStyle(document.body).opacity === '0.5';
  })()`,
  'ask another origin': `fetch('${elsewhere}/').then(() => true)`,
  'ask another port of this host': `fetch('https://127.0.0.1:1/').then(() => true)`,
  'load a picture from elsewhere': `new Promise((resolve) => {
    const image = new Image();
    image.onload = () => resolve(true);
    image.onerror = () => resolve(false);
    image.src = '${elsewhere}/picture.svg';
  })`,
  'frame a page': `new Promise((resolve) => {
    const frame = document.createElement('iframe');
    frame.onload = () => resolve(frame.contentDocument?.getElementById('root') != null);
    document.addEventListener('securitypolicyviolation', () => resolve(false), { once: true });
    frame.src = '/console/';
    document.body.append(frame);
  })`,
};

const expectedHeaders: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

test('every page is drawn under the strict policy, breaks none of it, and asks nobody else', async () => {
  await using opened = await openConsole({ agents: 1 });
  const { page, world } = opened;
  const answers: Response[] = [];
  page.on('response', (answer) => answers.push(answer));
  const paths = await everyPage(opened);
  for (const path of paths) {
    await page.goto(`${world.server.url}/console${path}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.getByRole('status').filter({ hasText: 'Loading' }).first().waitFor({ state: 'detached' });
  }
  // What kept from happening, `openConsole` tells at its end.
  const ours = answers.filter((answer) => new URL(answer.url()).pathname.startsWith('/console/'));
  expect(ours.length).toBeGreaterThan(30);
  for (const answer of ours) {
    expect([answer.url(), await headersOf(answer)]).toEqual([answer.url(), expectedHeaders]);
  }
  const pages = ours.filter((answer) => answer.request().resourceType() === 'document');
  expect(pages.length).toBeGreaterThanOrEqual(paths.length);
  const nonces = await Promise.all(pages.map(async (answer) => /'nonce-([\w-]+)'/.exec(await policyOf(answer))?.[1]));
  expect(new Set(nonces).size).toBe(pages.length);
}, 240_000);

async function headersOf(answer: Response): Promise<Readonly<Record<string, string | undefined>>> {
  const headers = await answer.allHeaders();
  return Object.fromEntries(Object.keys(expectedHeaders).map((name) => [name, headers[name]]));
}

async function policyOf(answer: Response): Promise<string> {
  return (await answer.allHeaders())['content-security-policy'] ?? '';
}

/** Those that the navigation has, and of each kind of thing one. */
async function everyPage({ page, world }: ConsoleWorld): Promise<readonly string[]> {
  const agent = world.agent(0);
  const guid = await world.known(agent, agent.put('a.txt', 'a'));
  const { action } = await world.client.startFetch({ guids: [guid] });
  await world.client.waitForAction(action.id);
  const { incident } = await world.client.createIncident({ name: 'One', severity: 'low' });
  const { items: evidence } = await world.client.listEvidence({});
  const links = await page.getByRole('navigation', { name: 'Pages' }).getByRole('link').all();
  const named = await Promise.all(links.map(async (link) => (await link.getAttribute('href')) ?? ''));
  return [
    ...named.map((href) => href.replace('/console', '')),
    ...['/first-steps', `/files/${guid}`, `/actions/${action.id}`, `/endpoints/${agent.id}`],
    ...[`/incidents/${incident.id}`, `/evidence/${evidence[0]?.sha256}`],
  ];
}

test('a page does nothing that is written into it, all of which it would do without the policy', async () => {
  await using opened = await openConsole({ agents: 0 });
  expect(await outcomes(await openUnwatched(opened))).toEqual(
    Object.keys(attempts).map((what) => [what, 'kept from it']),
  );
  const bare = await openUnwatched(opened, withoutPolicy);
  expect(await outcomes(bare)).toEqual(Object.keys(attempts).map((what) => [what, 'done']));
}, 240_000);

/** One of its own: what it is brought to try is objected to, which is the point. Elsewhere there is somebody who answers everything. */
async function openUnwatched({ browser, world }: ConsoleWorld, before?: (page: Page) => Promise<void>): Promise<Page> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();
  for (const strange of [`${elsewhere}/**`, 'https://127.0.0.1:1/**']) {
    await page.route(strange, (route) =>
      route.fulfill({
        headers: { 'access-control-allow-origin': '*', 'content-type': 'image/svg+xml' },
        body: '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>',
      }),
    );
  }
  await before?.(page);
  await page.goto(`${world.server.url}/console/`);
  await logIn(page, owner);
  return page;
}

/** The same pages with no policy: what is tried on them succeeds. */
async function withoutPolicy(page: Page): Promise<void> {
  await page.route('**/console/**', async (route) => {
    if (!route.request().isNavigationRequest()) {
      return route.continue();
    }
    const response = await route.fetch();
    const { 'content-security-policy': _, 'x-frame-options': __, ...headers } = response.headers();
    await route.fulfill({ response, headers });
  });
}

async function outcomes(page: Page): Promise<readonly (readonly [string, string])[]> {
  const found: [string, string][] = [];
  for (const [what, program] of Object.entries(attempts)) {
    await evaluate(page, 'self.wasRun = undefined');
    const outcome = await outcomeOf(page, program);
    const wasRun = (await evaluate(page, 'self.wasRun')) === true;
    found.push([what, wasRun ? 'done' : outcome]);
  }
  return found;
}

async function outcomeOf(page: Page, program: string): Promise<string> {
  try {
    return (await evaluate(page, program)) === true ? 'done' : 'kept from it';
  } catch {
    return 'kept from it';
  }
}

/** What a page does that it may not, and how that is told. */
const objected: readonly (readonly [string, string])[] = [
  [`new Image().src = '${elsewhere}/picture.svg'`, 'said '],
  [`location.href = '${elsewhere}/'`, `asked ${elsewhere}/`],
  [`setTimeout(() => { throw new Error('nobody catches it') })`, 'threw Error: nobody catches it'],
];

test('whatever a page did that it may not ends its test with a failure, though that looked for nothing of the kind', async () => {
  let told = '';
  try {
    await using opened = await openConsole({ agents: 0 });
    for (const [program] of objected) {
      const page = await opened.openFor(undefined);
      await evaluate(page, `setTimeout(() => { ${program} }, 100); undefined`);
      await page.waitForTimeout(1_000);
    }
  } catch (failure) {
    told = String(failure);
  }
  for (const [, words] of objected) {
    expect(told).toContain(words);
  }
}, 240_000);

test('an address that no page has says so, and leads on', async () => {
  await using opened = await openConsole({ agents: 0 });
  const { page, world } = opened;
  await page.goto(`${world.server.url}/console/no/such/page`);
  await page.getByText('There is no such page.').waitFor();
  expect(await barriers(page)).toEqual([]);
}, 240_000);
