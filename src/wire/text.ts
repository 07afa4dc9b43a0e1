import { z } from 'zod';

/**
 * Text from the other side. No NUL: a store that keeps text cannot hold it. Half a character, which JSON can carry, becomes U+FFFD: two
 * databases would keep two different texts.
 */
export const text = z
  .string()
  .regex(/^[^\0]*$/, 'must hold no NUL')
  .overwrite((value) => value.toWellFormed());
