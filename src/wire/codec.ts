import { Decoder, Encoder } from '@msgpack/msgpack';
import type { z } from 'zod';
import { checkShape } from '#core/check-shape.ts';
import { Fault } from '#core/fault.ts';
import { limits } from './limits.ts';

const encoder = new Encoder({ ignoreUndefined: true });
const decoder = new Decoder({
  maxStrLength: limits.stringBytes,
  maxBinLength: limits.binaryBytes,
  maxArrayLength: limits.arrayItems,
  maxMapLength: limits.mapEntries,
  maxExtLength: 0,
});

/** MessagePack; undefined fields are left out. */
export function encode(value: unknown): Uint8Array<ArrayBuffer> {
  return encoder.encode(value);
}

/**
 * Decodes and checks a value that came from outside.
 * @throws Fault `invalid_request` when the bytes are no MessagePack within `limits`, or do not match the schema.
 */
export function decode<Schema extends z.ZodType>(bytes: Uint8Array, schema: Schema): z.output<Schema> {
  const parsed = checkShape(schema, decodeAny(bytes));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new Fault(
      'invalid_request',
      `The frame's field ${issue?.path.join('.') ?? '?'} ${issue?.message ?? 'is wrong'}.`,
      {
        cause: parsed.error,
      },
    );
  }
  return parsed.data;
}

/** The value as it stands in the bytes, of no known shape. @throws Fault `invalid_request`, `too_large` */
export function decodeAny(bytes: Uint8Array): unknown {
  if (bytes.length > limits.frameBytes) {
    throw new Fault('too_large', `A frame has at most ${limits.frameBytes} bytes.`);
  }
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new Fault('invalid_request', 'The frame is no MessagePack value within the limits.', { cause });
  }
}
