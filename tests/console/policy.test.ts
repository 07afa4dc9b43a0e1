import { expect, test } from 'bun:test';
import type { Page, Response } from 'playwright-core';
import { barriers } from '#kit/console/accessible.ts';
import { type ConsoleWorld, logIn, openConsole, owner } from '#kit/console/console.ts';
import { evaluate } from '#kit/console/evaluate.ts';

/** What a page of the console may not be brought to do by whatever is written into it. */
const attempts: Readonly<Record<string, string>> = {
  'run a script that is written into the page': `new Promise((resolve) => {
    const script = document.createElement('script');
    script.textContent = 'self.wasRun = true';
    document.body.append(script);
    resolve(self.wasRun === true);
  })`,
  'run the handler of an element': `new Promise((resolve) => {
    const image = document.createElement('img');
    image.setAttribute('onerror', 'self.wasRun = true');
    image.src = '/console/no-such-picture.png';
    document.body.append(image);
    setTimeout(() => resolve(self.wasRun === true), 500);
  })`,
  'turn text into mark-up': `document.createElement('p').innerHTML = '<b>bold</b>'`,
  'turn text into a program': `setTimeout('self.wasRun = true') && false`,
  'take a style from the page': `(() => {
    const style = document.createElement('style');
    style.textContent = 'body { opacity: 0.5 }';
    document.head.append(style);
    return getComputedStyle(document.body).opacity === '0.5';
  })()`,
  'ask another origin': `fetch('https://elsewhere.invalid/').then(() => true)`,
  'ask another port of this host': `fetch('https://127.0.0.1:1/').then(() => true)`,
  'load a picture from elsewhere': `new Promise((resolve) => {
    const image = new Image();
    image.onload = () => resolve(true);
    image.onerror = () => resolve(false);
    image.src = 'https://elsewhere.invalid/picture.png';
  })`,
  'frame a page': `new Promise((resolve) => {
    const frame = document.createElement('iframe');
    document.addEventListener('securitypolicyviolation', () => resolve(false), { once: true });
    frame.onload = () => resolve(frame.contentDocument !== null && frame.contentDocument.URL !== 'about:blank');
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
  for (const path of await everyPage(opened)) {
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

test('a page does nothing that is written into it', async () => {
  await using opened = await openConsole({ agents: 0 });
  // One of its own: what it is brought to try is objected to, which is the point.
  const context = await opened.browser.newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();
  await page.goto(`${opened.world.server.url}/console/`);
  await logIn(page, owner);
  for (const [what, program] of Object.entries(attempts)) {
    expect([what, await outcomeOf(page, program)]).toEqual([what, 'kept from it']);
  }
  expect(await evaluate(page, 'self.wasRun')).toBeUndefined();
  await context.close();
}, 240_000);

async function outcomeOf(page: Page, program: string): Promise<string> {
  try {
    return (await evaluate(page, program)) === true ? 'done' : 'kept from it';
  } catch {
    return 'kept from it';
  }
}

test('an address that no page has says so, and leads on', async () => {
  await using opened = await openConsole({ agents: 0 });
  const { page, world } = opened;
  await page.goto(`${world.server.url}/console/no/such/page`);
  await page.getByText('There is no such page.').waitFor();
  expect(await barriers(page)).toEqual([]);
}, 240_000);
