import type { SignedBytes } from '#core/action/action.ts';
import type { Checkpoints } from '#core/ports/checkpoints.ts';
import { encode } from '#wire/codec.ts';
import type { LedgerStatement } from '#wire/ledger.ts';
import { readPrivateKey, signBytes } from '#wire/signature.ts';

/** Which ledger this server keeps, as agents believe it: signed with the order key. */
export function ledgerStatement(
  { origin, verifierKey }: Pick<Checkpoints, 'origin' | 'verifierKey'>,
  orderKeyPem: string,
): SignedBytes {
  const bytes = encode({ v: 1, origin, verifierKey } satisfies LedgerStatement);
  return { bytes, signature: signBytes('custody-ledger-v1', bytes, readPrivateKey(orderKeyPem).key) };
}
