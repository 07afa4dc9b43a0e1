import { expect, test } from 'bun:test';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { durableFiles } from '#agent/platform/durable-files.ts';
import { ClockNote } from '#agent/tasks/clock-note.ts';
import { type LastHeard, ServerClock } from '#agent/tasks/server-clock.ts';
import { day, hour, minute } from '#core/time.ts';
import { toQuarantine } from './parameters.ts';
import { agentWorld } from './running-agent.ts';
import { TinyServer } from './tiny-server.ts';
import { until } from './until.ts';
import { pathOf, sha256Of } from './vault-world.ts';

const skews: readonly (readonly [words: string, agent: number, server: number])[] = [
  ['an agent a day ahead', day, 0],
  ['an agent a day behind', -day, 0],
  ['a server a day ahead', 0, day],
  ['a server a day behind', 0, -day],
  ['an agent a day ahead of a server a day behind', day, -day],
];

test.each(skews)(
  '%s: what is valid is done, what is early waits, what is over is refused (P34)',
  async (_, agent, server) => {
    await using world = await agentWorld();
    world.server.ahead = server;
    world.start(undefined, undefined, agent);
    await until(() => world.server.hellos.length > 0, 'the agent connects');
    const file = path.join(world.files, 'a');
    const parameters = toQuarantine(pathOf(file), sha256Of('bytes'));
    const now = () => world.server.now();
    writeFileSync(file, 'bytes');

    const over = await world.server.run(parameters, { notBefore: now() - hour, deadline: now() - 1 });
    expect(over.files).toMatchObject([{ outcome: 'expired', reason: 'deadline_passed' }]);
    const early = world.server.makeOrder(parameters, { notBefore: now() + hour, deadline: now() + 2 * hour });
    const withdrawn = world.server.give(early);
    await until(() => world.server.accepted.includes(early.order.taskId), 'the early order is accepted');
    expect(readFileSync(file, 'utf8')).toBe('bytes');

    const valid = await world.server.run(parameters, { deadline: now() + minute });
    expect(valid.files).toMatchObject([{ outcome: 'done' }]);
    expect(existsSync(file)).toBe(false);
    expect(Math.abs(valid.finishedAt - now())).toBeLessThan(minute);
    expect(world.server.reports.has(early.order.taskId)).toBe(false);
    world.server.send({ type: 'cancel', taskId: early.order.taskId });
    expect((await withdrawn).files).toMatchObject([{ outcome: 'cancelled' }]);

    // The next life begins before a server is heard, and goes by what the last one knew.
    await world.kill();
    const note = JSON.parse(readFileSync(path.join(world.data, 'server-clock.json'), 'utf8')) as { ahead: number };
    expect(Math.abs(note.ahead - (server - agent))).toBeLessThan(minute);
  },
  60_000,
);

test('an agent that starts again before it hears a server neither does late nor lets expire early what it had received', async () => {
  await using world = await agentWorld();
  const file = path.join(world.files, 'a');
  writeFileSync(file, 'bytes');
  const parameters = toQuarantine(pathOf(file), sha256Of('bytes'));
  world.start(undefined, undefined, day);
  await until(() => world.server.hellos.length > 0, 'the agent connects');
  // Received and not begun when its agent is killed; good for another hour when it is back, by the server's clock.
  const early = world.server.makeOrder(parameters, { notBefore: Date.now() + 3_000, deadline: Date.now() + hour });
  const ended = world.server.give(early);
  await until(() => world.server.accepted.includes(early.order.taskId), 'the order is accepted');
  await world.kill();
  world.start(undefined, undefined, day);
  expect((await ended).files).toMatchObject([{ outcome: 'done' }]);
}, 60_000);

test('an agent that first hears a server whose clock is ahead, and which doubts it, lets nothing expire by that', async () => {
  await using world = await agentWorld();
  const { server, files } = world;
  const file = path.join(files, 'a');
  writeFileSync(file, 'bytes');
  server.ahead = hour;
  server.isDoubtful = true;
  server.heartbeatInterval = 100;
  world.start();
  await until(() => server.hellos.length > 0, 'the agent connects');
  const now = Date.now();
  const good = { notBefore: now, deadline: now + hour / 2 };
  const order = server.makeOrder(toQuarantine(pathOf(file), sha256Of('bytes')), good);
  const ended = server.give(order);
  await until(() => server.accepted.includes(order.order.taskId), 'the order is accepted');
  const beats = server.heartbeats;
  await until(() => server.heartbeats > beats + 3, 'it is given time to be wrong');
  expect([server.reports.has(order.order.taskId), existsSync(file)]).toEqual([false, true]);
  server.ahead = 0;
  server.isDoubtful = false;
  expect((await ended).files).toMatchObject([{ outcome: 'done' }]);
}, 60_000);

test('an agent that has heard no server for a week begins nothing by its own clock (P34)', async () => {
  await using world = await agentWorld();
  const { server, files, data } = world;
  const file = path.join(files, 'a');
  writeFileSync(file, 'bytes');
  world.start();
  await until(() => server.hellos.length > 0, 'the agent connects');
  const parameters = toQuarantine(pathOf(file), sha256Of('bytes'));
  const notBefore = server.now() + 3_000;
  const early = server.makeOrder(parameters, { notBefore, deadline: notBefore + 10 * day });
  // Not `give`: the report comes to another server.
  server.send({ type: 'order', order: early.bytes, signature: early.signature });
  await until(() => server.accepted.includes(early.order.taskId), 'the order is accepted');
  await world.kill();
  const { port } = server;
  await server.stop();
  const note = path.join(data, 'server-clock.json');
  const { ahead } = JSON.parse(readFileSync(note, 'utf8')) as { ahead: number };
  writeFileSync(note, JSON.stringify({ v: 1, ahead, heardAt: Date.now() - 7 * day - minute }));
  world.start();
  await until(() => Date.now() > notBefore + 3_000, 'its time has come', 20_000);
  expect(readFileSync(file, 'utf8')).toBe('bytes');
  await using back = await TinyServer.start({ heirOf: server, sameAuthority: true, port });
  await until(() => back.reports.has(early.order.taskId), 'a server is heard, and the order is done', 30_000);
  expect(back.reports.get(early.order.taskId)?.files).toMatchObject([{ outcome: 'done' }]);
}, 90_000);

/** Clocks of one machine that stand still until they are moved. */
function standing(former?: LastHeard) {
  const own = { wall: 1_800_000_000_000, monotonic: 5_000 };
  const clock = { now: () => own.wall, monotonic: () => own.monotonic, schedule: () => () => undefined };
  return { own, clock: new ServerClock(clock, former) };
}

test('where the machine’s clock and the last known difference disagree, nobody is sure, until a server is heard', () => {
  const { own, clock } = standing({ ahead: -day, heardAt: undefined });
  expect(clock.isUnsure(own.wall - hour)).toBe(true);
  expect(clock.isUnsure(own.wall + hour)).toBe(false);
  clock.heard(own.wall);
  expect(clock.isUnsure(own.wall - hour)).toBe(false);
});

test('what is over by the machine’s clock alone may be good: it was perhaps set while no agent ran', () => {
  for (const former of [undefined, { ahead: 0, heardAt: 1_800_000_000_000 - minute }]) {
    const { own, clock } = standing(former);
    expect([clock.isUnsure(own.wall), clock.isUnsure(own.wall + hour)]).toEqual([true, false]);
    clock.heard(own.wall);
    expect(clock.isUnsure(own.wall)).toBe(false);
  }
});

test('a week without a server makes unsure, whichever clock tells of it, until one is heard again', () => {
  for (const which of ['wall', 'monotonic'] as const) {
    const { own, clock } = standing();
    clock.heard(own.wall);
    own[which] += 7 * day;
    expect(clock.isUnsure(own.wall + 30 * day)).toBe(false);
    own[which] += 1;
    expect(clock.isUnsure(own.wall + 30 * day)).toBe(true);
    clock.heard(own.wall);
    expect(clock.isUnsure(own.wall + 30 * day)).toBe(false);
  }
});

test('a later life knows how long no server was heard, and that a clock was set back', () => {
  const now = standing().own.wall;
  const unsure = (heardAt: number) => standing({ ahead: 0, heardAt }).clock.isUnsure(now + hour);
  expect(unsure(now - 7 * day)).toBe(false);
  expect(unsure(now - 7 * day - 1)).toBe(true);
  expect(unsure(now + minute)).toBe(false);
  expect(unsure(now + minute + 1)).toBe(true);
});

test('when a server was heard is written hourly, and what an older agent has kept is read', async () => {
  const base = mkdtempSync(path.join(tmpdir(), 'custody-clock-'));
  const file = path.join(base, 'server-clock.json');
  const quiet = () => undefined;
  const silent = { debug: quiet, info: quiet, warn: quiet, error: quiet };
  try {
    writeFileSync(file, JSON.stringify({ v: 1, ahead: 5 }));
    const note = await ClockNote.open(durableFiles, file, silent);
    expect(note.former).toEqual({ ahead: 5, heardAt: undefined });
    const kept = () => (JSON.parse(readFileSync(file, 'utf8')) as { heardAt?: number }).heardAt;
    note.keep({ ahead: 5, heardAt: 1_000 });
    await until(() => kept() === 1_000, 'the first is written');
    note.keep({ ahead: 5, heardAt: 1_000 + hour - 1 });
    note.keep({ ahead: 5, heardAt: 1_000 + hour });
    await until(() => kept() === 1_000 + hour, 'an hour later it is written again');
    expect((await ClockNote.open(durableFiles, file, silent)).former).toEqual({ ahead: 5, heardAt: 1_000 + hour });
  } finally {
    rmSync(base, { recursive: true });
  }
});
