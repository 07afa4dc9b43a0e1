import { expect, test } from 'bun:test';
import { enrolMachine, fileFacts, inventory, sha256Of } from '#kit/fleet.ts';
import { openCommands } from './command-world.ts';

const evil = new TextEncoder().encode('evil bytes');
const sha256 = sha256Of(evil);
const emptyFile = 'd41d8cd98f00b204e9800998ecf8427e';

async function openFleet() {
  const world = await openCommands();
  const endpoint = await enrolMachine(world.ports);
  await inventory(world.ports, endpoint, [fileFacts('/srv/evil.bin', evil)]);
  const data = ['--data', world.directory];
  return { world, run: (...words: readonly string[]) => world.run(['hash', ...words, ...data]) };
}

test('a hash is blocked, shown, allowed and forgotten', async () => {
  const { world, run } = await openFleet();
  await using _ = world;
  const blocked = await run('block', sha256.toUpperCase(), '--comment', 'seen in April');
  expect(blocked.code).toBe(0);
  expect(blocked.err).toContain('1 files have these hashes now; nothing happens to them');
  expect((await run('list')).out).toMatch(new RegExp(`${sha256} +block +(true|yes).*seen in April`));
  expect((await run('allow', sha256)).code).toBe(0);
  expect(await world.json(['hash', 'list', '--list', 'allow'])).toMatchObject({ items: [{ hash: sha256 }], total: 1 });
  expect((await run('forget', sha256, emptyFile)).err).toContain('1 of 2 were on a list.');
  expect(await world.json(['hash', 'list'])).toMatchObject({ total: 0 });
});

test('a refused hash is a failure, although the others are on the list', async () => {
  const { world, run } = await openFleet();
  await using _ = world;
  const { code, out, err } = await run('block', emptyFile, sha256);
  expect(code).toBe(1);
  expect(out).toContain(sha256);
  expect(err).toContain('is the hash of the empty file');
  expect(err).toContain('1 of 2 hashes were refused');
});

test('copies that are there go into the vault when that is asked for, and the orders are named', async () => {
  const { world, run } = await openFleet();
  await using _ = world;
  const { err } = await run('block', sha256, '--existing');
  const listing = (await world.json(['action', 'list'])) as { items: readonly { id: string; verb: string }[] };
  expect(listing.items).toMatchObject([{ verb: 'quarantine' }]);
  expect(err).toContain(`their quarantine is ordered: ${listing.items[0]?.id}`);
});
