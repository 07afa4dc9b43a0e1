import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { z } from 'zod';
import { Fault } from '#core/fault.ts';
import { decode, encode } from '#wire/codec.ts';
import { limits } from '#wire/limits.ts';
import { agentMessageSchema, serverMessageSchema } from '#wire/messages.ts';

describe('a frame', () => {
  test('comes back as it was sent, bytes included', () => {
    const message = { type: 'order', order: Uint8Array.of(0, 255, 1), signature: new Uint8Array(64).fill(7) } as const;
    expect(decode(encode(message), serverMessageSchema)).toEqual(message);
  });

  test('of random bytes is refused as a fault, never as a crash', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        try {
          decode(bytes, agentMessageSchema);
        } catch (error) {
          return error instanceof Fault && error.code === 'invalid_request';
        }
        return true;
      }),
      { numRuns: 3_000 },
    );
  });

  test('with an object whose length cannot be counted is refused as a fault too', () => {
    const frame = encode({ length: { toString: '0' } });
    expect(() => decode(frame, z.array(z.string()).max(3))).toThrow(Fault);
  });

  test('that claims a length beyond the limits is refused before anything of that size is made', () => {
    const claims = [
      [0xdf, 0xff, 0xff, 0xff, 0xff],
      [0xdd, 0xff, 0xff, 0xff, 0xff],
      [0xc6, 0xff, 0xff, 0xff, 0xff],
      [0xdb, 0xff, 0xff, 0xff, 0xff],
    ];
    for (const claim of claims) {
      expect(() => decode(Uint8Array.from(claim), agentMessageSchema)).toThrow('within the limits');
    }
  });

  test('larger than a frame may be is refused unread', () => {
    expect(() => decode(new Uint8Array(limits.frameBytes + 1), agentMessageSchema)).toThrow('at most');
  });

  test('with a field of the wrong kind names the field', () => {
    const frame = encode({ type: 'accepted', taskIds: ['not an id'] });
    expect(() => decode(frame, agentMessageSchema)).toThrow('taskIds.0');
  });
});
