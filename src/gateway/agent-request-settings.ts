import type { RequestTrace } from '#core/ports/request-trace.ts';

/** What agents are told that enrol. */
export interface AgentRequestSettings {
  /** The organisation's recovery recipient (age). */
  readonly recoveryRecipient: string;
  /** Bytes in one PATCH of an upload at most. Default: `uploadChunkBytes`. */
  readonly uploadChunkBytes?: number;
}

/** How a request reached the server. */
export interface AgentConnection {
  readonly remoteAddress: string;
  readonly trace?: RequestTrace;
}
