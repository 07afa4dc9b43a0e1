/** Slow password hashing (argon2id), off the event loop. */
export interface Passwords {
  /** @returns the PHC string to store. */
  hash(password: string): Promise<string>;
  /** An undefined hash costs the same time as a wrong one, so that nobody learns which users exist. */
  verify(password: string, hash: string | undefined): Promise<boolean>;
}
