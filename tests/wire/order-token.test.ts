import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { Fault } from '#core/fault.ts';
import { readOrderToken, writeOrderToken } from '#wire/order-token.ts';

const signature = fc.uint8Array({ minLength: 64, maxLength: 64 });
const order = fc.record({ bytes: fc.uint8Array({ minLength: 1, maxLength: 2_000 }), signature });

test('a token holds its order to the byte, and is the same with the line breaks and spaces of a mail in it', () => {
  fc.assert(
    fc.property(order, fc.integer({ min: 1, max: 80 }), (signed, width) => {
      const token = writeOrderToken(signed);
      expect(token).toMatch(/^custody-order-1[.][\w-]+[.][\w-]+$/);
      const broken = token.replaceAll(new RegExp(`.{${width}}`, 'g'), '$& \r\n');
      expect(readOrderToken(broken)).toEqual(signed);
    }),
  );
});

const wrong = [
  '',
  'custody-order-1',
  'custody-order-2.AA.BB',
  `custody-order-1.AA.${'A'.repeat(85)}`,
  `custody-order-1..${'A'.repeat(86)}`,
];

test.each(wrong)('%p is no token', (text) => {
  expect(() => readOrderToken(text)).toThrow(Fault);
});
