import { randomBytes, randomUUID } from 'node:crypto';
import type { Random } from '#core/ports/random.ts';

export const systemRandom: Random = {
  bytes: (length) => new Uint8Array(randomBytes(length)),
  int32: () => randomBytes(4).readInt32BE(0),
  uuid: () => randomUUID(),
  fraction: () => randomBytes(4).readUInt32BE(0) / 2 ** 32,
};
