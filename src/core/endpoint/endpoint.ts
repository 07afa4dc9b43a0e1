import type { Milliseconds } from '../time.ts';
import type { EndpointId, EndpointNumber } from './endpoint-id.ts';
import type { Platform } from './platform.ts';

/** What an agent tells of its machine each time it connects. */
export interface HostFacts {
  readonly hostName: string;
  readonly platform: Platform;
  readonly operatingSystem: string;
  readonly operatingSystemVersion: string;
  readonly architecture: string;
  readonly addresses: readonly string[];
  readonly macAddresses: readonly string[];
  readonly users: readonly string[];
  readonly domain: string;
  readonly agentVersion: string;
  /** The directories that the agent inventories, displayed. */
  readonly roots: readonly string[];
  /** What this agent may not do, in words, because of the user that it runs as. */
  readonly limitations: readonly string[];
}

/** A machine with an enrolled agent. */
export interface Endpoint extends HostFacts {
  readonly id: EndpointId;
  readonly number: EndpointNumber;
  /** Ed25519, 32 bytes. */
  readonly devicePublicKey: Uint8Array;
  /** The age recipient of the device's vault key. */
  readonly vaultRecipient: string;
  readonly alias: string;
  readonly tags: readonly string[];
  readonly enrolledAt: Milliseconds;
  readonly lastSeen: Milliseconds;
  /** Until when the server that holds the agent's connection vouches for it; null once it closed. */
  readonly connectedUntil: Milliseconds | null;
  readonly revokedAt: Milliseconds | null;
  /** Since when it is put aside: left out where endpoints are listed without being named. Null: it is not. */
  readonly archivedAt: Milliseconds | null;
  /** Why it was put aside, or brought back. */
  readonly archiveReason: string;
}
