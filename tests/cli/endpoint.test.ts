import { expect, test } from 'bun:test';
import { enrolMachine } from '#kit/fleet.ts';
import { openCommands } from './command-world.ts';

const nobody = '0'.repeat(32);

async function openFleet() {
  const world = await openCommands();
  const { id } = await enrolMachine(world.ports);
  const data = ['--data', world.directory];
  const shown = () => world.json(['endpoint', 'show', id]);
  return { world, id, shown, run: (...words: readonly string[]) => world.run(['endpoint', ...words, ...data]) };
}

test('an endpoint is renamed and tagged', async () => {
  const { world, id, shown, run } = await openFleet();
  await using _ = world;
  expect(await run('rename', id, 'The web server')).toMatchObject({ code: 0, out: `${id}\n` });
  expect((await run('tag', id, '--add', 'vip', 'eu')).code).toBe(0);
  expect(await shown()).toMatchObject({ alias: 'The web server', tags: ['vip', 'eu'] });
  expect((await run('tag', id, '--remove', 'vip', '--add', 'db')).code).toBe(0);
  expect((await run('rename', id, '')).code).toBe(0);
  expect(await shown()).toMatchObject({ alias: '', tags: ['eu', 'db'] });
  expect((await run('rename', id, 'a\nb')).code).toBe(2);
  expect((await run('tag', id, '--add', '')).code).toBe(2);
  expect(await shown()).toMatchObject({ alias: '', tags: ['eu', 'db'] });
});

test('an endpoint is archived and brought back', async () => {
  const { world, id, shown, run } = await openFleet();
  await using _ = world;
  expect((await run('archive', id, '--reason', 'in the cupboard')).code).toBe(0);
  expect(await shown()).toMatchObject({ archivedAt: expect.any(String) });
  const kept = await world.ports.store.read(({ endpoints }) => endpoints.byIds([id]));
  expect(kept).toMatchObject([{ archiveReason: 'in the cupboard' }]);
  expect((await run('unarchive', id)).code).toBe(0);
  expect(await shown()).toMatchObject({ archivedAt: null });
});

test('an unknown endpoint is a failure, alone and among others, of whom the change is told', async () => {
  const { world, id, shown, run } = await openFleet();
  await using _ = world;
  for (const words of [
    ['rename', nobody, 'a'],
    ['tag', nobody, '--add', 'a'],
    ['archive', nobody],
    ['unarchive', nobody],
  ]) {
    expect((await run(...words)).code).toBe(1);
  }
  const { code, out, err } = await run('tag', nobody, id, '--add', 'vip');
  expect(code).toBe(1);
  expect(out).toBe(`${id}\n`);
  expect(err).toContain(nobody);
  expect(await shown()).toMatchObject({ tags: ['vip'] });
});
