import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { RealServer } from '../real-server.ts';
import { openWorld, type World, type WorldOptions } from '../world.ts';
import { startChromium } from './chromium.ts';

/** Whoever works in the console of a test. */
export interface Person {
  readonly email: string;
  readonly password: string;
}

/** The first user of a world's server: `Instance Administrator`. */
export const owner: Person = { email: 'owner@example.org', password: 'correct horse battery staple' };

/** A real server with real agents, and its console in a real browser. */
export interface ConsoleWorld extends AsyncDisposable {
  readonly world: World;
  readonly browser: Browser;
  /** The owner's page, logged in through the form as people do. */
  readonly page: Page;
  /** A browser of somebody else; `undefined` has not logged in. */
  openFor(person: Person | undefined, options?: PageOptions): Promise<Page>;
}

export interface PageOptions {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: 'light' | 'dark';
  /** Named zone; default: one that is never UTC. */
  readonly zone?: string;
}

/** What a page did that no page of the console may do. */
const objections = new WeakMap<Page, string[]>();

export async function openConsole(options: WorldOptions): Promise<ConsoleWorld> {
  const settings = {
    ...{ CUSTODY_ADMIN_EMAIL: owner.email, CUSTODY_ADMIN_PASSWORD: owner.password },
    ...options.settings,
  };
  const world = await openWorld({ ...options, settings });
  const pages: Page[] = [];
  let browser: Browser | undefined;
  const close = async () => {
    await browser?.close();
    await world[Symbol.asyncDispose]();
  };
  try {
    const started = await startChromium();
    browser = started;
    const openFor = async (person: Person | undefined, look: PageOptions = {}) => {
      const page = await newPage(await newContext(started, look), world.server);
      pages.push(page);
      if (person !== undefined) {
        await logIn(page, person);
      }
      return page;
    };
    const page = await openFor(owner);
    return {
      ...{ world, browser, page, openFor },
      async [Symbol.asyncDispose]() {
        const wrong = pages.flatMap((each) => objections.get(each) ?? []);
        await close();
        if (wrong.length > 0) {
          throw new Error(`The console did what it may not do:\n${wrong.join('\n')}`);
        }
      },
    };
  } catch (failure) {
    await close();
    throw failure;
  }
}

function newContext(browser: Browser, options: PageOptions): Promise<BrowserContext> {
  const { width = 1440, height = 900, colorScheme = 'light', zone = 'Asia/Kathmandu' } = options;
  return browser.newContext({
    // The server's authority is its own.
    ignoreHTTPSErrors: true,
    viewport: { width, height },
    ...{ colorScheme, timezoneId: zone, locale: 'en-GB', reducedMotion: 'reduce', acceptDownloads: true },
  });
}

/** Chromium says on the console what its policy kept from happening, and what no code caught. Refusals of the API are answers. */
async function newPage(context: BrowserContext, server: RealServer): Promise<Page> {
  const page = await context.newPage();
  const wrong: string[] = [];
  objections.set(page, wrong);
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== server.url) {
      wrong.push(`asked ${request.url()}`);
    }
  });
  page.on('pageerror', (error) => wrong.push(`threw ${error.stack ?? error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
      wrong.push(`said ${message.text()} at ${JSON.stringify(message.location())}`);
    }
  });
  page.setDefaultTimeout(40_000);
  await page.goto(`${server.url}/console/`);
  return page;
}

/** Through the form, as people do. */
export async function logIn(page: Page, { email, password }: Person): Promise<void> {
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
}

const artefacts = join(import.meta.dirname, '..', '..', '..', 'build', 'screenshots');

/** Keeps what a page looks like beside the build; nothing of it is committed. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  mkdirSync(artefacts, { recursive: true });
  await page.screenshot({ path: join(artefacts, `${name}.png`), fullPage: true });
}
