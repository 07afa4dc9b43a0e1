import { expect, test } from 'bun:test';
import { LogInLimits } from '#core/access/log-in-limits.ts';
import { minute } from '#core/time.ts';

const email = 'ana@example.com';
const [office, elsewhere, far] = ['198.51.100.7', '203.0.113.9', '203.0.113.10'];

function openLimits() {
  let now = 0;
  const limits = new LogInLimits({ monotonic: () => now });
  return {
    limits,
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
    fail: (times: number, remoteAddress: string, name = email) => {
      for (let count = 0; count < times; count += 1) {
        limits.failed({ email: name, remoteAddress });
      }
    },
    barredFor: (remoteAddress: string, name = email) => limits.barredFor({ email: name, remoteAddress }),
  };
}

test('after ten wrong passwords, from whichever addresses, none counts for a quarter of an hour', () => {
  const { fail, barredFor, pass } = openLimits();
  fail(5, elsewhere);
  fail(4, far);
  expect(barredFor(elsewhere)).toBeUndefined();
  fail(1, elsewhere);
  expect([barredFor(elsewhere), barredFor(far), barredFor(office)]).toEqual([900, 900, 900]);
  expect(barredFor(elsewhere, 'ben@example.com')).toBeUndefined();
  pass(15 * minute - 1);
  expect(barredFor(elsewhere)).toBe(1);
  pass(1);
  expect(barredFor(elsewhere)).toBeUndefined();
  fail(9, elsewhere);
  expect(barredFor(elsewhere)).toBeUndefined();
});

test('who guesses elsewhere does not shut out an address from which the name has logged in', () => {
  const { limits, fail, barredFor } = openLimits();
  limits.succeeded({ email, remoteAddress: office });
  fail(10, elsewhere);
  expect([barredFor(elsewhere), barredFor(office)]).toEqual([900, undefined]);
  fail(9, office);
  limits.succeeded({ email, remoteAddress: office });
  fail(9, office);
  expect(barredFor(office)).toBeUndefined();
  fail(1, office);
  expect(barredFor(office)).toBe(900);
});

test('an address that is known for one name is not known for another', () => {
  const { limits, fail, barredFor } = openLimits();
  limits.succeeded({ email: 'eve@example.com', remoteAddress: office });
  fail(10, elsewhere);
  expect(barredFor(office)).toBe(900);
});

test('names are forgotten, so that they cannot fill the memory; the newest are kept', () => {
  const { fail, barredFor } = openLimits();
  fail(10, elsewhere);
  for (let count = 0; count < 9_999; count += 1) {
    fail(1, elsewhere, `${count}@example.com`);
  }
  expect(barredFor(elsewhere)).toBe(900);
  fail(1, elsewhere, 'one more');
  expect(barredFor(elsewhere)).toBeUndefined();
});
