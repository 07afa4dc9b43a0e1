/** Holds the order key: in this process, under another user, or on another host. */
export interface OrderSigner {
  /** Ed25519, 32 bytes; pinned by every agent at enrolment. */
  readonly publicKey: Uint8Array;
  /**
   * Signs whole orders, in the order given. @throws Fault `unavailable` while the signer is away.
   * @returns one 64-byte signature per order.
   */
  sign(orders: readonly Uint8Array[]): Promise<readonly Uint8Array[]>;
}
