import { z } from 'zod';
import type { Brand } from '../brand.ts';

/** A UUID that follows from the task and the path that made the object. */
export type VaultObjectId = Brand<string, 'VaultObjectId'>;

export const vaultObjectIdSchema = z
  .string()
  .refine(
    (value): value is VaultObjectId => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value),
    'must be a UUID',
  );
