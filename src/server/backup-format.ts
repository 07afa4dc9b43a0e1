import { z } from 'zod';
import { sha256Schema } from '#core/file/hash.ts';

/**
 * A backup is a gzipped tar: these files as they are in the data directory, the records as JSON lines under `store/`,
 * evidence under `evidence/` by its hash, and last, as proof that the file is whole, `manifest.json`. The recovery
 * identity is not in it: it belongs on no machine that a backup may be restored to.
 */
export const backupFiles = [
  'custody.toml',
  'keys/order-key.pem',
  'keys/order-key-changes.json',
  'keys/order-key-next.pem',
  'keys/order-key-book.json',
  'keys/ledger-key.pem',
  'keys/secrets-key',
  'keys/evidence-key',
  'keys/recovery-recipient.txt',
  'tls/ca.pem',
  'tls/ca-key.pem',
  'tls/server.pem',
  'tls/server-key.pem',
] as const;

/** Only where the server itself signs. */
export const privateOrderKey: readonly string[] = ['keys/order-key.pem', 'keys/order-key-next.pem'];

export const storePrefix = 'store/';
export const evidencePrefix = 'evidence/';
export const manifestName = 'manifest.json';

export const manifestSchema = z.object({
  version: z.literal(1),
  madeAt: z.number().int(),
  withEvidence: z.boolean(),
  evidence: z.array(z.object({ sha256: sha256Schema, size: z.number().int() })),
  leftOut: z.array(sha256Schema).default([]),
});

export interface Manifest {
  readonly version: 1;
  readonly madeAt: number;
  readonly withEvidence: boolean;
  readonly evidence: readonly { readonly sha256: string; readonly size: number }[];
  /** Evidence that is not in it, because it is damaged or was deleted while its bytes were on their way out. */
  readonly leftOut: readonly string[];
}
