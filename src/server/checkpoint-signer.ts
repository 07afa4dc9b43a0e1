import { rootOf } from '#core/ledger/frontier.ts';
import type { CheckpointSigner } from '#core/ports/checkpoint-signer.ts';
import { writeCheckpoint } from '#wire/checkpoint.ts';
import { readPrivateKey } from '#wire/signature.ts';
import { signNote, writeNoteKey } from '#wire/signed-note.ts';

/** Signs in this process, under the name of the ledger. */
export function createCheckpointSigner(privatePem: string, origin: string): CheckpointSigner {
  const { key, publicKey } = readPrivateKey(privatePem);
  const noteKey = { name: origin, publicKey };
  return {
    origin,
    verifierKey: writeNoteKey(noteKey),
    sign: async (frontier) =>
      signNote(writeCheckpoint({ origin, size: frontier.size, root: rootOf(frontier) }), noteKey, key),
  };
}
