/** `full`: taken, but send no more orders before `drained`. `lost`: the connection is gone, or too far behind. */
export type SendResult = 'sent' | 'full' | 'lost';

/** Where a session's frames go: one connection, of whatever transport. */
export interface FrameSink {
  /** In order. Never throws and never waits. */
  send(frame: Uint8Array): SendResult;
  /** Asks the other end for a sign of life, which comes back as `ponged` with the same bytes, at most 125. False: the connection is gone. */
  ping(payload: Uint8Array): boolean;
  /** After what was sent. The transport then calls the session's `closed`, once. */
  close(why: string): void;
}
