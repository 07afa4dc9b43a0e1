import type { BackendTransaction, Statement, StatementResult } from '../../backend.ts';
import { type Gate, gateStates } from './protocol.ts';
import type { StoreThread } from './thread.ts';

export interface Lease {
  readonly thread: StoreThread;
  readonly connection: number;
  readonly gate: Gate;
  readonly giveBack: () => void;
}

export class SqliteTransaction implements BackendTransaction {
  readonly #lease: Lease;
  #ending: Promise<void> | undefined;

  constructor(lease: Lease) {
    this.#lease = lease;
  }

  run(statements: readonly Statement[]): Promise<readonly StatementResult[]> {
    const { thread, connection } = this.#lease;
    return thread.request({ kind: 'run', connection, statements });
  }

  async commit(): Promise<void> {
    const { thread, connection } = this.#lease;
    await thread.request({ kind: 'commit', connection });
    this.#ending ??= Promise.resolve();
    this.#lease.giveBack();
  }

  abandon(): boolean {
    const { gate } = this.#lease;
    return Atomics.compareExchange(gate, 0, gateStates.open, gateStates.abandoned) !== gateStates.committing;
  }

  rollback(): Promise<void> {
    this.#ending ??= this.#rollBack();
    return this.#ending;
  }

  /** The connection goes back only after the thread has rolled back, so the next transaction starts clean. */
  async #rollBack(): Promise<void> {
    const { thread, connection, giveBack } = this.#lease;
    this.abandon();
    try {
      await thread.request({ kind: 'rollback', connection });
    } catch {
      // A connection that cannot even roll back takes its thread with it, and the lock with the thread.
      await thread.terminate();
    } finally {
      giveBack();
    }
  }
}
