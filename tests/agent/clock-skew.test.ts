import { expect, test } from 'bun:test';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ServerClock } from '#agent/tasks/server-clock.ts';
import { day, hour, minute } from '#core/time.ts';
import { toQuarantine } from './parameters.ts';
import { agentWorld } from './running-agent.ts';
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

test('where the machine’s clock and the last known difference disagree, nobody is sure, until a server is heard', () => {
  let own = 1_800_000_000_000;
  const clock = new ServerClock({ now: () => own, monotonic: () => own, schedule: () => () => undefined }, -day);
  expect(clock.isUnsure(own - hour)).toBe(true);
  expect(clock.isUnsure(own + hour)).toBe(false);
  expect(clock.isUnsure(own - 2 * day)).toBe(false);
  clock.heard(own);
  expect(clock.isUnsure(own - hour)).toBe(false);
  own += 1;
  expect(new ServerClock({ now: () => own, monotonic: () => own, schedule: () => () => undefined }).isUnsure(own)).toBe(
    false,
  );
});
