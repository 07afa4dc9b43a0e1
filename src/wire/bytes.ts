import { z } from 'zod';

export const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'must be bytes');

/** Of Ed25519, as is `rawKey`. */
export const signature = bytes.refine((value) => value.length === 64, 'must have 64 bytes');

export const rawKey = bytes.refine((value) => value.length === 32, 'must have 32 bytes');
