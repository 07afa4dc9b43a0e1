import type { RequestTrace } from '#core/ports/request-trace.ts';
import type { Revocations } from './revocations.ts';

/** What agents are told that enrol. */
export interface AgentRequestSettings {
  /** The organisation's recovery recipient (age). */
  readonly recoveryRecipient: string;
  /** Bytes in one PATCH of an upload at most. Default: `uploadChunkBytes`. */
  readonly uploadChunkBytes?: number;
  /** Who was revoked: what they are just sending is broken off. */
  readonly revocations?: Revocations;
}

/** How a request reached the server. */
export interface AgentConnection {
  readonly remoteAddress: string;
  readonly trace?: RequestTrace;
}
