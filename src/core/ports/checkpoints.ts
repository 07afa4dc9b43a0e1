import type { CheckpointSigner } from './checkpoint-signer.ts';

export interface SignedCheckpoint {
  /** A C2SP checkpoint as a signed note. */
  readonly note: string;
  /** How many events it is about. */
  readonly size: number;
}

/** The newest word on the ledger that was signed, and is kept outside the store. */
export interface Checkpoints extends Pick<CheckpointSigner, 'origin' | 'verifierKey'> {
  /** About every event that is in the store now. @throws Fault as the store, the signer, and `unavailable` when it cannot be kept */
  latest(): Promise<SignedCheckpoint>;
}
