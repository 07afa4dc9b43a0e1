import { expect, test } from 'bun:test';
import { openConsole } from '#kit/console/console.ts';
import { evaluate } from '#kit/console/evaluate.ts';
import { until } from '#kit/until.ts';

test('what is typed in a form stays when others change what it shows', async () => {
  await using opened = await openConsole({ agents: 0 });
  const { page, world } = opened;
  await page.goto(`${world.server.url}/console/settings/retention`);
  const mine = page.getByLabel('Quarantine (hours)', { exact: true });
  await mine.fill('48');
  await world.client.changeLifetimes({ restore: 36_000 });
  await page.getByText('✓ Live').waitFor();
  await world.client.changeLifetimes({ restore: 72_000 });
  const theirs = page.getByLabel('Restore (hours)', { exact: true });
  await until('what others changed is shown', async () => (await theirs.inputValue()) === '20');
  expect(await mine.inputValue()).toBe('48');
  await page.getByRole('button', { name: 'Change 1 lifetime' }).click();
  await page.getByText('1 lifetime changed').waitFor();
  expect(await world.client.readLifetimes()).toMatchObject({ quarantine: 172_800, restore: 72_000 });
  await page.getByText('Change 0 lifetimes').waitFor();
}, 240_000);

/** Has one more letter typed at the moment at which the address takes what was typed before. */
const typeMeanwhile = `(() => {
  const field = document.activeElement;
  const take = history.replaceState;
  history.replaceState = function (...given) {
    take.apply(this, given);
    if (location.search === '?host=ab' && field.value === 'ab') {
      Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(field, 'abc');
      field.dispatchEvent(new Event('input', { bubbles: true }));
    }
  };
})()`;

test('letters that are typed while the address is catching up stay, and what is changed elsewhere comes into the field', async () => {
  await using opened = await openConsole({ agents: 0 });
  const { page, world } = opened;
  await page.goto(`${world.server.url}/console/endpoints`);
  const field = page.getByLabel('Host contains');
  await field.focus();
  await evaluate(page, typeMeanwhile);
  await page.keyboard.type('ab');
  const parameter = (value: string | null) => (url: URL) => url.searchParams.get('host') === value;
  await page.waitForURL(parameter('ab'));
  await page.waitForURL(parameter('abc'));
  expect(await field.inputValue()).toBe('abc');

  await page.getByRole('link', { name: 'Endpoints' }).click();
  await page.waitForURL(parameter(null));
  await until('the field is empty', async () => (await field.inputValue()) === '');
}, 240_000);
