/** What agents are told that enrol. */
export interface AgentRequestSettings {
  /** The organisation's recovery recipient (age). */
  readonly recoveryRecipient: string;
}

/** How a request reached the server. */
export interface AgentConnection {
  readonly remoteAddress: string;
}
