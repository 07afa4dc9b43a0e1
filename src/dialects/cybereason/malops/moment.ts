import { z } from 'zod';

/** Milliseconds since 1970. A client may mean "for ever" by any number; the store keeps whole ones up to here. */
export const moment = z
  .number()
  .transform((time) => Math.max(Number.MIN_SAFE_INTEGER, Math.min(time, Number.MAX_SAFE_INTEGER)));
