import type { OrderSigner } from '#core/ports/order-signer.ts';
import { signBytes, signBytesAside } from '#wire/signature.ts';
import type { OrderKeyBook } from './order-key-book.ts';
import { statementContexts } from './signer/desk.ts';
import type { KeyRing, OrderKey } from './signer/key-ring.ts';

/** Signs in this process. A server that is taken over can then sign too: SECURITY.md says so. */
export function createLocalSigner(ring: Pick<KeyRing, 'current'>, book: OrderKeyBook): OrderSigner {
  const present = async (): Promise<OrderKey> => {
    const orderKey = await ring.current();
    await book.learn(orderKey);
    return orderKey;
  };
  return {
    get publicKey() {
      return book.publicKey;
    },
    get changedAt() {
      return book.changedAt;
    },
    async sign(orders) {
      const { key, publicKey } = await present();
      const results = await Promise.all(orders.map((order) => signBytesAside('custody-order-v1', order, key)));
      return { key: publicKey, results };
    },
    async judge(orders) {
      await present();
      return orders.map(() => undefined);
    },
    async signStatement(kind, bytes) {
      return signBytes(statementContexts[kind], bytes, (await present()).key);
    },
    changesFrom: (key) => book.changesFrom(key),
    onChange: (call) => book.onChange(call),
  };
}
