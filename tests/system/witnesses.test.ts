import { Database } from 'bun:sqlite';
import { expect, test } from 'bun:test';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '#kit/until.ts';
import { openWorld } from '#kit/world.ts';

test('agents dispute a record that was rewritten while its server was down, even where the server’s own files were rewritten too', async () => {
  await using world = await openWorld({ agents: 2 });
  const seen = (index: number) => join(world.agent(index).data, 'witness.json');
  await until('both agents have seen the record', () =>
    [0, 1].every((index) => Bun.file(seen(index)).size > 0) ? true : undefined,
  );
  const before = readFileSync(seen(0), 'utf8');
  await world.server.end('SIGTERM');
  const database = new Database(join(world.server.data, 'custody.sqlite'));
  database.run("update events set actor_name = 'nobody' where sequence = 2");
  database.run('delete from ledger');
  database.run('delete from ledger_nodes');
  database.close();
  rmSync(join(world.server.data, 'checkpoint.txt'));
  await world.server.start();
  const disputed = await until('both agents dispute it', async () => {
    const { items } = await world.client.listEvents({ type: ['ledger_disputed'] });
    return items.length === 2 ? items : undefined;
  });
  const ids = world.agents.map((agent): string => agent.id);
  expect(disputed.map((event): string => event.endpointId ?? '').toSorted()).toEqual(ids.toSorted());
  expect(disputed[0]?.facts).toMatchObject({ why: expect.stringContaining('are not those that they were') });
  expect(readFileSync(seen(0), 'utf8')).toBe(before);
}, 60_000);
