import { expect, test } from 'bun:test';
import { ChangeQueue } from '#agent/inventory/change-queue.ts';
import { displayPath } from '#core/file/file-path.ts';
import { pathOf } from './vault-world.ts';
import { VirtualClock } from './virtual-clock.ts';

/** A queue whose time the test makes pass, and what it said was to be looked at, and when. */
function changeQueue() {
  const clock = new VirtualClock();
  const started = clock.monotonic();
  const looks: [number, string][] = [];
  let overflows = 0;
  const queue = new ChangeQueue({
    clock,
    directoryOf: (watch) => (watch === 1 ? pathOf('/d') : undefined),
    look: (paths) =>
      looks.push(...paths.map((path): [number, string] => [clock.monotonic() - started, displayPath(path)])),
    overflowed: () => {
      overflows += 1;
    },
  });
  const change = (name: string, { watch = 1, isUnderWay = false } = {}) =>
    queue.add([{ watch, name: Buffer.from(name), isUnderWay }]);
  return { clock, queue, looks, change, overflows: () => overflows };
}

test('many changes of one file are one look, and the directory itself is looked at by its own path', async () => {
  const { clock, looks, change } = changeQueue();
  for (const name of ['a', 'a', '', 'a']) {
    change(name);
  }
  await clock.pass(1_000);
  expect(looks.map(([, path]) => path)).toEqual(['/d/a', '/d']);
});

test('a file that is still being written waits longer, until it is closed', async () => {
  const { clock, looks, change } = changeQueue();
  change('open', { isUnderWay: true });
  change('closed', { isUnderWay: true });
  change('closed');
  await clock.pass(900);
  expect(looks.map(([, path]) => path)).toEqual(['/d/closed']);
  await clock.pass(200);
  expect(looks.map(([, path]) => path)).toEqual(['/d/closed', '/d/open']);
});

test('a file that changes all the time is looked at less and less often, but always within five seconds', async () => {
  const { clock, looks, change } = changeQueue();
  for (let step = 0; step < 600; step += 1) {
    change('log');
    await clock.pass(100);
  }
  const times = looks.map(([at]) => at);
  const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
  expect(looks.length).toBeLessThan(25);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(5_000);
  change('other');
  await clock.pass(300);
  expect(looks.at(-1)?.[1]).toBe('/d/other');
});

test('a file that has been quiet is looked at soon again', async () => {
  const { clock, looks, change } = changeQueue();
  for (let step = 0; step < 100; step += 1) {
    change('log');
    await clock.pass(100);
  }
  await clock.pass(60_000);
  const before = looks.length;
  change('log');
  await clock.pass(300);
  expect(looks).toHaveLength(before + 1);
});

test('changes in a directory that is no longer, or not yet, listed are nobody’s', async () => {
  const { clock, looks, change } = changeQueue();
  change('a', { watch: 2 });
  await clock.pass(1_000);
  expect(looks).toEqual([]);
});

test('too many to look at one by one are an overflow, and none of them is kept', async () => {
  const { clock, looks, queue, overflows } = changeQueue();
  const changes = Array.from({ length: 20_001 }, (_, number) => ({
    watch: 1,
    name: Buffer.from(`f${number}`),
    isUnderWay: false,
  }));
  queue.add(changes);
  await clock.pass(10_000);
  expect(overflows()).toBe(1);
  expect(looks).toEqual([]);
});
