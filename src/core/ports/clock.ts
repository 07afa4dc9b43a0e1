import type { Milliseconds } from '../time.ts';

/** Time. Simulation supplies its own, so nothing else in the product asks the runtime what time it is. */
export interface Clock {
  /** Wall time. May jump in either direction. */
  now(): Milliseconds;
  /** Never goes back; only differences mean something. */
  monotonic(): Milliseconds;
  /** Calls once after `delay`; the returned function withdraws the call. */
  schedule(delay: Milliseconds, call: () => void): () => void;
}
