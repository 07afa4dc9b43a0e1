/** Authenticated encryption of small secrets at rest, under a key that is not in the store. */
export interface Secrets {
  seal(plain: Uint8Array): Uint8Array;
  /** @throws Fault `internal` when the bytes were sealed under another key or altered. */
  open(sealed: Uint8Array): Uint8Array;
}
