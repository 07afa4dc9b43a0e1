import { expect, test } from 'bun:test';
import { createOneTimeCodes } from '#server/one-time-codes.ts';
import { systemRandom } from '#server/system-random.ts';

const codes = createOneTimeCodes(systemRandom);
/** RFC 6238, Appendix B; the last six of its eight digits. */
const secret = new TextEncoder().encode('12345678901234567890');
const vectors: readonly (readonly [number, string])[] = [
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
];

test.each(vectors)('RFC 6238: at %p the code is %p', (seconds, code) => {
  const step = Math.floor(seconds / 30);
  expect(codes.stepOf(secret, code, seconds * 1_000)).toBe(step);
  expect(codes.stepOf(secret, code, (seconds + 30) * 1_000)).toBe(step);
  expect(codes.stepOf(secret, code, (seconds + 90) * 1_000)).toBeUndefined();
});

test('what is no code is none, and a new secret is spelled as applications read it', () => {
  for (const code of ['', '28708', '2870821', 'abcdef', '28 082']) {
    expect(codes.stepOf(secret, code, 59_000)).toBeUndefined();
  }
  expect(codes.newSecret()).toHaveLength(20);
  expect(codes.spell(secret)).toBe('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ');
  const address = new URL(codes.address(secret, 'ana@example.com'));
  expect(address.href).toStartWith('otpauth://totp/Custody:ana%40example.com?');
  expect(address.searchParams.get('secret')).toBe('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ');
});
