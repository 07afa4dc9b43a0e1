import { expect, test } from 'bun:test';
import { ServerClock } from '#agent/tasks/server-clock.ts';
import { day, hour, minute } from '#core/time.ts';

/** Two clocks of one machine, each set by hand. */
function machine(wall: number) {
  const own = { wall, monotonic: 5_000 };
  const clock = new ServerClock({
    now: () => own.wall,
    monotonic: () => own.monotonic,
    schedule: () => () => undefined,
  });
  return { own, clock };
}

const server = 1_800_000_000_000;

test('until a server is heard the time is the machine’s own', () => {
  expect(machine(server - 77).clock.now()).toBe(server - 77);
});

test.each([
  ['years behind', server - 10_000 * day],
  ['an hour ahead', server + hour],
])('a clock that is %s is corrected by what the server says', (_, wall) => {
  const { own, clock } = machine(wall);
  clock.heard(server);
  expect(clock.now()).toBe(server);
  own.wall += minute;
  own.monotonic += minute;
  expect(clock.now()).toBe(server + minute);
});

test('a clock that is set back meanwhile holds nothing up, and a machine that slept has not stopped time', () => {
  const { own, clock } = machine(server);
  clock.heard(server);
  own.monotonic += hour;
  own.wall -= day;
  expect(clock.now()).toBe(server + hour);
  own.wall += 3 * day;
  expect(clock.now()).toBe(server + 2 * day);
});

test('no server takes an agent back to where it has forgotten what it did', () => {
  const { clock } = machine(server);
  clock.heard(server - 400 * day);
  expect(clock.now()).toBe(server - 28 * day);
});
