import type { Statement, StatementResult } from '../../backend.ts';

/** What the SQLite thread is asked; `connection` numbers the connections that it holds. */
export type ThreadRequest =
  | {
      readonly kind: 'begin';
      readonly connection: number;
      readonly write: boolean;
      /** How long SQLite itself may wait for another process's lock. */
      readonly patience: number;
      readonly gate: Gate;
    }
  | { readonly kind: 'run'; readonly connection: number; readonly statements: readonly Statement[] }
  | { readonly kind: 'commit'; readonly connection: number }
  | { readonly kind: 'rollback'; readonly connection: number }
  | { readonly kind: 'close' };

export interface NumberedRequest {
  readonly id: number;
  readonly request: ThreadRequest;
}

export type ThreadAnswer =
  | { readonly id: number; readonly results: readonly StatementResult[] }
  | { readonly id: number; readonly error: { readonly code: string; readonly message: string } };

/**
 * One shared word per transaction, in which caller and thread race for its end: whoever first turns `open` into
 * something else has decided, so that a deadline and a commit can never both win.
 */
export type Gate = Int32Array<SharedArrayBuffer>;

export const gateStates = { open: 0, abandoned: 1, committing: 2 } as const;

/** The thread's own error code for a statement of an abandoned transaction. */
export const abandonedCode = 'CUSTODY_ABANDONED';
