import { expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { openConsole, owner } from '#kit/console/console.ts';
import { evaluate } from '#kit/console/evaluate.ts';
import { until } from '#kit/until.ts';

const paper = { light: 'rgb(244, 246, 246)', dark: 'rgb(16, 23, 22)' } as const;

type Look = keyof typeof paper;

async function looks(page: Page, look: Look): Promise<void> {
  await until(`the page is ${look}`, async () => {
    const theme = await evaluate(page, 'document.documentElement.dataset.theme');
    return theme === look && (await evaluate(page, 'getComputedStyle(document.body).backgroundColor')) === paper[look];
  });
}

/** What the page was like when its first style came. */
const noted = `new MutationObserver(() => {
  if (document.styleSheets.length > 0) {
    self.firstLook ??= document.documentElement.dataset.theme ?? 'none';
  }
}).observe(document, { childList: true, subtree: true })`;

test('the console has the colours of the system, and follows it, until somebody chooses others', async () => {
  await using opened = await openConsole({ agents: 0 });
  const page = await opened.openFor(owner, { colorScheme: 'dark' });
  await looks(page, 'dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await looks(page, 'light');

  await page.getByRole('button', { name: owner.email }).click();
  await page.getByRole('menuitem', { name: 'Colours: system' }).click();
  await looks(page, 'dark');
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.emulateMedia({ colorScheme: 'light' });
  await looks(page, 'dark');
  await page.addInitScript(noted);
  await page.reload();
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
  await looks(page, 'dark');
  // Nothing was drawn in other colours before.
  expect(await evaluate(page, 'self.firstLook')).toBe('dark');

  await page.getByRole('button', { name: owner.email }).click();
  await page.getByRole('menuitem', { name: 'Colours: dark' }).click();
  await looks(page, 'light');
  await page.getByRole('button', { name: owner.email }).click();
  await page.getByRole('menuitem', { name: 'Colours: light' }).click();
  await page.emulateMedia({ colorScheme: 'dark' });
  await looks(page, 'dark');
  // Who has chosen nothing has the system's before anything is drawn, too.
  await page.reload();
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
  expect(await evaluate(page, 'self.firstLook')).toBe('dark');
}, 240_000);
