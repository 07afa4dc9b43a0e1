import type { Frontier } from '../ledger/frontier.ts';

/** Holds the ledger key. */
export interface CheckpointSigner {
  /** Which ledger: the first line of every checkpoint. Another one begins where a server was brought back from a backup. */
  readonly origin: string;
  /** In the form in which verifiers of signed notes take it: `name+id+key`. */
  readonly verifierKey: string;
  /** A C2SP checkpoint as a signed note. @throws Fault `unavailable` while the signer is away */
  sign(frontier: Frontier): Promise<string>;
}
