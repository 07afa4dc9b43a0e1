import { z } from 'zod';

export const offset = z.coerce
  .number<number>()
  .int()
  .min(0)
  .max(2 ** 31)
  .default(0)
  .meta({
    description: 'How many to leave out from the start.',
  });

export const limit = z.coerce.number<number>().int().min(1).max(1_000).default(100).meta({
  description: 'How many to return at most.',
});

export const total = z.int().meta({ description: 'How many there are without the page.' });
