import type { MayBegin } from '../operations/may-begin.ts';

/** What a running task heeds. */
export interface Heed {
  /** The agent is stopping: whatever runs is left as it is, for the agent's next life. */
  readonly signal: AbortSignal;
  readonly gate: Pick<TaskGate, 'mayBegin' | 'closed'>;
}

/** Stands before each file of one task: open, closed for good, or halted. */
export class TaskGate {
  readonly #isHalted: () => boolean;
  readonly #closing = new AbortController();
  #why: 'cancelled' | 'expired' | undefined;

  constructor(isHalted: () => boolean) {
    this.#isHalted = isHalted;
  }

  mayBegin(): MayBegin {
    return this.#why ?? (this.#isHalted() ? 'halted' : 'go');
  }

  /** Given when nothing further of the task will ever be begun. */
  get closed(): AbortSignal {
    return this.#closing.signal;
  }

  /** The first reason counts. */
  close(why: 'cancelled' | 'expired'): void {
    this.#why ??= why;
    this.#closing.abort();
  }
}
