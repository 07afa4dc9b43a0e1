import type { Ports } from '../ports/ports.ts';

export type DeliveryPorts = Pick<Ports, 'store' | 'clock' | 'random' | 'secrets' | 'log'> & {
  readonly sender: Pick<Ports['feeds'], 'send'>;
};

/** One process's turn at a feed. */
export interface Turn {
  /** A name of this process that no other one has. */
  readonly holder: string;
  readonly stopping: AbortSignal;
  /** Told of each attempt. */
  count(result: DeliveryResult): void;
}

export type DeliveryResult = 'delivered' | 'failed' | 'given_up';
