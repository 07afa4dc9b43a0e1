import { expect, test } from 'bun:test';
import { day, hour, minute, second } from '#core/time.ts';
import { clockNotes } from '#server/clock-notes.ts';
import { SteadyClock } from '#server/steady-clock.ts';

const begun = 1_800_000_000_000;
const year = 365 * day;

/** A machine whose clocks are set by hand, and a disk for its server. */
function machine() {
  const state = { wall: begun, monotonic: 77, uptime: 1_000 * second, bootId: 'first' };
  const files = new Map<string, Uint8Array>();
  const said: string[] = [];
  let [writing, most] = [0, 0];
  const say = (words: string) => void said.push(words);
  const open = () =>
    SteadyClock.open({
      clock: { now: () => state.wall, monotonic: () => state.monotonic, schedule: () => () => undefined },
      boot: { id: state.bootId, uptime: () => Math.floor(state.uptime / second) * second },
      fs: {
        read: async (path) => files.get(path),
        async replace(path, bytes) {
          writing += 1;
          most = Math.max(most, writing);
          await Bun.sleep(0);
          writing -= 1;
          files.set(path, bytes);
        },
        remove: async () => undefined,
        list: async () => [],
        makeDirectory: async () => undefined,
      },
      log: { debug: say, info: say, warn: say, error: say },
      file: 'clock.json',
    });
  return {
    ...{ state, files, said, open },
    mostAtOnce: () => most,
    pass(by: number) {
      state.wall += by;
      state.monotonic += by;
      state.uptime += by;
    },
    sleep(by: number) {
      state.wall += by;
      state.uptime += by;
    },
    /** The data went to a machine that has run for so long, whose clock is that far ahead. */
    move(uptime: number, ahead: number) {
      state.wall += ahead;
      state.bootId = 'of another machine';
      state.uptime = uptime;
      state.monotonic = uptime;
    },
    /** Off for so long, and on again. */
    reboot(off: number) {
      state.wall += off;
      state.bootId += '+';
      state.uptime = 20 * second;
      state.monotonic = 1;
    },
  };
}

test.each([
  ['an hour ahead', hour],
  ['an hour back', -hour],
  ['a year ahead', year],
  ['a year back', -year],
])('a clock that is set %s changes no time until it is set right', async (_, by) => {
  const { state, pass, open } = machine();
  const clock = await open();
  pass(minute);
  expect(clock.now()).toBe(begun + minute);
  state.wall += by;
  pass(59 * minute);
  expect(clock.now()).toBe(begun + hour);
  expect(clock.surely.now()).toBe(Math.min(begun + hour, state.wall));
  expect(clock.doubt()).toMatchObject({ kind: 'jumped', ahead: by });
  expect(clockNotes(clock)).toEqual([expect.stringContaining('custody clock accept')]);
  state.wall -= by;
  expect(clock.now()).toBe(begun + hour);
  expect(clock.doubt()).toBeUndefined();
  expect(clockNotes(clock)).toEqual([]);
});

test('clocks are set by little all the time, and a machine may sleep for a week', async () => {
  const { state, pass, sleep, open } = machine();
  const clock = await open();
  state.wall += 5 * minute;
  expect(clock.now()).toBe(begun + 5 * minute);
  state.wall -= 5 * minute;
  expect(clock.now()).toBe(begun);
  sleep(7 * day);
  expect(clock.now()).toBe(begun + 7 * day);
  pass(minute);
  expect(clock.surely.now()).toBe(begun + 7 * day + minute);
});

test('a jump of a plausible length is believed after a day without another, and no longer one', async () => {
  const { state, pass, open, said } = machine();
  const clock = await open();
  state.wall += 10 * hour;
  expect(clock.now()).toBe(begun);
  pass(12 * hour);
  state.wall += hour;
  expect(clock.doubt()).toMatchObject({ ahead: 11 * hour, believedIn: day });
  pass(day - second);
  expect(clock.now()).toBe(begun + 36 * hour - second);
  pass(2 * second);
  expect(clock.now()).toBe(state.wall);
  expect(said.at(-1)).toContain('believed again');
  state.wall += 41 * day;
  const before = clock.now();
  pass(30 * day);
  expect(clock.now()).toBe(before + 30 * day);
  expect(clock.doubt()).toMatchObject({ believedIn: null });
  state.wall -= 60 * day;
  pass(30 * day);
  expect(clock.doubt()).toMatchObject({ kind: 'jumped', believedIn: null });
});

test('who accepts a clock has it followed, over restarts', async () => {
  const { state, pass, open } = machine();
  const clock = await open();
  state.wall -= year;
  await clock.keep();
  expect(await clock.accept()).toMatchObject({ kind: 'jumped', ahead: -year });
  expect(await clock.accept()).toBeUndefined();
  expect([clock.now(), clock.surely.now()]).toEqual([state.wall, state.wall]);
  pass(hour);
  const next = await open();
  expect([next.now(), next.doubt()]).toEqual([state.wall, undefined]);
});

test.each([
  ['ahead', year],
  ['back', -year],
])('a server that starts again after its clock was set a year %s knows the time all the same', async (_, by) => {
  const { state, pass, open } = machine();
  await (await open()).keep();
  state.wall += by;
  pass(hour);
  state.monotonic = 3;
  const next = await open();
  expect(next.now()).toBe(begun + hour);
  expect(next.surely.now()).toBeLessThanOrEqual(begun + hour);
  await next.keep();
  state.wall -= by;
  pass(hour);
  const third = await open();
  expect([third.now(), third.doubt()]).toEqual([begun + 2 * hour, undefined]);
});

test('after an outage a server goes by its machine’s clock at once, and by what cannot be taken back two hours later', async () => {
  const { state, pass, reboot, open } = machine();
  await (await open()).keep();
  reboot(30 * day);
  const clock = await open();
  expect(clock.now()).toBe(state.wall);
  expect(clock.surely.now()).toBe(begun);
  pass(hour);
  await clock.keep();
  const again = await open();
  expect(again.doubt()).toMatchObject({ kind: 'absent', believedIn: hour });
  expect([again.now(), again.surely.now()]).toEqual([state.wall, begun + hour]);
  pass(hour);
  expect([again.surely.now(), again.doubt()]).toEqual([state.wall, undefined]);
});

test('a machine that starts with its clock ahead lets nothing expire, and is followed when it is set right', async () => {
  const { state, pass, reboot, open } = machine();
  await (await open()).keep();
  reboot(minute);
  state.wall += year;
  const clock = await open();
  pass(3 * hour);
  expect(clock.doubt()).toMatchObject({ kind: 'absent', believedIn: null });
  expect(clock.surely.now()).toBe(begun + 3 * hour);
  state.wall -= year - 30 * day;
  expect([clock.now(), clock.doubt()?.kind]).toEqual([state.wall, 'absent']);
  state.wall -= 30 * day;
  expect([clock.now(), clock.surely.now(), clock.doubt()]).toEqual([state.wall, state.wall, undefined]);
});

test('a machine that starts with its clock back goes on from where it was', async () => {
  const { state, pass, reboot, open } = machine();
  await (await open()).keep();
  reboot(minute);
  state.wall -= year;
  const clock = await open();
  pass(hour);
  expect(clock.now()).toBe(begun + hour);
  state.wall += year;
  expect([clock.now(), clock.doubt()]).toEqual([state.wall, undefined]);
});

test.each([
  ['right', 0],
  ['right, after a while', 4 * minute],
  ['a little back', -4 * minute],
])('on another machine, which has run for a year, the time is that of its clock: %s', async (_, ahead) => {
  const { state, pass, move, open } = machine();
  await (await open()).keep();
  move(year, ahead);
  const clock = await open();
  expect([clock.now(), clock.surely.now(), clock.doubt()]).toEqual([state.wall, state.wall, undefined]);
  await clock.keep();
  pass(minute);
  expect((await open()).now()).toBe(state.wall);
});

test('how long another machine has run makes nothing expire there whose clock is half a year ahead', async () => {
  const { state, pass, move, open } = machine();
  await (await open()).keep();
  move(year, year / 2);
  const clock = await open();
  expect(clock.doubt()).toMatchObject({ kind: 'absent', ahead: year / 2, believedIn: null });
  expect([clock.now(), clock.surely.now()]).toEqual([state.wall, begun]);
  state.wall -= year / 2;
  pass(minute);
  expect([clock.now(), clock.surely.now(), clock.doubt()]).toEqual([state.wall, state.wall, undefined]);
});

test('on another machine whose clock is back the time goes on from where it was, and follows the clock when that is set right', async () => {
  const { state, pass, move, open } = machine();
  await (await open()).keep();
  move(year, -day);
  const clock = await open();
  pass(hour);
  expect(clock.doubt()).toMatchObject({ kind: 'jumped', ahead: -day });
  expect(clock.now()).toBe(begun + hour);
  state.wall += day;
  expect([clock.now(), clock.doubt()]).toEqual([begun + hour, undefined]);
});

test('a clock that jumped is not believed because its machine was started again', async () => {
  const { state, pass, reboot, open } = machine();
  const clock = await open();
  state.wall += 10 * day;
  pass(hour);
  await clock.keep();
  reboot(2 * minute);
  const next = await open();
  expect(next.doubt()).toMatchObject({ kind: 'jumped', believedIn: day });
  expect([next.now(), next.surely.now()]).toEqual([begun + hour, begun + hour]);
  await next.keep();
  state.wall -= 10 * day;
  reboot(2 * minute);
  const right = await open();
  expect([right.now(), right.surely.now(), right.doubt()]).toEqual([state.wall, state.wall, undefined]);
});

test('an ordinary restart of the machine is no outage, and a mark that cannot be read no obstacle', async () => {
  const { state, files, reboot, open } = machine();
  await (await open()).keep();
  reboot(4 * minute);
  const clock = await open();
  expect([clock.doubt(), clock.now(), clock.surely.now()]).toEqual([undefined, state.wall, state.wall]);
  files.set('clock.json', new TextEncoder().encode('{'));
  expect((await open()).now()).toBe(state.wall);
});

test('the time is kept one after another, by whoever asks: it is one file', async () => {
  const { open, mostAtOnce } = machine();
  const clock = await open();
  await Promise.all([clock.keep(), clock.accept(), clock.keep()]);
  expect(mostAtOnce()).toBe(1);
});
