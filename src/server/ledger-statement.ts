import type { Checkpoints } from '#core/ports/checkpoints.ts';
import { encode } from '#wire/codec.ts';
import type { LedgerStatement } from '#wire/ledger.ts';

/** Which ledger this server keeps, as agents believe it once the order key has signed it. */
export function ledgerStatement({ origin, verifierKey }: Pick<Checkpoints, 'origin' | 'verifierKey'>): Uint8Array {
  return encode({ v: 1, origin, verifierKey } satisfies LedgerStatement);
}
