import { expect, test } from 'bun:test';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  linkSync,
  openSync,
  readFileSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { quarantine } from '#agent/operations/quarantine.ts';
import { restore } from '#agent/operations/restore.ts';
import { until } from './until.ts';
import { hashOfFile, quarantineOf, restoreOf, sha256Of, vaultWorld } from './vault-world.ts';

/** A copy of sleep(1) that runs until the test ends. */
async function program(file: string): Promise<ChildProcess & Disposable> {
  copyFileSync('/bin/sleep', file);
  chmodSync(file, 0o755);
  return start(file);
}

async function start(file: string): Promise<ChildProcess & Disposable> {
  const child = spawn(file, ['1000'], { stdio: 'ignore' });
  await until(() => isRunning(child, file), 'the program runs');
  return Object.assign(child, { [Symbol.dispose]: () => void child.kill('SIGKILL') });
}

function isRunning({ pid }: ChildProcess, file: string): boolean {
  const exe = statSync(`/proc/${pid}/exe`, { throwIfNoEntry: false });
  return exe !== undefined && exe.ino === statSync(file).ino;
}

test('a program that runs is taken, and the end names the processes that still run it, with their start', async () => {
  using world = await vaultWorld();
  const file = path.join(world.files, 'program');
  const began = Date.now();
  using one = await program(file);
  using two = await start(file);
  const sha256 = hashOfFile(file);
  const ending = await quarantine(world.room, quarantineOf(file, sha256));
  expect(ending).toMatchObject({ outcome: 'done', effect: 'taken' });
  const running = ending.details.running ?? [];
  expect(running.map(({ pid }) => pid).toSorted()).toEqual([one.pid ?? 0, two.pid ?? 0].toSorted());
  for (const { startedAt } of running) {
    expect(Math.abs(startedAt - began)).toBeLessThan(10_000);
  }
  expect([one.exitCode, two.exitCode]).toEqual([null, null]);
  expect(await restore(world.room, restoreOf(sha256))).toMatchObject([{ outcome: 'done', losses: [] }]);
  expect(hashOfFile(file)).toBe(sha256);
});

test('another program with the same bytes, or under the same name before, is not named', async () => {
  using world = await vaultWorld();
  const [file, twin] = [path.join(world.files, 'program'), path.join(world.files, 'twin')];
  copyFileSync('/bin/sleep', file);
  using _ = await program(twin);
  expect((await quarantine(world.room, quarantineOf(file, hashOfFile(file)))).details).toEqual({});
});

test('a program can be put in the place of one that runs, by swap', async () => {
  using world = await vaultWorld();
  const file = path.join(world.files, 'program');
  writeFileSync(file, 'what was here before');
  await quarantine(world.room, quarantineOf(file, hashOfFile(file)));
  using child = await program(file);
  expect(() => openSync(file, 'r+')).toThrow('ETXTBSY');
  const endings = await restore(world.room, restoreOf(sha256Of('what was here before'), { ifOccupied: 'swap' }));
  expect(endings).toMatchObject([{ effect: 'returned' }, { effect: 'taken' }]);
  expect(endings[1]?.details.running?.map(({ pid }) => pid)).toEqual([child.pid ?? 0]);
  expect(readFileSync(file, 'utf8')).toBe('what was here before');
});

test('of one of three names of a file only that name goes; the end tells of the others, which are just as before', async () => {
  using world = await vaultWorld();
  const names = ['1', '2', '3'].map((name) => path.join(world.files, name));
  const [one = '', two = '', three = ''] = names;
  writeFileSync(one, 'linked');
  linkSync(one, two);
  linkSync(one, three);
  spawnSync('setfattr', ['-n', 'user.mark', '-v', 'here', one]);
  const shape = (file: string) => {
    const { ino, mode, uid, mtimeNs, size } = statSync(file, { bigint: true });
    const { stdout } = spawnSync('getfattr', ['-d', '--absolute-names', file]);
    return [ino, mode, uid, mtimeNs, size, stdout.toString().split('\n')[1], readFileSync(file, 'utf8')].map(String);
  };
  const before = shape(two);
  const ending = await quarantine(world.room, quarantineOf(one, sha256Of('linked')));
  expect(ending).toMatchObject({ outcome: 'done', details: { links: 3 } });
  expect([shape(two), shape(three)]).toEqual([before, before]);
  expect(statSync(two).nlink).toBe(2);
  expect(await quarantine(world.room, quarantineOf(one, sha256Of('linked')))).toMatchObject({
    outcome: 'already_done',
  });
});

test('a file that somebody keeps open for writing is taken when nothing is written, and else left', async () => {
  using world = await vaultWorld();
  const file = path.join(world.files, 'log');
  writeFileSync(file, 'a line\n');
  const writer = openSync(file, 'a');
  try {
    expect(await quarantine(world.room, quarantineOf(file, sha256Of('a line\n')))).toMatchObject({ outcome: 'done' });
    expect(await restore(world.room, restoreOf(sha256Of('a line\n')))).toMatchObject([{ outcome: 'done' }]);
  } finally {
    closeSync(writer);
  }
  const busy = openSync(file, 'a');
  let written = 0;
  const progress = () => {
    written += writeSync(busy, 'x');
  };
  const ending = await quarantine({ ...world.room, progress }, quarantineOf(file, sha256Of('a line\n')));
  closeSync(busy);
  expect(ending).toMatchObject({ outcome: 'interrupted', reason: 'changed_during_capture' });
  expect(readFileSync(file, 'utf8')).toBe(`a line\n${'x'.repeat(written)}`);
});
