import type { EndpointId } from '../endpoint/endpoint-id.ts';

/**
 * Tells whoever holds an endpoint's connection that the store has work for it. Every ring may be lost without harm:
 * the store is the truth, and a connecting agent is given all that is open.
 */
export interface Doorbell {
  readonly reach: 'process' | 'cluster';
  /** Never throws and never waits. Rung after the commit. */
  ring(endpoints: readonly EndpointId[]): void;
  /** As `ring`: the emergency stop was engaged or released. Whoever holds connections looks, and tells all agents. */
  stopChanged(): void;
}
