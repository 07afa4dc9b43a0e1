import { expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { forgetOld } from '#agent/chores/forget-old.ts';
import { Journal } from '#agent/journal/journal.ts';
import { durableFiles } from '#agent/platform/durable-files.ts';
import { ServerClock } from '#agent/tasks/server-clock.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { Fs } from '#core/ports/fs.ts';
import { day, hour, type Milliseconds, second } from '#core/time.ts';
import { newTask } from './vault-world.ts';
import { VirtualClock } from './virtual-clock.ts';

const quiet = () => undefined;
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
const signed = { bytes: new Uint8Array(1), signature: new Uint8Array(64) };

/** An agent that has done one order, with a clock on the wall that a test sets. */
async function openWorld({ ahead: first = 0 }: { readonly ahead?: Milliseconds } = {}) {
  const directory = mkdtempSync(path.join(tmpdir(), 'custody-forget-'));
  const forgotten: string[] = [];
  const fs: Fs = {
    ...durableFiles,
    remove(file) {
      forgotten.push(path.basename(file));
      return durableFiles.remove(file);
    },
  };
  const { journal } = await Journal.open(fs, directory, log);
  const time = new VirtualClock();
  let ahead = first;
  const own: Clock = {
    now: () => time.now() + ahead,
    monotonic: () => time.monotonic(),
    schedule: (delay, call) => time.schedule(delay, call),
  };
  const clock = new ServerClock(own);
  const taskId = newTask();
  const entry = await journal.receive(taskId, time.now() + hour, signed);
  await journal.end(entry, signed);
  await journal.markRecorded(taskId);
  const stop = new AbortController();
  const chore = forgetOld(clock, journal, stop.signal);
  return {
    ...{ time, clock, forgotten, taskId },
    heard: () => clock.heard(time.now()),
    set: (by: Milliseconds) => {
      ahead = by;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await chore;
      rmSync(directory, { recursive: true });
    },
  };
}

test('an order that was done is not forgotten by a machine that starts with its clock a year ahead', async () => {
  await using world = await openWorld({ ahead: 365 * day });
  await world.time.pass(2 * hour);
  world.heard();
  await world.time.pass(2 * day);
  expect(world.forgotten).toEqual([]);
});

test('an order that was done is not forgotten because a clock is set a year ahead, the machine’s or the server’s', async () => {
  await using world = await openWorld();
  world.heard();
  world.set(365 * day);
  await world.time.pass(2 * day);
  expect(world.forgotten).toEqual([]);
  world.set(0);
  world.clock.heard(world.time.now() + 365 * day);
  await world.time.pass(2 * day);
  expect(world.forgotten).toEqual([]);
});

test('an order that was done is not forgotten because both clocks are a year ahead for an hour', async () => {
  await using world = await openWorld();
  world.heard();
  await world.time.pass(3.5 * hour);
  world.set(365 * day);
  world.clock.heard(world.time.now() + 365 * day);
  // Within it the chore looks.
  await world.time.pass(hour);
  world.set(0);
  world.heard();
  await world.time.pass(2 * day);
  expect(world.forgotten).toEqual([]);
});

test('an order that was done is forgotten a month after its deadline', async () => {
  await using world = await openWorld();
  for (let passed = 0; passed < 29; passed += 1) {
    world.heard();
    await world.time.pass(day);
  }
  expect(world.forgotten).toEqual([]);
  for (let passed = 0; passed < 3; passed += 1) {
    world.heard();
    await world.time.pass(day + second);
  }
  expect(world.forgotten).toEqual([world.taskId]);
});
