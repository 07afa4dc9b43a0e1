import { z } from 'zod';
import { Fault } from '#core/fault.ts';
import type { OrderKeyChange, SignedKeyChange } from '#core/ports/order-signer.ts';
import { rawKey } from './bytes.ts';
import { decodeCanonical } from './canonical.ts';
import { encode } from './codec.ts';
import { isSignatureValid, readPrivateKey, readPublicKey, signBytes } from './signature.ts';

/** An Ed25519 public key, base64. */
export const orderKeySchema = z.base64().length(44);

/**
 * One order key takes the place of another. Signed by the former, whom agents trust, and by the next, which so proves that somebody
 * holds it, both under `custody-order-key-v1`.
 */
const orderKeyChangeSchema = z.object({
  v: z.literal(1),
  /** Grows with every change. */
  sequence: z.number().int().positive(),
  former: rawKey,
  next: rawKey,
  issuedAt: z.number().int().nonnegative(),
});

/** @param privatePem the former key, and the one that takes its place. */
export function signKeyChange(
  privatePem: { readonly former: string; readonly next: string },
  when: Pick<OrderKeyChange, 'sequence' | 'issuedAt'>,
): SignedKeyChange {
  const [former, next] = [readPrivateKey(privatePem.former), readPrivateKey(privatePem.next)];
  const { sequence, issuedAt } = when;
  const words: OrderKeyChange = { v: 1, sequence, former: former.publicKey, next: next.publicKey, issuedAt };
  const change = encode(words);
  return {
    change,
    signature: signBytes('custody-order-key-v1', change, former.key),
    proof: signBytes('custody-order-key-v1', change, next.key),
  };
}

/**
 * What a change says, for somebody who trusts `trusted` now.
 * @throws Fault `unauthenticated` where that key did not sign it, or the next one did not; `invalid_request` for another form.
 */
export function readKeyChange({ change, signature, proof }: SignedKeyChange, trusted: Uint8Array): OrderKeyChange {
  if (!isSignatureValid('custody-order-key-v1', { bytes: change, signature }, readPublicKey(trusted))) {
    throw new Fault('unauthenticated', 'The change is not signed by the order key that is trusted now.');
  }
  const words = decodeCanonical(change, orderKeyChangeSchema);
  if (Buffer.compare(words.former, trusted) !== 0) {
    throw new Fault('unauthenticated', 'The change is about another key than the one that signed it.');
  }
  if (!isSignatureValid('custody-order-key-v1', { bytes: change, signature: proof }, readPublicKey(words.next))) {
    throw new Fault('unauthenticated', 'The next order key did not sign that it is one.');
  }
  return words;
}

/** What a change says, whoever signed it. @throws Fault `invalid_request` */
export function claimedKeyChange({ change }: SignedKeyChange): OrderKeyChange {
  return decodeCanonical(change, orderKeyChangeSchema);
}

/**
 * The changes that lead from one key to another, oldest first; none where they are the same.
 * @returns undefined where none of them lead there.
 */
export function changesBetween(
  changes: readonly SignedKeyChange[],
  from: Uint8Array,
  to: Uint8Array,
): readonly SignedKeyChange[] | undefined {
  let at = from;
  const way: SignedKeyChange[] = [];
  for (const each of changes) {
    if (Buffer.compare(at, to) === 0) {
      return way;
    }
    const { former, next } = claimedKeyChange(each);
    if (Buffer.compare(former, at) === 0) {
      way.push(each);
      at = next;
    }
  }
  return Buffer.compare(at, to) === 0 ? way : undefined;
}
