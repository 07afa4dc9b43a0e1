import { z } from 'zod';

/** Longer than any checkpoint with its signatures is. */
export const longestNote = 2_000;

/**
 * Which ledger a server keeps and the key of its checkpoints, signed with the order key under `custody-ledger-v1`: agents trust that one
 * already.
 */
export const ledgerStatementSchema = z.object({
  v: z.literal(1),
  origin: z.string().min(1).max(200),
  /** `name+id+key`. */
  verifierKey: z.string().min(1).max(400),
});

export type LedgerStatement = z.infer<typeof ledgerStatementSchema>;
