import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { startChromium } from '#kit/console/chromium.ts';
import { freePort } from '#kit/free-port.ts';
import { startServer } from '#kit/real-server.ts';
import { median, spread } from '../statistics.ts';

export interface ConsoleLoadOptions {
  /** How many rounds count, of each kind. */
  readonly rounds: number;
}

const owner = { email: 'owner@example.org', password: 'correct horse battery staple' };
const goal = 1_000;
const warmUpRounds = 2;

/** As much of a page as a browser must do to let somebody type: what it costs without any console. */
const bare =
  '<!doctype html><title>Bare</title><form><label>E-mail address <input type="email" /></label><h1>Overview</h1></form>';

/** From the address to a page that takes what is typed, with nothing kept from before, beside a page that is nothing but the form. */
export async function consoleLoad({ rounds }: ConsoleLoadOptions): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'custody-bench-'));
  const server = await startServer({
    ...{ data: directory, port: await freePort() },
    settings: { CUSTODY_ADMIN_EMAIL: owner.email, CUSTODY_ADMIN_PASSWORD: owner.password },
  });
  const plain = createServer((_, response) => response.setHeader('content-type', 'text/html').end(bare));
  const port = await freePort();
  plain.listen(port, '127.0.0.1');
  const browser = await startChromium();
  try {
    const times = { bare: [] as number[], logIn: [] as number[], overview: [] as number[] };
    for (let round = 0; round < warmUpRounds + rounds; round += 1) {
      const timed = {
        bare: await firstTyped(browser, `http://127.0.0.1:${port}/`),
        logIn: await firstTyped(browser, `${server.url}/console/log-in`),
        overview: await overviewShown(browser, server.url),
      };
      if (round >= warmUpRounds) {
        times.bare.push(timed.bare);
        times.logIn.push(timed.logIn);
        times.overview.push(timed.overview);
      }
    }
    return told(times, rounds);
  } finally {
    await browser.close();
    plain.close();
    await server.end('SIGTERM');
    await rm(directory, { recursive: true });
  }
}

function told(times: Readonly<Record<'bare' | 'logIn' | 'overview', readonly number[]>>, rounds: number): string {
  return [
    `from the address to the first letter typed, cold, ${rounds} rounds, on loopback`,
    `  a bare page     ${spread(times.bare)}`,
    `  the log-in      ${spread(times.logIn)}, ${(median(times.logIn) / median(times.bare)).toFixed(1)} times a bare page`,
    `  the Overview    ${spread(times.overview)}, shown whole for somebody who is logged in`,
    `goal: ${goal} ms, ${Math.max(median(times.logIn), median(times.overview)) <= goal ? 'met' : 'missed'}`,
  ].join('\n');
}

/** Nothing is kept from one round to the next. */
async function withPage<Result>(browser: Browser, use: (page: Page) => Promise<Result>): Promise<Result> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  try {
    return await use(await context.newPage());
  } finally {
    await context.close();
  }
}

function firstTyped(browser: Browser, address: string): Promise<number> {
  return withPage(browser, async (page) => {
    const began = performance.now();
    await page.goto(address, { waitUntil: 'commit' });
    await page.getByLabel('E-mail address').fill('a');
    return performance.now() - began;
  });
}

/** The session is opened beforehand; the files of the console are loaded for it as for the first time. */
function overviewShown(browser: Browser, url: string): Promise<number> {
  return withPage(browser, async (page) => {
    await page.goto(`${url}/console/mark.svg`);
    await page.request.post(`${url}/api/v1/sessions/browser`, { data: owner });
    const began = performance.now();
    await page.goto(`${url}/console/`, { waitUntil: 'commit' });
    await page.getByRole('region', { name: 'The last 24 hours' }).getByText('0 actions').waitFor();
    await page.getByRole('link', { name: 'Investigate' }).focus();
    return performance.now() - began;
  });
}
