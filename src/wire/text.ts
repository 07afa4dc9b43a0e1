import { z } from 'zod';

/** Text from the other side. No NUL: a store that keeps text cannot hold it. */
export const text = z.string().regex(/^[^\0]*$/, 'must hold no NUL');
