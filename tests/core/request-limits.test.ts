import { expect, test } from 'bun:test';
import { KeyLimits } from '#core/access/key-limits.ts';
import { RequestLimits, type RequestRate } from '#core/access/request-limits.ts';
import { Fault } from '#core/fault.ts';
import { minute, second } from '#core/time.ts';

const ana = { kind: 'user', id: 'ana' } as const;

function openLimits(rate: RequestRate | null) {
  let now = 5_000;
  const limits = new RequestLimits({ monotonic: () => now }, rate);
  return {
    limits,
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
    /** How many of these are let in, one after the other. */
    ask(times: number, principal: Parameters<RequestLimits['demand']>[0] = ana) {
      let letIn = 0;
      let retryAfter: unknown;
      for (let count = 0; count < times; count += 1) {
        try {
          limits.demand(principal);
          letIn += 1;
        } catch (error) {
          retryAfter = error instanceof Fault && error.code === 'rate_limited' && error.details['retryAfterSeconds'];
        }
      }
      return { letIn, retryAfter };
    },
  };
}

test('a principal may ask a burst at once, and then at its rate', () => {
  const { ask, pass } = openLimits({ perMinute: 60, burst: 10 });
  expect(ask(15)).toEqual({ letIn: 10, retryAfter: 1 });
  pass(second - 1);
  expect(ask(1).letIn).toBe(0);
  pass(1);
  expect(ask(2).letIn).toBe(1);
  pass(minute);
  expect(ask(15).letIn).toBe(10);
});

test('the time that is told is the time after which the next request is let in', () => {
  const { ask, pass } = openLimits({ perMinute: 4, burst: 1 });
  ask(1);
  expect(ask(1)).toEqual({ letIn: 0, retryAfter: 15 });
  pass(15 * second);
  expect(ask(1).letIn).toBe(1);
});

test('each principal has its own, the operating system’s has none, and there may be no limit at all', () => {
  const { ask } = openLimits({ perMinute: 60, burst: 3 });
  expect(ask(5).letIn).toBe(3);
  expect(ask(5, { kind: 'user', id: 'ben' }).letIn).toBe(3);
  expect(ask(5, { kind: 'key', id: 'ana' }).letIn).toBe(3);
  expect(ask(500, { kind: 'local', id: 'local' }).letIn).toBe(500);
  expect(openLimits(null).ask(10_000).letIn).toBe(10_000);
});

test('whoever asks is not forgotten for the sake of those who asked longer ago', () => {
  const { ask } = openLimits({ perMinute: 60, burst: 3 });
  ask(3);
  for (let id = 0; id < 9_999; id += 1) {
    ask(1, { kind: 'key', id: String(id) });
  }
  expect(ask(1).letIn).toBe(0);
});

function openKeyLimits() {
  let now = 0;
  const limits = new KeyLimits({ monotonic: () => now });
  const attempt = { keyId: '7', remoteAddress: '203.0.113.9' };
  return {
    attempt,
    barredFor: (other = {}) => limits.barredFor({ ...attempt, ...other }),
    refuse(times: number) {
      for (let count = 0; count < times; count += 1) {
        limits.refused(attempt);
      }
    },
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
  };
}

test('ten wrong keys within a minute shut out the address, for this key id, until the first is a minute ago', () => {
  const { refuse, pass, barredFor } = openKeyLimits();
  refuse(9);
  expect(barredFor()).toBeUndefined();
  pass(20 * second);
  refuse(1);
  expect(barredFor()).toBe(40);
  expect(barredFor({ remoteAddress: '198.51.100.7' })).toBeUndefined();
  expect(barredFor({ keyId: '8' })).toBeUndefined();
  pass(40 * second - 1);
  expect(barredFor()).toBe(1);
  pass(1);
  expect(barredFor()).toBeUndefined();
  refuse(8);
  expect(barredFor()).toBeUndefined();
  refuse(1);
  expect(barredFor()).toBe(20);
});

test('wrong keys that come slowly shut nobody out', () => {
  const { refuse, pass, barredFor } = openKeyLimits();
  for (let count = 0; count < 50; count += 1) {
    refuse(1);
    expect(barredFor()).toBeUndefined();
    pass(7 * second);
  }
});

test('wrong keys from many addresses of one network of IPv6 are those of one guesser', () => {
  const limits = new KeyLimits({ monotonic: () => 0 });
  for (let count = 0; count < 10; count += 1) {
    limits.refused({ keyId: '7', remoteAddress: `2001:db8::${count}` });
  }
  expect(limits.barredFor({ keyId: '7', remoteAddress: '2001:db8::ffff' })).toBe(60);
  expect(limits.barredFor({ keyId: '7', remoteAddress: '2001:db8:0:1::1' })).toBeUndefined();
});
