import { expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { logIn, openConsole, owner } from '#kit/console/console.ts';

/** What a phone on a bad line has in a few seconds. Bytes, as they go over the wire. */
const mostBytes = 250_000;

interface Loaded {
  readonly path: string;
  readonly bytes: number;
}

/** Every file of the console that a page loads from now on, by what came over the wire for it. */
async function watched(page: Page): Promise<readonly Loaded[]> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.clearBrowserCache');
  const asked = new Map<string, string>();
  const loaded: Loaded[] = [];
  session.on('Network.requestWillBeSent', ({ requestId, request }) => asked.set(requestId, request.url));
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const { pathname } = new URL(asked.get(requestId) ?? 'https://unknown.invalid/');
    if (pathname.startsWith('/console/')) {
      loaded.push({ path: pathname, bytes: encodedDataLength });
    }
  });
  return loaded;
}

test('the log-in and the Overview together load at most 250 kB, and what no page needs yet comes later', async () => {
  await using opened = await openConsole({ agents: 1 });
  const { client, server } = opened.world;
  // So that there is something for the chart to show.
  await client.startScan({ endpointIds: 'all' });
  const page = await opened.openFor(undefined);
  const loaded = await watched(page);
  await page.goto(`${server.url}/console/log-in`);
  await logIn(page, owner);
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  await page.getByRole('region', { name: 'The last 24 hours' }).getByRole('table').waitFor({ state: 'attached' });
  const bytes = loaded.reduce((sum, each) => sum + each.bytes, 0);
  const list = loaded.map((each) => `${each.bytes} ${each.path}`).join('\n');
  expect(loaded.length, list).toBeGreaterThan(3);
  expect(bytes, list).toBeLessThanOrEqual(mostBytes);
  const others = /(investigate|actions|endpoints|quarantine|incidents|evidence|approvals|audit|settings)-page/;
  expect(loaded.filter(({ path }) => others.test(path))).toEqual([]);
}, 240_000);
