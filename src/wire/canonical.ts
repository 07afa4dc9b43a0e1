import type { z } from 'zod';
import { Fault } from '#core/fault.ts';
import { decode, decodeAny, encode } from './codec.ts';

/**
 * Decodes what somebody wants signed, and takes it only where the bytes say what the shape says and nothing more: no field that the
 * schema does not know, no key twice, no other spelling of a number or a length, nothing behind the end. Whoever signs must have read all of it.
 * @throws Fault `invalid_request` otherwise, `too_large` beyond a frame.
 */
export function decodeCanonical<Schema extends z.ZodType>(bytes: Uint8Array, schema: Schema): z.output<Schema> {
  const value = decode(bytes, schema);
  const raw = decodeAny(bytes);
  if (!isSameValue(raw, value)) {
    throw new Fault('invalid_request', 'The bytes hold fields that their shape does not have.');
  }
  if (Buffer.compare(encode(raw), bytes) !== 0) {
    throw new Fault('invalid_request', 'The bytes are not the one spelling of what they say.');
  }
  return value;
}

/** Of decoded values: the order of fields is the writer's. */
function isSameValue(one: unknown, other: unknown): boolean {
  if (one instanceof Uint8Array || other instanceof Uint8Array) {
    return one instanceof Uint8Array && other instanceof Uint8Array && Buffer.compare(one, other) === 0;
  }
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) {
    return Object.is(one, other);
  }
  const keys = Object.keys(one);
  return (
    Array.isArray(one) === Array.isArray(other) &&
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && isSameValue(Reflect.get(one, key), Reflect.get(other, key)))
  );
}
