import { expect, test } from 'bun:test';
import { minute } from '#core/time.ts';
import { TokenBucket } from '#core/token-bucket.ts';

test('A bucket that is asked again when it said so has enough, whatever its rate.', () => {
  for (let perMinute = 1; perMinute <= 1_000; perMinute += 1) {
    const bucket = new TokenBucket({ burst: 1, perMinute }, 0);
    expect([bucket.wait(1, 0), bucket.take(1, 0), bucket.take(1, 0)]).toEqual([0, true, false]);
    const wait = bucket.wait(1, 0);
    expect(wait).toBe(minute / perMinute);
    expect(bucket.take(1, Math.ceil(wait))).toBe(true);
  }
});

test('A bucket holds no more than its burst, gives nothing back when the clock does, and is drained to nothing.', () => {
  const bucket = new TokenBucket({ burst: 3, perSecond: 2 }, 1_000);
  expect([bucket.take(4, 9_000), bucket.take(3, 9_000), bucket.take(1, 9_000)]).toEqual([false, true, false]);
  expect(bucket.take(1, 8_000)).toBe(false);
  expect(bucket.take(1, 8_500)).toBe(true);
  bucket.drain(20, 9_000);
  expect(bucket.wait(1, 9_000)).toBe(500);
});
