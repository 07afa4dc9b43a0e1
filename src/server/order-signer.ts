import type { OrderSigner } from '#core/ports/order-signer.ts';
import { readPrivateKey, signBytesAside } from '#wire/signature.ts';

/** Signs in this process. A server that is taken over can then sign too: SECURITY.md says so. */
export function createLocalSigner(privatePem: string): OrderSigner {
  const { key, publicKey } = readPrivateKey(privatePem);
  return {
    publicKey,
    sign: (orders) => Promise.all(orders.map((order) => signBytesAside('custody-order-v1', order, key))),
  };
}
