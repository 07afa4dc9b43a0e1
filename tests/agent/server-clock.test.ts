import { expect, test } from 'bun:test';
import { journalMemory } from '#agent/journal/journal.ts';
import { type LastHeard, ServerClock } from '#agent/tasks/server-clock.ts';
import { day, hour, minute } from '#core/time.ts';

/** Two clocks of one machine, each set by hand. */
function machine(wall: number, former?: LastHeard) {
  const own = { wall, monotonic: 5_000 };
  const clock = new ServerClock(
    { now: () => own.wall, monotonic: () => own.monotonic, schedule: () => () => undefined },
    former,
  );
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

test('no server takes an agent back by more than three weeks, in this life or the next', () => {
  const { own, clock } = machine(server);
  const note = clock.heard(server);
  clock.heard(server - 400 * day);
  expect(clock.now()).toBe(server - 22 * day);
  const next = machine(own.wall, note).clock;
  next.heard(server - 400 * day);
  expect(next.now()).toBe(server - 22 * day);
});

test('no server takes an agent back to where what it did was good that it has forgotten, however late it forgot', () => {
  const { own, clock } = machine(server - hour);
  const note = clock.heard(server - hour);
  const pass = (by: number) => {
    own.wall += by;
    own.monotonic += by;
  };
  pass(hour);
  clock.heard(server);
  pass(7 * day);
  // Of an order that was forgotten by then the deadline was before this.
  const forgotten = (clock.surelyPassed() ?? 0) - journalMemory;
  expect(forgotten).toBe(server - 23 * day);
  const next = machine(own.wall, note).clock;
  for (const each of [clock, next]) {
    each.heard(server - 400 * day);
    expect(each.now()).toBeGreaterThan(forgotten);
  }
});

test('a machine’s clock that is a year ahead, or set so, lets nothing expire that a server says is good', () => {
  const ahead = machine(server + 365 * day).clock;
  ahead.heard(server);
  expect([ahead.now(), ahead.isUnsure(server + day)]).toEqual([server, false]);
  const { own, clock } = machine(server);
  clock.heard(server);
  own.wall += hour;
  expect([clock.isUnsure(server + 30 * minute), clock.isUnsure(server + 2 * hour)]).toEqual([true, false]);
  own.wall += 365 * day;
  expect(clock.isUnsure(server + 30 * minute)).toBe(true);
  clock.heard(server);
  expect([clock.now(), clock.isUnsure(server + 30 * minute)]).toEqual([server, false]);
});

test.each([
  ['ahead', hour],
  ['back', -hour],
])('a server whose clock jumps %s decides no deadline in between, until it is set right or insists', (_, by) => {
  const { own, clock } = machine(server);
  const note = clock.heard(server);
  const between = server + by / 2;
  const jumped = () => clock.heard(server + own.monotonic - 5_000 + by);
  expect(jumped()).toEqual(note);
  expect([clock.isUnsure(between), clock.isUnsure(server + 2 * hour)]).toEqual([true, false]);
  expect(clock.surelyPassed()).toBeUndefined();
  clock.heard(server);
  expect([clock.isUnsure(between), clock.surelyPassed()]).toEqual([false, server]);
  jumped();
  own.monotonic += 26 * hour;
  own.wall += 26 * hour;
  expect(jumped()).toMatchObject({ ahead: by });
  expect(clock.isUnsure(between)).toBe(false);
});

test('a time that its server doubts decides nothing beyond what has surely come, until the server knows better', () => {
  const { own, clock } = machine(server);
  const between = server + 30 * minute;
  expect(clock.heard(server + hour, server)).toBeUndefined();
  expect([clock.isUnsure(between), clock.isUnsure(server), clock.isUnsure(server + 2 * hour)]).toEqual([
    ...[true, false, false],
  ]);
  expect(clock.surelyPassed()).toBeUndefined();
  own.monotonic += minute;
  own.wall += minute;
  expect(clock.heard(server + minute)).toEqual({ ahead: 0, heardAt: server + minute });
  expect([clock.now(), clock.isUnsure(between), clock.surelyPassed()]).toEqual([
    ...[server + minute, false, server + minute],
  ]);
  const other = machine(server).clock;
  other.heard(server + hour, server);
  expect(other.heard(server + hour)).toEqual({ ahead: hour, heardAt: server });
  expect([other.now(), other.isUnsure(between)]).toEqual([server + hour, false]);
});

test('an agent that knows the time says whether a server’s doubt is right, and believes none that the server doubts however long', () => {
  const { own, clock } = machine(server);
  clock.heard(server);
  own.monotonic += day;
  own.wall += day;
  expect(clock.heard(server + day, server + minute)).toEqual({ ahead: 0, heardAt: server + day });
  expect(clock.isUnsure(server + hour)).toBe(false);
  clock.heard(server + day + hour, server + day);
  own.monotonic += 26 * hour;
  own.wall += 26 * hour;
  const late = server + day + 26 * hour;
  clock.heard(late + hour, late);
  expect(clock.isUnsure(late + 30 * minute)).toBe(true);
  clock.heard(late + hour);
  expect(clock.isUnsure(late + 30 * minute)).toBe(false);
});

test('a machine’s clock that was set as the server’s was vouches for no time that the server doubts', () => {
  const { own, clock } = machine(server);
  const note = clock.heard(server);
  own.monotonic += minute;
  own.wall += hour;
  expect(clock.heard(server + hour, server + minute)).toEqual(note);
  expect([clock.isUnsure(server + 30 * minute), clock.isUnsure(server + 2 * hour)]).toEqual([true, false]);
  clock.heard(server + hour);
  expect(clock.isUnsure(server + 30 * minute)).toBe(false);
  const next = machine(server + hour, note).clock;
  next.heard(server + hour + 1, server + minute);
  expect(next.isUnsure(server + 30 * minute)).toBe(true);
});

test('what a server that doubts its time knows for sure counts beside what an agent knows', () => {
  const { own, clock } = machine(server);
  clock.heard(server);
  clock.heard(server - hour);
  expect(clock.isUnsure(server - 2 * hour)).toBe(false);
  own.monotonic += minute;
  own.wall += minute;
  clock.heard(server + day, server - 3 * hour);
  expect([clock.isUnsure(server - 2 * hour), clock.isUnsure(server - 4 * hour)]).toEqual([true, false]);
});

test('a later life doubts a server that jumped ahead meanwhile, and not one that its own clock was set ahead of', () => {
  const note = machine(server).clock.heard(server);
  const { own, clock } = machine(server + hour, note);
  clock.heard(own.wall + 365 * day);
  expect(clock.isUnsure(server + day)).toBe(true);
  expect(clock.isUnsure(server)).toBe(false);
  const set = machine(server + 365 * day, note).clock;
  set.heard(server + hour);
  expect([set.now(), set.isUnsure(server + day)]).toEqual([server + hour, false]);
  const little = machine(server + 2 * hour, note).clock;
  little.heard(server + hour);
  expect(little.isUnsure(server + 90 * minute)).toBe(false);
});
