/** Unpredictable numbers. Simulation supplies a seeded one. */
export interface Random {
  bytes(length: number): Uint8Array;
  /** Uniform over all signed 32-bit integers. */
  int32(): number;
  /** A version 4 UUID. */
  uuid(): string;
  /** Uniform in [0, 1). */
  fraction(): number;
}
