import { describe, expect, test } from 'bun:test';
import { wholeNumberOf, wholeNumberText } from '#core/whole-number.ts';

const cases: readonly (readonly [string, number | undefined])[] = [
  ['0', 0],
  ['007', 7],
  ['9007199254740991', Number.MAX_SAFE_INTEGER],
  ['9007199254740992', undefined],
  ['00000000000000001', undefined],
  ['', undefined],
  ['-1', undefined],
  ['+1', undefined],
  ['1.0', undefined],
  ['1e3', undefined],
  ['0x1', undefined],
  [' 1', undefined],
  ['1\n', undefined],
  ['١', undefined],
];

describe('A number that a client sends as text', () => {
  for (const [text, number] of cases) {
    test(`is digits alone, and exact: ${JSON.stringify(text)}`, () => {
      expect(wholeNumberOf(text)).toBe(number);
      expect(wholeNumberText.safeParse(text).data).toBe(number);
    });
  }
});
