import { Database } from 'bun:sqlite';
import { expect, test } from 'bun:test';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { custody, runProgram } from '#kit/program.ts';
import { openWorld, type World } from '#kit/world.ts';

const verdictSchema = z.object({
  events: z.number(),
  checkpoints: z.number(),
  finding: z.object({ kind: z.string(), sequence: z.number().nullable(), message: z.string() }).nullable(),
});

async function verify({ server }: World, ...more: readonly string[]) {
  const { code, out } = await runProgram([custody, 'verify', '--json', '--server-data', server.data, ...more]);
  return { code, ...verdictSchema.parse(JSON.parse(out)) };
}

async function keepCheckpoint({ server, directory }: World, name: string): Promise<string> {
  const { out } = await runProgram([custody, 'ledger', 'checkpoint', '--data', server.data]);
  const file = join(directory, name);
  writeFileSync(file, out);
  return file;
}

function tamper({ server }: World, ...statements: readonly string[]): void {
  const database = new Database(join(server.data, 'custody.sqlite'));
  for (const statement of statements) {
    database.run(statement);
  }
  database.close();
}

const forget = ['delete from ledger', 'delete from ledger_nodes'] as const;

test('the record of a server is verified while it runs; what was changed in it is named, whatever was done to hide it', async () => {
  await using world = await openWorld({ agents: 1 });
  const kept = await keepCheckpoint(world, 'kept.txt');
  const before = await verify(world, '--checkpoint', kept);
  expect(before).toMatchObject({ code: 0, finding: null });
  expect(before.events).toBeGreaterThan(3);

  await world.server.end('SIGTERM');
  const own = join(world.server.data, 'checkpoint.txt');
  expect(readFileSync(own, 'utf8')).toMatch(/^custody\/[0-9a-f]{16}\n\d+\n/);
  tamper(world, "update events set actor_name = 'nobody' where sequence = 2");
  expect(await verify(world)).toMatchObject({ code: 1, finding: { kind: 'altered_event', sequence: 2 } });

  // The server makes a new tree over what stands there, and its own checkpoint tells that it is another one.
  tamper(world, ...forget);
  await world.server.start();
  await world.server.end('SIGTERM');
  expect(await verify(world)).toMatchObject({ code: 1, finding: { kind: 'contradicts_checkpoint' } });

  // Whoever has the files too is found by what was kept elsewhere.
  rmSync(own);
  rmSync(join(world.server.data, 'checkpoint-contradicted.txt'));
  expect(await verify(world)).toMatchObject({ code: 0, finding: null, checkpoints: 0 });
  expect(await verify(world, '--checkpoint', kept)).toMatchObject({
    code: 1,
    finding: { kind: 'contradicts_checkpoint' },
  });
}, 60_000);

test('no command takes an empty database for the records of a server that has them elsewhere, nor makes one', async () => {
  await using world = await openWorld({ agents: 0 });
  const { data } = world.server;
  await world.server.end('SIGTERM');
  // As a server leaves it whose CUSTODY_STORE, a PostgreSQL, stood in its own environment.
  writeFileSync(join(data, 'records.json'), '{"v":1,"records":"postgres://db.example/custody"}\n');
  for (const name of readdirSync(data).filter((each) => each.startsWith('custody.sqlite'))) {
    rmSync(join(data, name));
  }
  for (const words of [
    ['verify', '--server-data', data],
    ['users', 'list', '--data', data],
    ['backup', join(world.directory, 'b.tar.gz'), '--data', data],
    ['server', 'rotate-evidence-key', '--data', data],
  ]) {
    const { code, err } = await runProgram([custody, ...words]);
    expect([words[0], code, err]).toEqual([
      words[0],
      1,
      expect.stringContaining('keeps its records in postgres://db.example/custody. Set CUSTODY_STORE'),
    ]);
  }
  expect(readdirSync(data).filter((each) => each.startsWith('custody.sqlite'))).toEqual([]);
}, 120_000);
