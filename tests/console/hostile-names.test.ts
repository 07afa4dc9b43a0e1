import { expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { barriers } from '#kit/console/accessible.ts';
import { keepPicture, openConsole, owner } from '#kit/console/console.ts';
import { evaluate } from '#kit/console/evaluate.ts';
import { hostileNames } from '#kit/hostile-names.ts';

const mostNames = 40;

/** Names that a disk takes, of every kind: each as it stands within a name that could be trusted. */
const names = hostileNames
  .filter((name) => /^report.*gpj\.exe$/su.test(name) && !/[\0/]/.test(name) && Buffer.byteLength(name) <= 240)
  .filter((name) => name.isWellFormed());

/** Nothing of this is in any text of a page: it would turn, hide or end what stands beside it. */
const unsafe =
  '[\\\\u0000-\\\\u0008\\\\u000b\\\\u000c\\\\u000e-\\\\u001f\\\\u007f-\\\\u009f\\\\u061c\\\\u200b\\\\u200e\\\\u200f\\\\u2028-\\\\u202e\\\\u2066-\\\\u2069\\\\ufeff]';

interface Seen {
  /** Texts that hold what they must not. */
  readonly texts: readonly string[];
  /** Elements that a name has become. */
  readonly elements: number;
  readonly wasRun: boolean;
}

async function seen(page: Page): Promise<Seen> {
  return (await evaluate(
    page,
    `(() => {
      const unsafe = new RegExp('${unsafe}', 'u');
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
      const texts = [];
      let elements = 0;
      for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
        if (node instanceof Text) {
          if (unsafe.test(node.data)) texts.push(node.data);
          continue;
        }
        for (const { name, value } of node.attributes) {
          if (unsafe.test(value)) texts.push(name + '=' + value);
          if (/^on/.test(name)) elements += 1;
        }
        if (/^(script|iframe|object|embed)$/i.test(node.tagName)) elements += 1;
        if (node.tagName === 'IMG' && !node.getAttribute('src').endsWith('mark.svg')) elements += 1;
        if (node.tagName === 'A' && !node.href.startsWith(location.origin)) elements += 1;
      }
      return { texts, elements, wasRun: self.wasRun === true };
    })()`,
  )) as Seen;
}

const harmless: Seen = { texts: [], elements: 0, wasRun: false };

test('names that are made to deceive are shown by what is in them, and do nothing, on every page', async () => {
  expect(names.length).toBeGreaterThan(30);
  await using opened = await openConsole({ agents: 1 });
  const { world } = opened;
  const { client, server } = world;
  const agent = world.agent(0);
  const chosen = names.slice(0, mostNames);
  for (const name of chosen) {
    agent.put(name, name);
  }
  const last = chosen.at(-1) ?? '';
  const guid = await world.known(agent, agent.path(last));
  const alias = 'web-<img src=x onerror="self.wasRun = true">';
  await client.renameEndpoints({ endpointIds: [agent.id], alias });
  const reason = `Asked by \u202enimda\u202c <script>self.wasRun = true</script>\u0007`;
  const paths = chosen.map((name) => agent.path(name));
  const fetched = await client.retrieveFiles({ endpointIds: [agent.id], paths, reason });
  await client.waitForAction(fetched.id);
  const failed = await client.retrieveFiles({ endpointIds: [agent.id], paths: [agent.path(`none-${last}`)], reason });
  await client.waitForAction(failed.id);

  const { page } = opened;
  const look = async (path: string, what: string) => {
    await page.goto(`${server.url}/console${path}`);
    if (path === '/investigate') {
      const query = page.locator('main input').first();
      await query.fill('report');
      await query.press('Enter');
    }
    await page.getByText(what).locator('visible=true').first().waitFor();
    expect([path, await seen(page)]).toEqual([path, harmless]);
    expect([path, await barriers(page)]).toEqual([path, []]);
    await keepPicture(page, `hostile-${path.split('/')[1] || 'overview'}`);
  };
  await look('/', 'Asked by');
  await look('/investigate', 'report');
  await look(`/files/${guid}`, 'report');
  await look('/actions', 'Fetch files');
  await look(`/actions/${fetched.id}`, 'report');
  await look(`/actions/${failed.id}`, 'none-report');
  await look('/endpoints', 'web-');
  await look(`/endpoints/${agent.id}`, 'web-');
  await look('/first-steps', 'report');
  await look('/evidence', 'report');

  // What cannot be shown stands there by its number.
  await page.goto(`${server.url}/console/`);
  await page.getByText('U+202E').first().waitFor();
  const other = await opened.openFor(owner, { width: 390 });
  await other.goto(`${server.url}/console/actions/${fetched.id}`);
  await other.getByText('report').first().waitFor();
  expect(await evaluate(other, 'document.documentElement.scrollWidth <= innerWidth')).toBe(true);
}, 240_000);

/** Turns what follows and rings; in an alphabet that is read from the right besides. */
const hostileHost = 'web\u202e\u0007\u05d0\u05d1<img src=x>';
/** The name of this machine, as its agent alone sees it. */
const underThatName = ['unshare', '--uts', 'sh', '-c', 'printf %s "$0" > /proc/sys/kernel/hostname && exec "$@"'];

test.skipIf(process.getuid?.() !== 0)(
  'a host that is called to deceive is shown by what is in its name, in dialogs and in notices too [needs root]',
  async () => {
    await using opened = await openConsole({ agents: 1, ofAgents: { under: [...underThatName, hostileHost] } });
    const { world, page } = opened;
    const { client, server } = world;
    const agent = world.agent(0);
    expect((await client.readEndpoint(agent.id)).hostName).toBe(hostileHost);
    const path = agent.put('report.pdf', 'a report');
    const guid = await world.known(agent, path);
    const look = async (what: string) => {
      expect([what, await seen(page)]).toEqual([what, harmless]);
      expect([what, await barriers(page)]).toEqual([what, []]);
    };
    /** Opens a dialog, looks, and leaves. */
    const ask = async (name: string) => {
      await page.getByRole('button', { name, exact: true }).click();
      const dialog = page.locator('.dialog');
      // The name is by itself: it moves nothing of the question around.
      await dialog.getByRole('heading').first().locator('bdi bdi, bdi').getByText('U+202E').first().waitFor();
      expect(await dialog.getByRole('heading').first().locator('bdi').last().textContent()).toContain('webU+202E');
      await look(name);
      await keepPicture(page, `hostile-host-${name.toLowerCase().replaceAll(' ', '-')}`);
      await dialog.getByRole('button', { name: 'Leave it' }).click();
    };
    await page.goto(`${server.url}/console/files/${guid}`);
    await ask('Download the file');
    await ask('Quarantine here');
    const taken = await client.quarantineFile({ endpointIds: [agent.id], path, sha256: null });
    await client.waitForAction(taken.id);
    await ask('Restore here');
    await page.goto(`${server.url}/console/actions/${taken.id}`);
    await page.getByRole('grid', { name: 'Outcomes' }).getByRole('gridcell', { name: 'Done' }).click();
    await page.locator('.dialog').getByText('U+202E').first().waitFor();
    await look('an outcome');

    // A notice: its vault holds a file, so that it is kept.
    await page.goto(`${server.url}/console/endpoints/${agent.id}`);
    await page.getByRole('button', { name: 'Revoke …' }).click();
    await page.getByRole('button', { name: 'Revoke for good' }).click();
    const notice = page.locator('.notice').filter({ hasText: 'is kept' });
    await notice.waitFor();
    expect(await notice.locator('bdi').first().textContent()).toContain('webU+202E');
    await look('a notice');
  },
  240_000,
);
