import { expect, test } from 'bun:test';
import { readFile } from 'node:fs/promises';
import { settings } from '#core/settings.ts';

test('The README names every setting with its flag, and no other.', async () => {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  const rows = [...readme.matchAll(/^\| `(CUSTODY_[A-Z0-9_]+)` \| `--([a-z0-9-]+) /gm)].map(([, name, flag]) => [
    name,
    flag,
  ]);
  expect(rows).toEqual(settings.map(({ name, flag }) => [name, flag]));
});
