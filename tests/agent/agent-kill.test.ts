import { expect, test } from 'bun:test';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { allRecords } from '#agent/vault/record.ts';
import { toFetch, toQuarantine, toRestore } from './parameters.ts';
import { agentWorld } from './running-agent.ts';
import { until } from './until.ts';
import { hashOfFile, pathOf, sha256Of } from './vault-world.ts';

const rounds = 8;
/** From an order's arrival to its report takes about so long on an idle machine. */
const longestLife = 350;

test('an agent that is killed at random moments loses no file and no action, and repeats no effect', async () => {
  await using world = await agentWorld();
  const { server, files } = world;
  world.start();
  for (let round = 0; round < rounds; round += 1) {
    const file = path.join(files, `file ${round}`);
    const bytes = Buffer.alloc(200_000, `round ${round} `);
    writeFileSync(file, bytes);
    const sha256 = sha256Of(bytes);

    await until(() => server.hellos.length > 0, 'the agent connects');
    const quarantined = server.give(server.makeOrder(toQuarantine(pathOf(file), sha256)));
    await cut(world);
    expect((await quarantined).files).toMatchObject([{ outcome: 'done', sha256 }]);
    expect(existsSync(file)).toBe(false);

    const restored = server.give(server.makeOrder(toRestore(sha256)));
    await cut(world);
    expect((await restored).files).toMatchObject([{ outcome: 'done', sha256 }]);
    expect(hashOfFile(file)).toBe(sha256);

    const fetched = server.give(server.makeOrder(toFetch(pathOf(file))));
    await cut(world);
    expect((await fetched).files).toMatchObject([{ outcome: 'done', sha256 }]);
    expect(server.evidence.stored.get(sha256)?.equals(bytes)).toBe(true);
  }
  expect(readdirSync(files).filter((name) => name.startsWith('.custody'))).toEqual([]);
  const vault = path.join(world.data, 'vault');
  expect(allRecords(vault).map(({ progress }) => progress.state)).toEqual(
    Array.from({ length: rounds }, () => 'restored'),
  );
  expect(readdirSync(vault).filter((name) => name.endsWith('.age') || name.endsWith('.part'))).toEqual([]);
  await until(() => readdirSync(path.join(world.data, 'spool')).length === 0, 'an empty spool');
}, 240_000);

async function cut(world: Awaited<ReturnType<typeof agentWorld>>): Promise<void> {
  await Bun.sleep(Math.random() * longestLife);
  await world.kill();
  world.start();
}

test('a child ends with its agent, so that two never work on one task', async () => {
  await using world = await agentWorld();
  const agent = world.start();
  await until(() => world.server.wholes > 0, 'the inventory’s child is at work');
  const children = childrenOf(agent.pid);
  expect(children.length).toBeGreaterThan(0);
  await world.kill();
  await until(() => children.every((pid) => !existsSync(`/proc/${pid}`)), 'the children are gone', 2_000);
}, 30_000);

function childrenOf(pid: number | undefined): readonly string[] {
  const { stdout } = Bun.spawnSync(['ps', '-o', 'pid=', '--ppid', String(pid)]);
  return stdout
    .toString()
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

test('settings of the runtime that somebody planted in the working directory are not loaded by a child', async () => {
  await using world = await agentWorld();
  const planted = path.join(world.base, 'planted');
  const marker = path.join(world.base, 'marker');
  mkdirSync(planted);
  writeFileSync(
    path.join(planted, 'preload.ts'),
    `require('node:fs').writeFileSync(${JSON.stringify(marker)}, 'run');`,
  );
  writeFileSync(path.join(planted, 'bunfig.toml'), 'preload = ["./preload.ts"]\n');
  writeFileSync(path.join(planted, '.env'), 'BUN_OPTIONS=--preload=./preload.ts\n');
  const control = Bun.spawnSync([process.execPath, '-e', '1'], { cwd: planted, env: {} });
  expect([control.exitCode, existsSync(marker)]).toEqual([0, true]);
  rmSync(marker);

  world.start(planted);
  writeFileSync(path.join(world.files, 'a'), 'a');
  const file = pathOf(path.join(world.files, 'a'));
  const taken = await world.server.run(toQuarantine(file, sha256Of('a')));
  expect(taken.files).toMatchObject([{ outcome: 'done' }]);
  await until(() => world.server.wholes > 0, 'the inventory’s child is at work');
  expect(existsSync(marker)).toBe(false);
}, 30_000);
