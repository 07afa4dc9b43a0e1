import { randomBytes, randomUUID } from 'node:crypto';
import type { Random } from '#core/ports/random.ts';

/** The operating system's random numbers. */
export const systemRandom: Random = {
  bytes: (length) => new Uint8Array(randomBytes(length)),
  int32: () => randomBytes(4).readInt32BE(0),
  uuid: () => randomUUID(),
  fraction: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
};
