import type { OrderSigner } from '#core/ports/order-signer.ts';
import type { Ports } from '#core/ports/ports.ts';

/** What the gateway asks of the outside. */
export type GatewayPorts = Pick<Ports, 'store' | 'clock' | 'random' | 'log' | 'policy'> & {
  readonly signer: OrderSigner;
};

/** With what witnesses of the ledger are told, and how far the time can be believed. */
export type AgentGatewayPorts = GatewayPorts & Pick<Ports, 'checkpoints' | 'clockGuard'>;
