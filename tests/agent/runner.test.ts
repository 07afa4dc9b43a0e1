import { expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Journal } from '#agent/journal/journal.ts';
import { durableFiles } from '#agent/platform/durable-files.ts';
import { Halt } from '#agent/tasks/halt.ts';
import { Lane } from '#agent/tasks/lane.ts';
import { Abandoned, Paused } from '#agent/tasks/perform.ts';
import { type Run, TaskRunner } from '#agent/tasks/runner.ts';
import { ServerClock } from '#agent/tasks/server-clock.ts';
import { actionIdSchema, type TaskId } from '#core/action/action-id.ts';
import { endpointIdSchema } from '#core/endpoint/endpoint-id.ts';
import type { Fs } from '#core/ports/fs.ts';
import type { Log } from '#core/ports/log.ts';
import { day, hour, minute, second } from '#core/time.ts';
import { decode, encode } from '#wire/codec.ts';
import type { Order } from '#wire/order.ts';
import { type ReportedFile, reportSchema } from '#wire/report.ts';
import { newKeyPair, readPrivateKey } from '#wire/signature.ts';
import { until } from './until.ts';
import { newTask, sha256Of } from './vault-world.ts';
import { VirtualClock } from './virtual-clock.ts';

const quiet = () => undefined;
const log: Log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
const deviceKey = readPrivateKey(newKeyPair().privatePem).key;
const done: ReportedFile = {
  ...{
    ordinal: 0,
    outcome: 'done',
    reason: null,
    message: '',
    path: null,
    sha256: null,
    size: null,
    vaultObject: null,
    effect: null,
  },
  losses: [],
  details: {},
};

/** A runner whose work the test ends by hand. */
async function runnerWorld(ahead?: number) {
  const directory = mkdtempSync(path.join(tmpdir(), 'custody-runner-'));
  const disk = { refuses: (_file: string): boolean => false };
  const full = () => Promise.reject(new Error('ENOSPC: no space left on device'));
  const files: Fs = {
    ...durableFiles,
    replace: (file, bytes) => (disk.refuses(file) ? full() : durableFiles.replace(file, bytes)),
  };
  const { journal } = await Journal.open(files, directory, log);
  const clock = new VirtualClock();
  await clock.pass(10 * day);
  const serverClock = new ServerClock(clock, ahead === undefined ? undefined : { ahead, heardAt: undefined });
  if (ahead === undefined) {
    serverClock.heard(clock.now());
  }
  const performed: TaskId[] = [];
  const finish = new Map<TaskId, (files: ReportedFile[]) => void>();
  const fail = new Map<TaskId, (thrown: Error) => void>();
  const reported: TaskId[] = [];
  const stop = new AbortController();
  const lane = new Lane(1);
  const halt = await Halt.open(durableFiles, path.join(directory, 'halt.json'), log);
  const runs: Run[] = [];
  const runner = new TaskRunner({
    ...{ journal, clock: serverClock, log, deviceKey, signal: stop.signal, halt },
    laneOf: () => lane,
    perform(order, run) {
      performed.push(order.taskId);
      runs.push(run);
      const { promise, resolve, reject } = Promise.withResolvers<ReportedFile[]>();
      finish.set(order.taskId, resolve);
      fail.set(order.taskId, reject);
      return promise;
    },
    reported: (taskId) => void reported.push(taskId),
  });
  const give = async (overrides: Partial<Order> = {}) => {
    const now = clock.now();
    const order: Order = {
      v: 1,
      endpointId: endpointIdSchema.parse('a'.repeat(32)),
      actionId: actionIdSchema.parse('1'),
      taskId: newTask(),
      parameters: { verb: 'restore', sha256: sha256Of('x'), vaultObject: null, to: null, ifOccupied: 'fail' },
      ...{ issuedAt: now, notBefore: now, deadline: now + minute },
      ...overrides,
    };
    const signed = { bytes: encode(order), signature: new Uint8Array(64) };
    const entry = await journal.receive(order.taskId, order.deadline, signed);
    runner.start(entry);
    await runner.forestall(entry);
    return order.taskId;
  };
  const undo = (taskId: TaskId) =>
    give({ parameters: { verb: 'undo', actionId: actionIdSchema.parse('7'), taskId, ifOccupied: 'fail' } });
  const outcomeOf = async (taskId: TaskId) => {
    await until(() => reported.includes(taskId), 'the task is reported');
    const report = await journal.report(taskId);
    return report && decode(report.bytes, reportSchema).files.map(({ outcome }) => outcome);
  };
  return {
    ...{
      runner,
      runs,
      halt,
      journal,
      clock,
      serverClock,
      performed,
      finish,
      fail,
      reported,
      stop,
      give,
      undo,
      outcomeOf,
      directory,
      disk,
    },
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
}

test('tasks of a lane run one after another, and each is in the journal as begun before it begins', async () => {
  using world = await runnerWorld();
  const [first, second] = [await world.give(), await world.give()];
  await until(() => world.performed.length === 1, 'the first begins');
  expect([world.journal.stateOf(first), world.journal.stateOf(second)]).toEqual(['begun', 'received']);
  world.finish.get(first)?.([done]);
  expect(await world.outcomeOf(first)).toEqual(['done']);
  await until(() => world.performed.length === 2, 'the second begins');
  world.finish.get(second)?.([done]);
  expect(await world.outcomeOf(second)).toEqual(['done']);
});

test('a task that waits is cancelled at once; one that has begun is finished', async () => {
  using world = await runnerWorld();
  const [first, second] = [await world.give(), await world.give()];
  await until(() => world.performed.length === 1, 'the first begins');
  world.runner.cancel(second);
  world.runner.cancel(first);
  expect(await world.outcomeOf(second)).toEqual(['cancelled']);
  expect(world.reported).toEqual([second]);
  world.finish.get(first)?.([done]);
  expect(await world.outcomeOf(first)).toEqual(['done']);
  await world.runner.idle();
  expect(world.performed).toEqual([first]);
});

test('what is hurried waits for neither its time nor a server, but for its turn, and never beyond its deadline', async () => {
  using world = await runnerWorld(0);
  world.serverClock.heard(world.clock.now());
  await world.clock.pass(8 * day);
  const now = world.clock.now();
  expect(world.serverClock.isUnsure(now + minute)).toBe(true);
  const early = await world.give({ notBefore: now + hour, deadline: now + day });
  const unsure = await world.give();
  await world.clock.pass(2 * second);
  expect(world.performed).toEqual([]);
  world.runner.hurry(newTask());
  world.runner.hurry(early);
  await until(() => world.performed.length === 1, 'the hurried one begins');
  world.runner.hurry(unsure);
  await world.clock.pass(minute);
  world.finish.get(early)?.([done]);
  expect(await world.outcomeOf(unsure)).toEqual(['expired']);
  expect(world.performed).toEqual([early]);
});

test('an order for later waits for its time, and one whose deadline has passed meanwhile is expired', async () => {
  using world = await runnerWorld();
  const later = await world.give({ notBefore: world.clock.now() + 10_000 });
  await world.clock.pass(9_999);
  expect(world.performed).toEqual([]);
  await world.clock.pass(1);
  await until(() => world.performed.length === 1, 'its time has come');
  const waiting = await world.give();
  await world.clock.pass(minute);
  world.finish.get(later)?.([done]);
  expect(await world.outcomeOf(waiting)).toEqual(['expired']);
  expect(world.performed).toEqual([later]);
});

test('an order whose time nobody is sure of waits until a server has said what time it is', async () => {
  using world = await runnerWorld(-day);
  const good = await world.give({ notBefore: 0, deadline: world.clock.now() - hour });
  const over = await world.give({ notBefore: 0, deadline: world.clock.now() - 2 * day });
  await world.clock.pass(minute);
  world.serverClock.heard(world.clock.now() - day);
  await world.clock.pass(2 * second);
  await until(() => world.performed.length > 0, 'what is good by the server’s clock begins');
  expect(world.performed).toEqual([good]);
  world.finish.get(good)?.([done]);
  expect(await world.outcomeOf(over)).toEqual(['expired']);
  const report = await world.journal.report(over);
  const { finishedAt } = decode(report?.bytes ?? new Uint8Array(), reportSchema);
  expect(finishedAt).toBeLessThan(world.clock.now() - hour);
});

test('what fails in the agent is an agent error; what is abandoned stays begun, without a report', async () => {
  using world = await runnerWorld();
  const [failing, abandoned] = [await world.give(), await world.give()];
  await until(() => world.performed.length === 1, 'the first begins');
  world.fail.get(failing)?.(new Error('a bug'));
  expect(await world.outcomeOf(failing)).toEqual(['agent_error']);
  await until(() => world.performed.length === 2, 'the second begins');
  world.stop.abort();
  world.fail.get(abandoned)?.(new Abandoned('stopping'));
  await world.runner.idle();
  expect([world.journal.stateOf(abandoned), world.reported]).toEqual(['begun', [failing]]);
});

test('an undo takes back a quarantine that waits, and comes after one that has begun', async () => {
  using world = await runnerWorld();
  const [begun, waiting] = [await world.give(), await world.give()];
  await until(() => world.performed.length === 1, 'the first begins');
  const undoes = [await world.undo(waiting), await world.undo(begun)];
  expect(await world.outcomeOf(waiting)).toEqual(['cancelled']);
  expect(world.performed).toEqual([begun]);
  world.finish.get(begun)?.([done]);
  expect(await world.outcomeOf(begun)).toEqual(['done']);
  for (const [index, undo] of undoes.entries()) {
    await until(() => world.performed.length === index + 2, 'the next undo begins');
    world.finish.get(undo)?.([done]);
    await world.outcomeOf(undo);
  }
  expect(world.performed).toEqual([begun, ...undoes]);
});

test('a quarantine whose order comes after its undo has ended before, with a report of its own, and stays ended', async () => {
  using world = await runnerWorld();
  const late = newTask();
  const undo = await world.undo(late);
  expect(await world.outcomeOf(late)).toEqual(['cancelled']);
  const report = await world.journal.report(late);
  expect(decode(report?.bytes ?? new Uint8Array(), reportSchema)).toMatchObject({
    ...{ actionId: '7', taskId: late },
    files: [{ outcome: 'cancelled', reason: 'superseded' }],
  });
  await world.undo(late);
  expect(world.reported.filter((taskId) => taskId === late)).toEqual([late]);
  // As long as any order of before the undo may still come, and be judged by its id.
  world.finish.get(undo)?.([done]);
  await world.outcomeOf(undo);
  await world.journal.markRecorded(late);
  await world.journal.forget(world.clock.now() + 59 * day);
  expect(world.journal.stateOf(late)).toBe('recorded');
});

test('what a server has halted waits out of its lane, and begins when it is released; what is not halted goes on', async () => {
  using world = await runnerWorld();
  const parameters = { verb: 'purge', sha256: sha256Of('x'), vaultObject: null } as const;
  await world.halt.take(['fetch', 'quarantine', 'purge']);
  const halted = await world.give({ parameters });
  const restore = await world.give();
  await until(() => world.performed.length === 1, 'the restore begins');
  expect([world.performed, world.journal.stateOf(halted)]).toEqual([[restore], 'received']);
  world.finish.get(restore)?.([done]);
  expect(await world.outcomeOf(restore)).toEqual(['done']);
  await world.halt.take([]);
  await until(() => world.performed.length === 2, 'what was halted begins');
  world.finish.get(halted)?.([done]);
  expect(await world.outcomeOf(halted)).toEqual(['done']);
});

test('a halt while a task waits for its lane is heard before it begins; cancelling what is halted ends it at once', async () => {
  using world = await runnerWorld();
  const first = await world.give();
  await until(() => world.performed.length === 1, 'the first begins');
  const parameters = { verb: 'purge', sha256: sha256Of('x'), vaultObject: null } as const;
  const second = await world.give({ parameters });
  await world.halt.take(['purge']);
  world.finish.get(first)?.([done]);
  expect(await world.outcomeOf(first)).toEqual(['done']);
  const third = await world.give();
  await until(() => world.performed.length === 2, 'the third has its turn');
  expect([world.performed, world.journal.stateOf(second)]).toEqual([[first, third], 'received']);
  world.runner.cancel(second);
  expect(await world.outcomeOf(second)).toEqual(['cancelled']);
  world.finish.get(third)?.([done]);
  await world.runner.idle();
});

test('what is halted ends as expired at its deadline, before it began and between two files', async () => {
  using world = await runnerWorld();
  const parameters = { verb: 'purge', sha256: sha256Of('x'), vaultObject: null } as const;
  const begun = await world.give({ parameters });
  await until(() => world.performed.length === 1, 'the first begins');
  await world.halt.take(['purge']);
  const waiting = await world.give({ parameters });
  world.fail.get(begun)?.(new Paused('halted'));
  await until(() => world.runs[0]?.gate.mayBegin() === 'halted', 'it is halted');
  await world.clock.pass(minute);
  expect(await world.outcomeOf(waiting)).toEqual(['expired']);
  await until(() => world.performed.length === 2, 'it is brought to its end');
  expect([world.runs[1]?.gate.mayBegin(), world.runs[1]?.isResumed]).toEqual(['expired', true]);
  world.finish.get(begun)?.([done]);
  expect(await world.outcomeOf(begun)).toEqual(['done']);
});

test('a task that is halted between files goes on when it is released, and what is cancelled is told before the next file', async () => {
  using world = await runnerWorld();
  const parameters = { verb: 'purge', sha256: sha256Of('x'), vaultObject: null } as const;
  const task = await world.give({ parameters });
  await until(() => world.performed.length === 1, 'it begins');
  await world.halt.take(['purge']);
  world.fail.get(task)?.(new Paused('halted'));
  const restore = await world.give();
  await until(() => world.performed.length === 2, 'a restore has the lane meanwhile');
  world.finish.get(restore)?.([done]);
  await world.halt.take([]);
  await until(() => world.performed.length === 3, 'it goes on');
  expect(world.performed).toEqual([task, restore, task]);
  expect(world.runs.map(({ isResumed }) => isResumed)).toEqual([false, false, true]);
  world.runner.cancel(task);
  expect(world.runs[2]?.gate.mayBegin()).toBe('cancelled');
  world.finish.get(task)?.([done]);
  expect(await world.outcomeOf(task)).toEqual(['done']);
});

test('an undo ends the quarantine that is halted in its middle, which begins no further file once it is released', async () => {
  using world = await runnerWorld();
  const parameters = { verb: 'quarantine', path: null, sha256: sha256Of('x'), overrideProtection: false } as const;
  const task = await world.give({ parameters });
  await until(() => world.performed.length === 1, 'it begins');
  await world.halt.take(['quarantine']);
  world.fail.get(task)?.(new Paused('halted'));
  const undo = await world.undo(task);
  await until(() => world.performed.length === 2, 'the undo has its turn');
  world.finish.get(undo)?.([done]);
  expect(await world.outcomeOf(undo)).toEqual(['done']);
  await until(() => world.performed.length === 3, 'the quarantine is brought to its end');
  expect([world.performed, world.runs[2]?.gate.mayBegin()]).toEqual([[task, undo, task], 'cancelled']);
  world.finish.get(task)?.([done]);
  expect(await world.outcomeOf(task)).toEqual(['done']);
});

test('a halt outlasts the agent, and one that cannot be read is taken for a halt of all that can be halted', async () => {
  using world = await runnerWorld();
  const file = path.join(world.directory, 'halt.json');
  expect(await world.halt.take(['fetch'])).toBe(true);
  const again = await Halt.open(durableFiles, file, log);
  expect([again.isHalted('fetch'), again.isHalted('purge')]).toEqual([true, false]);
  writeFileSync(file, '{');
  const damaged = await Halt.open(durableFiles, file, log);
  expect([damaged.isHalted('purge'), damaged.isHalted('restore')]).toEqual([true, false]);
  expect(await damaged.take([])).toBe(true);
  expect((await Halt.open(durableFiles, file, log)).isHalted('purge')).toBe(false);
});

test('a task whose end a full disk does not take is reported when there is room again, and only then the next begins', async () => {
  using world = await runnerWorld();
  const deadline = world.clock.now() + hour;
  const [first, next] = [await world.give({ deadline }), await world.give({ deadline })];
  await until(() => world.performed.length === 1, 'the first begins');
  world.disk.refuses = () => true;
  world.finish.get(first)?.([done]);
  await world.clock.pass(20 * second);
  expect([world.reported, world.performed]).toEqual([[], [first]]);
  world.disk.refuses = () => false;
  await world.clock.pass(minute);
  expect(await world.outcomeOf(first)).toEqual(['done']);
  await until(() => world.performed.length === 2, 'the second begins');
  world.finish.get(next)?.([done]);
  expect(await world.outcomeOf(next)).toEqual(['done']);
});

test('a task that a full disk keeps from beginning begins when there is room, and can be withdrawn or expire before', async () => {
  using world = await runnerWorld();
  const received = new Set<string>();
  world.disk.refuses = (file) => received.has(file) || received.add(file).size === 0;
  const withdrawn = await world.give();
  const late = await world.give();
  const good = await world.give({ deadline: world.clock.now() + hour });
  await world.clock.pass(20 * second);
  world.runner.cancel(withdrawn);
  await world.clock.pass(2 * minute);
  expect([world.performed, world.reported]).toEqual([[], []]);
  world.disk.refuses = () => false;
  await world.clock.pass(2 * minute);
  expect([await world.outcomeOf(withdrawn), await world.outcomeOf(late)]).toEqual([['cancelled'], ['expired']]);
  await until(() => world.performed.length === 1, 'the good one begins');
  world.finish.get(good)?.([done]);
  expect(await world.outcomeOf(good)).toEqual(['done']);
  expect(world.performed).toEqual([good]);
});
