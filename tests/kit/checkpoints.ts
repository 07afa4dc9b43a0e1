import type { Checkpoints } from '#core/ports/checkpoints.ts';
import type { Store } from '#core/ports/store/store.ts';
import { createCheckpointSigner } from '#server/checkpoint-signer.ts';
import { newKeyPair } from '#wire/signature.ts';

/** Signs with a key of its own, and keeps nothing. */
export function checkpointsOver(store: Pick<Store, 'read'>): Checkpoints {
  const signer = createCheckpointSigner(newKeyPair().privatePem, 'custody/test');
  return {
    ...signer,
    async latest() {
      const frontier = await store.read(({ ledger }) => ledger.frontier());
      return { note: await signer.sign(frontier), size: frontier.size };
    },
  };
}
